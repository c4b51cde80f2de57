import t from 'tap';
import { ENV_FILE_FORMATS } from '../../../../injector/contract/env-file-formats.ts';
import { FILTERS } from '../../../../injector/contract/filters.ts';
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

for (const format of ENV_FILE_FORMATS) {
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
  const { files, failures } = kubeletFiles([{ path: 'A', key: 'A', value }], 'kubelet');
  t.same(failures, []);
  const [volume] = filledVolumes({
    objects: [{ service: 'secretsmanager', name: 'all', environment: [{ path: 'A', key: 'A' }] }],
    environment: environment('kubelet'),
  });
  t.ok((volume?.bytes ?? 0) >= 2 * (files[0]?.content.length ?? 0));
});

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** Returns how long the character that grows most makes a value of the largest size, less the name that a line of docker needs too. */
function worst(lengthOf: (value: Buffer) => number): number {
  const lengths = ASCII.map((character) => lengthOf(Buffer.from(character.repeat(1024))));
  return lengthOf(Buffer.from((ASCII[lengths.indexOf(Math.max(...lengths))] ?? '').repeat(LARGEST - 16)));
}

for (const filter of FILTERS) {
  t.test(`holds a template of the largest value through ${filter} twice`, async (t) => {
    const length = worst((bytes) => {
      const piped = applyFilter(filter, { bytes, isJson: false });
      return typeof piped === 'string' ? 0 : piped.bytes.length;
    });
    const [volume] = filledVolumes({
      objects: [{ service: 'secretsmanager', name: 'all' }],
      templates: [{ path: 't', mode: '0644', parts: ['before ', { object: 0, filters: [filter] }, ' after'] }],
    });
    t.ok(length > 0 && (volume?.bytes ?? 0) >= 2 * (length + 'before  after'.length), `${volume?.bytes} for ${length}`);
  });
}

for (const format of ENV_FILE_FORMATS) {
  t.test(`holds the largest value in the format ${format} twice`, async (t) => {
    const length = worst((value) => {
      const { content, failures } = encodeEnvFile(format, [{ name: 'A', value: new Secret(value) }]);
      return failures.length > 0 ? 0 : content.length;
    });
    const [volume] = filledVolumes({
      objects: [{ service: 'secretsmanager', name: 'all', variables: [{ name: 'A' }] }],
      envFile: { path: 'env', format, mode: '0644' },
    });
    t.ok(length > 0 && (volume?.bytes ?? 0) >= 2 * length, `${volume?.bytes} for ${length}`);
  });
}

for (const [reader, templateVariable, config] of [
  ['kubelet', { kubelet: true as const }, { environment: environment('kubelet') }],
  ['shell', {}, { environment: environment('shell') }],
  ['env file', {}, { envFile: { path: 'env', format: 'json' as const, mode: '0644' } }],
] as const) {
  t.test(
    `holds a variable of a template of the largest value through urlencode twice, for the ${reader}`,
    async (t) => {
      const [volume] = filledVolumes({
        objects: [{ service: 'secretsmanager', name: 'all' }],
        templateVariables: [{ name: 'A', ...templateVariable, parts: [{ object: 0, filters: ['urlencode'] }] }],
        ...config,
      });
      t.ok((volume?.bytes ?? 0) >= 2 * 3 * LARGEST, `${volume?.bytes}`);
    },
  );
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

t.test('counts each part of what a search finds, and its keys, as the values themselves', async (t) => {
  const folder = { path: '', mode: '0644', slash: '_' };
  const parts = ['a', 'b'].map((path) => ({ path, mode: '0644', jmesPath: path }));
  const bytesOf = (more: object) =>
    filledVolumes({
      objects: [],
      searches: [{ service: 'secretsmanager', prefix: 'a-', folders: [{ ...folder, ...more }] }],
    }).map(({ bytes }) => bytes / 2 ** 20);
  t.strictSame([{}, { expand: true }, { parts }, { parts, expand: true }].map(bytesOf), [[16], [16], [32], [48]]);
});
