import t from 'tap';
import { encodeEnvFile } from '../../injector/env-file.ts';
import type { Variable } from '../../injector/environment-variable.ts';
import { Secret } from '../../injector/secret.ts';
import { filledBy } from '../../webhook/mutate/size.ts';

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
      const [volume] = filledBy({
        objects: [{ service: 'secretsmanager', name: 'all', expansions: [{ prefix }] }],
        envFile: { path: 'env', format, mode: '0644' },
      });
      t.equal(volume?.name, 'aws-secrets');
      t.ok((volume?.bytes ?? 0) >= 2 * content.length, `${volume?.bytes} for ${content.length}`);
    });
  }
}
