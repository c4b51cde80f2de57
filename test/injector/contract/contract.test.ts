/** Tests that nothing changes by accident of what the webhook and the injector, which may be of two releases, agree on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import * as defaults from '../../../injector/contract/defaults.ts';
import * as encode from '../../../injector/contract/encode.ts';
import * as formats from '../../../injector/contract/env-file-formats.ts';
import * as filters from '../../../injector/contract/filters.ts';
import * as names from '../../../injector/contract/names.ts';
import * as paths from '../../../injector/contract/paths.ts';
import * as rotation from '../../../injector/contract/rotation.ts';
import * as runtime from '../../../injector/contract/runtime-variables.ts';
import * as services from '../../../injector/contract/services.ts';
import * as sync from '../../../injector/contract/sync.ts';
import * as variables from '../../../injector/contract/variables.ts';

const MODULES = {
  defaults,
  encode,
  'env-file-formats': formats,
  filters,
  names,
  paths,
  rotation,
  'runtime-variables': runtime,
  services,
  sync,
  variables,
};

/** Returns the value as YAML has it. */
function plain(value: unknown): unknown {
  if (value instanceof RegExp) return String(value);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (value instanceof Set || Array.isArray(value)) return [...value].map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

const agreed = parse(readFileSync(join(import.meta.dirname, '../../fixtures/config/contract.yaml'), 'utf8'));

for (const [name, module] of Object.entries(MODULES)) {
  t.test(`${name} has what both programs know by it`, async (t) => {
    const values = Object.entries(module).filter(([, value]) => typeof value !== 'function');
    t.strictSame(plain(Object.fromEntries(values)), agreed[name]);
  });
}

t.test('the places of variables are known by their containers and Secrets', async (t) => {
  t.equal(names.shellFolderOf('app'), '.containers/app');
  t.equal(sync.roleNameFor('shop'), 'aws-secrets-injector-shop');
});

t.test('a word before the colon of a reference names its service', async (t) => {
  const words = ['secretsmanager', 'ssm', 'ssmparameter', 'parameter'];
  t.strictSame(words.map(services.serviceOfPrefix), ['secretsmanager', 'ssm', 'ssm', undefined]);
  t.strictSame(services.prefixesOf(), ['secretsmanager', 'ssm', 'ssmparameter']);
  t.strictSame(
    services.prefixesOf(({ hasPaths }) => hasPaths === true),
    ['ssm', 'ssmparameter'],
  );
});

t.test("the format of an env file follows from its name, at the name's end or its beginning", async (t) => {
  const paths = [
    'a.json',
    'x/a.json',
    '.env',
    'x/.env',
    '.env.local',
    'x/.env.json',
    'app.env',
    'x.json/env',
    '.envrc',
  ];
  const found = ['json', 'json', 'dotenv', 'dotenv', 'dotenv', 'json', 'shell', 'shell', 'shell'];
  t.strictSame(paths.map(formats.formatOfName), found);
});
