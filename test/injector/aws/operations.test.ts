/** Tests answers of success that are not what AWS sends, from test/fixtures/answers. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { OperationName } from '../../../injector/aws/operations.ts';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { createWorld, parameter, secret } from '../support/world.ts';

type Bodies = Readonly<Record<string, string | Uint8Array>>;

const FILE = new URL('../../fixtures/answers/unreadable.yaml', import.meta.url);
const { BatchGetSecretValue: BATCHES, ...ANSWERS }: Readonly<Record<OperationName, Bodies>> = parse(
  readFileSync(FILE, 'utf8'),
);

/** May be without files, so that an empty list would be no failure. */
const folders = [{ path: 'all', mode: '0444', slash: '/', optional: true as const }];

/** Has a configuration for which the operation is asked for. */
const ASKING: Readonly<Record<keyof typeof ANSWERS, Partial<InjectorConfig>>> = {
  DescribeParameters: { searches: [{ service: 'ssm', path: '/app', tags: { team: 'a' }, folders }] },
  GetParameters: { objects: [parameter('/port', 'port')] },
  GetParametersByPath: { searches: [{ service: 'ssm', path: '/app', folders }] },
  GetSecretValue: { objects: [secret('db')] },
  ListSecrets: { searches: [{ service: 'secretsmanager', tags: { team: 'a' }, folders }] },
};

for (const operation of Object.keys(ANSWERS) as (keyof typeof ANSWERS)[]) {
  for (const [what, body] of Object.entries(ANSWERS[operation])) {
    t.test(`${operation}: ${what} ends with a transient failure that names the operation`, async (t) => {
      const world = await createWorld(t);
      world.aws.fault({ operation, effect: { kind: 'body', body } });
      const config = { ...world.config([], { retryTimeoutSeconds: 1 }), ...ASKING[operation] };
      const { exitCode, message, log } = await world.run(config);
      t.equal(exitCode, 20, message);
      t.match(
        message,
        new RegExp(`:${operation} failed: the answer is not what AWS sends|answered [a-z]+:${operation} without`),
      );
      t.notMatch(message + log, 'canary');
      t.strictSame(world.files(), []);
    });
  }
}

for (const [what, body] of Object.entries(BATCHES)) {
  t.test(`BatchGetSecretValue: ${what} has the secrets read one by one`, async (t) => {
    const world = await createWorld(t);
    for (const name of ['db', 'key']) world.aws.setSecret({ name, value: name });
    world.aws.fault({ operation: 'BatchGetSecretValue', effect: { kind: 'body', body } });
    const { exitCode, message } = await world.run(world.config([secret('db'), secret('key')], { batch: true }));
    t.equal(exitCode, 0, message);
    t.strictSame([world.read('db'), world.read('key')], ['db', 'key']);
  });
}
