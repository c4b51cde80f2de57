/** The configurations that all fixtures of pods come to, and the roles that `iam-policy` prints for them. */
import { stringify } from 'yaml';
import { examine } from '../../../cli/admission/examine.ts';
import { rolesOf } from '../../../cli/iam-policy/roles.ts';
import { findIn } from '../../../cli/manifests/find.ts';
import { parseManifests } from '../../../cli/manifests/parse.ts';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { CASES, readCase, SHAPES } from './fixtures.ts';

/** The account of the role of every pod. */
export const ACCOUNT = '111122223333';
/** Encrypts everything that is read. */
export const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/shop`;

const HUB = 'arn:aws:iam::777788889999:role/hub';
const OTHER_ROLE = 'arn:aws:iam::444455556666:role/reader';

/** Declarations that the fixtures of pods lack, by what they are about. */
const MORE: Record<string, Record<string, string>> = {
  'a path': { 'env-from': '- ssm:/shop/', 'env-file': 'shop.env' },
  'a prefix and a tag': { objects: '- { prefix: shop/, tags: { team: shop }, objectType: secretsmanager }' },
  'a path and a tag': { objects: '- { path: /shop, tags: { team: shop } }' },
  'another account': { files: 'a: shop/a', 'role-arn': OTHER_ROLE, 'external-id': 'shop' },
  'roles of several accounts': { files: 'a: shop/a', 'role-arn': `${HUB}, ${OTHER_ROLE}`, 'external-id': 'shop' },
  'two regions': { files: 'a: shop/a\nb: ssm:/shop/b', 'failover-region': 'eu-central-1' },
};

/** Returns the configurations of pods that use a role by web identity, each with the name of its fixture. */
export async function configsOf(): Promise<[string, InjectorConfig][]> {
  const configs: [string, InjectorConfig][] = [];
  const add = async (
    name: string,
    pod: Record<string, unknown>,
    world: Awaited<ReturnType<typeof readCase>>['world'],
  ) => {
    const { manifests } = parseManifests('pod.yaml', stringify(SHAPES['Pod']?.(pod)));
    for (const template of findIn(manifests).templates) {
      const examined = await examine(template, world);
      const config = examined.ok && examined.refusals.length === 0 ? examined.injection?.config : undefined;
      if (config?.identity.kind === 'web-identity') configs.push([name, config]);
    }
  };
  for (const name of CASES) {
    const { pod, world } = await readCase(name);
    await add(name, pod, world);
  }
  const { world } = await readCase('declaration/smallest');
  for (const [name, annotations] of Object.entries(MORE)) {
    const own = Object.entries(annotations).map(([key, value]) => [`aws-secrets-injector.dev/${key}`, value]);
    const spec = { serviceAccountName: 'app', containers: [{ name: 'app', image: 'app' }] };
    await add(name, { metadata: { annotations: Object.fromEntries(own) }, spec }, world);
  }
  return configs;
}

/** Returns the roles of a pod, with the key that encrypts what they read. */
export function rolesFor(config: InjectorConfig) {
  return rolesOf([{ account: { namespace: 'shop', name: 'app' }, config }], { account: ACCOUNT, kmsKey: [KEY] });
}
