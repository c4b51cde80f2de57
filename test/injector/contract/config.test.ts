/** Tests what the injector accepts as its configuration. */
import t from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { decodeConfig } from '../../../injector/contract/encode.ts';

const config = {
  version: 1,
  namespace: 'shop',
  region: 'eu-west-1',
  identity: { kind: 'pod-identity', addresses: ['http://169.254.170.23/v1/credentials'] },
  objects: [],
};

const secretive: [what: string, change: Partial<InjectorConfig>][] = [
  ['a proxy with a user and a password', { aws: { httpsProxy: 'http://user:hunter2@proxy:3128' } }],
  ['an endpoint with a query', { aws: { endpoints: { ssm: 'https://ssm.internal/?key=hunter2' } } }],
  ['an agent with a password', { identity: { ...config.identity, addresses: ['http://:hunter2@agent/'] } as never }],
  ['a private key among the CAs', { aws: { caBundle: '-----BEGIN RSA PRIVATE KEY-----\nhunter2' } }],
];
for (const [what, change] of secretive) {
  t.test(`refuses ${what} without repeating it`, async (t) => {
    t.doesNotThrow(() => decodeConfig(JSON.stringify(config)));
    const decode = () => decodeConfig(JSON.stringify({ ...config, ...change }));
    t.throws(decode, { name: 'ConfigError', message: /must (have|hold) / });
    t.throws(decode, { message: /^(?!.*hunter2)/s });
  });
}
