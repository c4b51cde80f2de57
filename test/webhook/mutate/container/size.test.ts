import t from 'tap';
import type { FilterName } from '../../../../injector/contract/filters.ts';
import { encodeEnvFile } from '../../../../injector/environment/env-file.ts';
import { kubeletFiles } from '../../../../injector/environment/kubelet.ts';
import { encodeShellFile } from '../../../../injector/environment/shell.ts';
import type { Variable } from '../../../../injector/environment/variable.ts';
import { applyFilter } from '../../../../injector/render/filter.ts';
import { Secret } from '../../../../injector/secret.ts';
import { filledVolumes } from '../../../../webhook/mutate/container/size.ts';

/** A secret of 64 KiB with as many keys as it can hold: each costs more in the env file than in the secret. */
function shortest(prefix: string): Variable[] {
  const variables: Variable[] = [];
  for (let room = 64 * 1024; room > 0; ) {
    const key = variables.length.toString(36);
    variables.push({ name: prefix + key, value: new Secret('0') });
    room -= `"${key}":0,`.length;
  }
  return variables;
}

for (const format of ['shell', 'dotenv', 'docker', 'json'] as const) {
  for (const prefix of ['_', 'A_LONG_PREFIX_THAT_EVERY_SINGLE_VARIABLE_OF_THE_APP_HAS_']) {
    t.test(`holds the variables of the largest secret twice: ${format}, ${prefix}`, async (t) => {
      const { content, failures } = encodeEnvFile(format, shortest(prefix));
      t.same(failures, []);
      const [volume] = filledVolumes({
        objects: [{ service: 'secretsmanager', name: 'all', expansions: [{ prefix }] }],
        envFile: { path: 'env', format, mode: '0644' },
      });
      t.equal(volume?.name, 'aws-secrets');
      t.ok((volume?.bytes ?? 0) >= 2 * content.length, `${volume?.bytes} for ${content.length}`);
    });
  }
}

const LARGEST = 64 * 1024;
const environment = (delivery: 'kubelet' | 'shell') => ({
  directory: '/run/aws-secrets-injector/environment',
  delivery,
});

for (const prefix of ['_', 'A_LONG_PREFIX_THAT_EVERY_SINGLE_VARIABLE_OF_THE_APP_HAS_']) {
  t.test(`holds what the shell sources of the largest secret twice: ${prefix}`, async (t) => {
    const { content } = encodeShellFile(shortest(prefix));
    const [volume] = filledVolumes({
      objects: [{ service: 'secretsmanager', name: 'all', expansions: [{ prefix }] }],
      environment: environment('shell'),
    });
    t.equal(volume?.name, 'aws-secrets-env');
    t.ok((volume?.bytes ?? 0) >= 2 * content.length, `${volume?.bytes} for ${content.length}`);
  });
}

t.test('holds the largest value for the kubelet twice', async (t) => {
  const value = new Secret(`${'x'.repeat(LARGEST / 2)}\n`.repeat(2).slice(0, LARGEST));
  const { files, failures } = kubeletFiles([{ path: 'A', key: 'A', value, optional: false, default: undefined }]);
  t.same(failures, []);
  const [volume] = filledVolumes({
    objects: [{ service: 'secretsmanager', name: 'all', environment: [{ path: 'A', key: 'A' }] }],
    environment: environment('kubelet'),
  });
  t.ok((volume?.bytes ?? 0) >= 2 * (files[0]?.content.length ?? 0));
});

/** What each filter makes longest. */
const WORST: Record<FilterName, string> = {
  json: '\u0001',
  base64: 'x',
  base64decode: 'eHh4',
  urlencode: '%',
  shell: "'",
  properties: '\u0001',
};

for (const [filter, character] of Object.entries(WORST) as [FilterName, string][]) {
  t.test(`holds a template of the largest value through ${filter} twice`, async (t) => {
    const bytes = Buffer.from(character.repeat(LARGEST / character.length));
    const piped = applyFilter(filter, { bytes, isJson: false });
    if (typeof piped === 'string') throw new Error(piped);
    const [volume] = filledVolumes({
      objects: [{ service: 'secretsmanager', name: 'all' }],
      templates: [{ path: 't', mode: '0644', parts: ['before ', { object: 0, filters: [filter] }, ' after'] }],
    });
    t.ok((volume?.bytes ?? 0) >= 2 * (piped.bytes.length + 'before  after'.length));
  });
}

t.test('has a volume for each directory that something is written into, and no other', async (t) => {
  const directory = '/run/aws-secrets-injector/volumes/secrets';
  const volumes = filledVolumes({
    objects: [{ service: 'ssm', name: '/key', files: [{ directory, path: 'key', mode: '0644' }] }],
    searches: [{ service: 'ssm', path: '/app', folders: [{ path: '', mode: '0644', slash: '/' }] }],
    environment: { ...environment('kubelet'), sentinel: true },
  });
  t.same(volumes, [
    { name: 'secrets', directory, bytes: 16 * 1024 },
    { name: 'aws-secrets', directory: '/run/aws-secrets-injector/secrets', bytes: 8 * 2 ** 20 },
    { name: 'aws-secrets-env', directory: '/run/aws-secrets-injector/environment', bytes: 8192 },
  ]);
});
