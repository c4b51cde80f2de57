/** A CA bundle that is mounted from a ConfigMap. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import t, { type Test } from 'tap';
import { CA_FILE } from '../../../injector/contract/names.ts';
import { createWorld, secret } from '../support/world.ts';

const caBundleConfigMap = { name: 'corporate-ca', key: 'bundle.pem' };

async function start(t: Test, bundle?: (own: string) => string) {
  const world = await createWorld(t, undefined, { tls: true });
  world.aws.setSecret({ name: 'db', value: 'x' });
  const file = join(world.root, CA_FILE);
  mkdirSync(dirname(file), { recursive: true });
  if (bundle !== undefined) writeFileSync(file, bundle(world.aws.certificate ?? ''));
  return { ...world, config: world.config([secret('db')], { aws: { endpointUrl: world.aws.url, caBundleConfigMap } }) };
}

for (const how of ['run', 'spawn'] as const) {
  t.test(`every authority of a full bundle is trusted (${how})`, async (t) => {
    const world = await start(t, (own) => [...rootCertificates, own].join('\n'));
    const outcome = how === 'run' ? await world.run(world.config) : await world.spawn(world.config).finished;
    t.equal(outcome.exitCode, 0, outcome.message);
  });
}

t.test('a ConfigMap without certificates is named with its key', async (t) => {
  const world = await start(t, () => 'none yet');
  const { exitCode, message } = await world.run(world.config);
  t.match(message, /ConfigMap "corporate-ca".*key "bundle\.pem" holds no certificate in PEM\..*\[ASI_CFG_CA]/);
  t.equal(exitCode, 10);
});

t.test('a ConfigMap that is not mounted is named', async (t) => {
  const world = await start(t);
  const { message } = await world.run(world.config);
  t.match(message, /ConfigMap "corporate-ca".*key "bundle.pem" can not be read\..*\[ASI_CFG_CA]/);
});
