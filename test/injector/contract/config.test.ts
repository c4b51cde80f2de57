/** Tests what the injector accepts as its configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { decodeConfig, encodeConfig } from '../../../injector/contract/encode.ts';
import { changed as changedAt, type Path, pathsIn } from '../../support/members.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/config');

function fixture<T>(name: string): T {
  return parse(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8')) as T;
}

const full = fixture<InjectorConfig>('full');

/** Returns the full configuration as text, with another value at one path. */
const changed = (path: Path, value: unknown) => JSON.stringify(changedAt(full, path, value));

t.test('every member is read, and what was written is read again', async (t) => {
  t.strictSame(decodeConfig(JSON.stringify(full)), full);
  t.strictSame(decodeConfig(encodeConfig(full)), full);
});

t.test('members that have their defaults are not written, and are there when the configuration is read', async (t) => {
  for (const { written, read } of fixture<{ written: unknown; read: InjectorConfig }[]>('short')) {
    t.same(decodeConfig(JSON.stringify(written)), read);
    t.strictSame(JSON.parse(encodeConfig(read)), written);
  }
});

/** The members whose names the user of an app chooses. */
const FREE = /(^|\.)(tags|labels|annotations)$/;

t.test('an unknown member is refused wherever it stands', async (t) => {
  for (const [path, value] of pathsIn(full)) {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || FREE.test(path.join('.'))) continue;
    t.throws(() => decodeConfig(changed([...path, 'unknown'], 1)), { name: 'ConfigError' }, path.join('.'));
  }
});

t.test('tags, labels and annotations have any name', async (t) => {
  const texts = { constructor: 'a', prototype: 'b', toString: 'c' };
  for (const [path] of pathsIn(full)) {
    if (!FREE.test(path.join('.'))) continue;
    const wanted = changed(path, texts);
    t.strictSame(decodeConfig(wanted), JSON.parse(wanted), path.join('.'));
    t.throws(() => decodeConfig(changed(path, ['a'])), { name: 'ConfigError' }, path.join('.'));
  }
});

t.test('a list is refused wherever an object stands', async (t) => {
  for (const [path, value] of pathsIn(full)) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) continue;
    t.throws(() => decodeConfig(changed(path, [])), { name: 'ConfigError' }, path.join('.'));
  }
});

t.test('all unknown members are named at once', async (t) => {
  const decode = () => decodeConfig(JSON.stringify({ ...full, log: { level: 'info', a: 1, b: 2 }, c: 3 }));
  t.throws(decode, { name: 'ConfigError', message: /^log\.a is not known; log\.b is not known; c is not known$/ });
});

/** The texts that may be empty: those of the user, and names that something is put before. */
const EMPTY = /(^|\.)(default|prefix|noProxy|caBundle|(tags|labels|annotations)\.\w+|parts\.0|folders\.0\.path)$/;

t.test('an empty text is refused, except where nothing is a value', async (t) => {
  for (const [path, value] of pathsIn(full)) {
    if (typeof value !== 'string') continue;
    const decode = () => decodeConfig(changed(path, ''));
    const at = path.join('.');
    if (EMPTY.test(at) && at !== 'searches.1.prefix') t.doesNotThrow(decode, at);
    else t.throws(decode, { name: 'ConfigError' }, at);
  }
});

type Member = { at: string; accepted?: unknown[]; refused: unknown[]; message?: string };

for (const { at, accepted = [], refused, message = at } of fixture<Member[]>('members')) {
  t.test(`${at} is refused where it is none: ${JSON.stringify(refused)}`, async (t) => {
    const path = at.split('.');
    for (const value of accepted) t.doesNotThrow(() => decodeConfig(changed(path, value)), JSON.stringify(value));
    for (const value of refused) {
      t.throws(() => decodeConfig(changed(path, value)), { name: 'ConfigError', message }, JSON.stringify(value));
    }
  });
}

t.test('what is no JSON is refused in these words', async (t) => {
  t.throws(() => decodeConfig('{'), { name: 'ConfigError', message: /^it is not JSON$/ });
});

t.test('a dollar sign is written so that the kubelet expands nothing', async (t) => {
  const text = encodeConfig({ ...full, namespace: '$(HOME)$$' });
  t.notMatch(text, /\$/);
  t.equal(decodeConfig(text).namespace, '$(HOME)$$');
});

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
