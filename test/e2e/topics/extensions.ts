import type { Test } from 'tap';
import { modes, read } from '../harness/files.ts';
import { ended, failure, pod, podSpec, ready } from '../harness/pods.ts';
import { ACCOUNT, createNamespace, roleArn, type World } from '../harness/world.ts';

const OBJECTS = `
- {objectName: e2e/nowhere, objectType: secretsmanager, objectAlias: gone, optional: true}
- {objectName: /e2e/nowhere, objectType: ssmparameter, objectAlias: fallback, default: plan b}
- {objectName: e2e/extensions/json, objectType: secretsmanager, objectAlias: keys, expand: true}
- objectName: e2e/extensions/json
  objectType: secretsmanager
  objectAlias: whole
  jmesPath: [{path: limits, objectAlias: limits, type: any}]
- {path: /e2e/extensions/path/, objectAlias: below}
- {prefix: e2e/extensions/prefix/, objectAlias: found, tags: {team: shop}}
`;

const TEMPLATES = `
app.properties: |
  url=jdbc:postgresql://{{ e2e/db#username | urlencode }}@db/{{ "{{" }}
  key={{ ssm:/e2e/key | base64 }}
`;

/** Tests what ASCP does not have, and what is off unless it is written. */
export async function extensions(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'extensions');
  const expected = plant(world);
  const far = 'arn:aws:iam::210987654321:role/e2e-far';
  const hub = `arn:aws:iam::${ACCOUNT}:role/e2e-hub`;
  world.aws.addRole({
    arn: hub,
    trustedPrincipals: [{ arn: roleArn(namespace) }],
    policy: [{ actions: ['sts:AssumeRole'], resources: [far] }],
  });
  world.aws.addRole({
    arn: far,
    trustedPrincipals: [roleArn(namespace), hub].map((arn) => ({ arn, externalId: 'e2e-external' })),
    policy: [{ actions: ['secretsmanager:*'], resources: ['*'] }],
  });
  world.aws.setSecret({ name: 'e2e/theirs', value: `${world.canary}-theirs`, account: '210987654321' });
  const chained = { files: 'theirs: e2e/theirs', 'role-arn': far };
  await world.kubectl.apply(
    pod(namespace, 'app', { objects: OBJECTS, templates: TEMPLATES, 'path-translation': '.' }, podSpec(world)),
    pod(namespace, 'chained', { ...chained, 'external-id': 'e2e-external' }, podSpec(world)),
    pod(
      namespace,
      'by-hub',
      { ...chained, 'role-arn': `${hub}, ${far}`, 'external-id': 'e2e-external' },
      podSpec(world),
    ),
    pod(namespace, 'stranger', { ...chained, 'external-id': 'e2e-other' }, podSpec(world)),
  );

  await t.test('optional, default, expand, type: any, path, prefix, tags and templates', async (t) => {
    await ready(world, namespace, 'app');
    const target = { namespace, pod: 'app', container: 'app' };
    t.same(Object.keys(await modes(world, target)).sort(), Object.keys(expected).sort());
    for (const [path, value] of Object.entries(expected)) {
      t.equal((await read(world, target, path)).toString(), value, path);
    }
  });

  await t.test(
    "role-arn, also with a role on the way, and external-id lead to another account's secrets",
    async (t) => {
      for (const name of ['chained', 'by-hub']) {
        await ready(world, namespace, name);
        const found = await read(world, { namespace, pod: name, container: 'app' }, 'theirs');
        t.equal(found.toString(), `${world.canary}-theirs`, name);
      }
    },
  );

  await t.test('the wrong external id is refused by AWS, and the role that refused is named', async (t) => {
    t.match(failure(await ended(world, namespace, 'stranger'))?.message, far);
  });
}

/** Puts what is declared into AWS, and what must not be found. Returns the files that come of it. */
function plant({ aws, canary, secrets }: World): Record<string, string> {
  const json = `{"user":"${canary}-expanded","limits":{"max":1.50,"big":12345678901234567890}}`;
  aws.setSecret({ name: 'e2e/extensions/json', value: json });
  const below: Record<string, string> = {};
  for (let index = 0; index < 23; index += 1) {
    const value = `${canary}-below-${index}`;
    aws.setParameter({ name: `/e2e/extensions/path/deep/${index}`, value, type: 'SecureString' });
    below[`below/deep.${index}`] = value;
  }
  const found = { name: 'e2e/extensions/prefix/a', value: `${canary}-found`, tags: { team: 'shop', stage: 'prod' } };
  aws.setSecret(found);
  aws.setSecret({ name: 'e2e/extensions/prefix/b', value: `${canary}-not`, tags: { team: 'shopping' } });
  aws.setSecret({ name: 'e2e/extensions/prefix-not/c', value: `${canary}-not`, tags: { team: 'shop' } });
  aws.setSecret({ ...found, name: 'e2e/extensions/prefix/gone' });
  aws.deleteSecret('e2e/extensions/prefix/gone');
  return {
    fallback: 'plan b',
    'keys/user': `${canary}-expanded`,
    'keys/limits': '{"max":1.50,"big":12345678901234567890}',
    whole: json,
    limits: '{"max":1.50,"big":12345678901234567890}',
    ...below,
    'found/e2e.extensions.prefix.a': found.value,
    'app.properties': `url=jdbc:postgresql://${encodeURIComponent(secrets.user)}@db/{{\nkey=${Buffer.from(secrets.key).toString('base64')}\n`,
  };
}
