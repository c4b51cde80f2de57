import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { readSettings, type Settings } from '../../webhook/settings.ts';
import { changed, pathsIn } from '../support/members.ts';

const certificates = {
  secretName: 'aws-secrets-injector-tls',
  serviceName: 'aws-secrets-injector',
  webhookConfigurationName: 'aws-secrets-injector',
};

t.test('fills in what the chart leaves out', async (t) => {
  const read = readSettings(JSON.stringify({ injector: { image: 'x' }, certificates }));
  t.match(read, {
    ok: true,
    settings: {
      port: 9443,
      healthPort: 8080,
      logLevel: 'info',
      injector: { image: 'x', pullPolicy: 'IfNotPresent', logLevel: 'info' },
      aws: {},
      takeOverCsiVolumes: 'fargate',
      takeOverExternalSecrets: 'annotated',
      maxConcurrentReviews: 64,
      certificates: { mode: 'self-managed' },
    },
  });
});

t.test('takes an empty string for an absent setting', async (t) => {
  const aws = { region: '', endpointUrl: '', endpoints: { sts: '' }, httpsProxy: '' };
  const read = readSettings(JSON.stringify({ injector: { image: 'x', logLevel: '' }, aws, certificates }));
  t.same(read.ok && read.settings.aws, { endpoints: {} });
});

t.test('reads the interval of a rotation as an annotation would be read', async (t) => {
  const settingsWith = (rotation: string) =>
    readSettings(JSON.stringify({ injector: { image: 'x', rotation }, certificates }));
  const read = settingsWith('1h30m');
  t.equal(read.ok && read.settings.injector.rotation, 5400);
  const wrong = settingsWith('1s');
  t.match(wrong.ok ? '' : wrong.problem, /injector\.rotation "1s" is out of bounds; write a duration from 30s to 30d$/);
});

t.test('says all that is wrong at once', async (t) => {
  const wrong = {
    port: 0,
    injector: {},
    aws: { regio: 'x', endpoints: { podIdentity: 'x' } },
    takeOverCsiVolumes: 'x',
  };
  const read = readSettings(JSON.stringify({ ...wrong, certificates }));
  t.notOk(read.ok);
  const problem = read.ok ? '' : read.problem;
  for (const part of ['port', 'injector.image', 'regio', 'aws.endpoints.podIdentity', 'takeOverCsiVolumes'])
    t.match(problem, part);
});

const secretive: [what: string, aws: object, where: string, why: RegExp][] = [
  [
    'a user and a password',
    { httpsProxy: 'http://user:hunter2@proxy:3128' },
    'aws.httpsProxy',
    /no user and no password/,
  ],
  ['a user alone', { endpointUrl: 'https://hunter2@localhost' }, 'aws.endpointUrl', /no user and no password/],
  [
    'a password behind backslashes',
    { endpointUrl: 'http:\\\\u:hunter2@x' },
    'aws.endpointUrl',
    /must be a URL that begins/,
  ],
  ['a query', { endpoints: { sts: 'https://sts/?hunter2' } }, 'aws.endpoints.sts', /no query and no fragment/],
  ['a fragment', { endpoints: { podIdentity: 'http://a/#hunter2' } }, 'aws.endpoints.podIdentity', /no query and no/],
  ['a private key', { caBundle: '-----BEGIN PRIVATE KEY-----\nhunter2' }, 'aws.caBundle', /certificates only/],
];
for (const [what, aws, where, why] of secretive) {
  t.test(`refuses ${what} where every pod would show it, without repeating it`, async (t) => {
    const read = readSettings(JSON.stringify({ injector: { image: 'x' }, aws, certificates }));
    const problem = read.ok ? '' : read.problem;
    t.match(problem, where);
    t.match(problem, why);
    t.notMatch(problem, 'hunter2');
  });
}

t.test('says that there are none, or no JSON', async (t) => {
  t.match(readSettings(undefined), { ok: false, problem: /is not set/ });
  t.match(readSettings('{'), { ok: false, problem: /is not JSON/ });
});

const inFolder = { directory: '/tls', serviceName: 'hook', webhookConfigurationName: 'hook' };

t.test(
  'takes certificates of cert-manager, and provided ones whose CA the webhook publishes if nobody else does',
  (t) => {
    const read = (certificates: object) => {
      const settings = readSettings(JSON.stringify({ injector: { image: 'x' }, certificates }));
      return settings.ok ? settings.settings.certificates : settings.problem;
    };
    t.same(read({ mode: 'cert-manager', ...inFolder }), { mode: 'cert-manager', ...inFolder });
    t.match(read({ mode: 'provided', directory: '/tls' }), { directory: '/tls', caBundle: 'ca.crt' });
    t.match(read({ mode: 'provided', ...inFolder, caBundle: 'given' }), { caBundle: 'given' });
    t.match(read({ mode: 'provided' }), /certificates\.directory/);
    t.match(read({ mode: 'self-managed', ...inFolder }), /directory/);
    t.match(read({ mode: 'manual' }), /certificates\.mode/);
    t.end();
  },
);

function fixture<Content>(name: string): Content {
  return parse(readFileSync(join(import.meta.dirname, '../fixtures/settings', `${name}.yaml`), 'utf8')) as Content;
}

const full = fixture<Settings>('full');

const read = (settings: unknown) => {
  const result = readSettings(JSON.stringify(settings));
  return result.ok ? result.settings : result.problem;
};

t.test('every member is read', async (t) => {
  t.strictSame(read(full), { ...full, injector: { ...full.injector, rotation: 3600 } });
});

t.test('members that are left out have their defaults', async (t) => {
  for (const each of fixture<{ written: unknown; read: Settings }[]>('short')) t.same(read(each.written), each.read);
});

t.test('an unknown member is refused wherever it stands', async (t) => {
  for (const [path, value] of pathsIn(full)) {
    if (value === null || typeof value !== 'object' || /(requests|limits)$/.test(path.join('.'))) continue;
    t.match(read(changed(full, [...path, 'unknown'], 1)), /^AWS_SECRETS_INJECTOR_SETTINGS is wrong:/, path.join('.'));
  }
});

type Member = { at: string; accepted?: unknown[]; refused: unknown[] };

for (const { at, accepted = [], refused } of fixture<Member[]>('members')) {
  t.test(`${at} is refused where it is none: ${JSON.stringify(refused)}`, async (t) => {
    for (const value of accepted)
      t.not(typeof read(changed(full, at.split('.'), value)), 'string', JSON.stringify(value));
    for (const value of refused) t.match(read(changed(full, at.split('.'), value)), /is wrong:/, JSON.stringify(value));
  });
}
