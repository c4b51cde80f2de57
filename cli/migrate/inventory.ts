/** Lists the Secrets that the objects in files make, by namespace and name. */
import { err, type Result } from '../../webhook/declare/result.ts';
import { readExternalSecret } from '../../webhook/external-secrets/external-secret.ts';
import type { Production } from '../../webhook/external-secrets/secret.ts';
import { readStore, type Store } from '../../webhook/external-secrets/store.ts';
import { DIFFERS, isExternal, type World } from '../admission/world.ts';
import { describeObject, type KubernetesObject } from '../manifests/find.ts';
import { readSecrets } from './provider-class.ts';
import { whyMissing } from './versions.ts';

/** A Secret with the object that makes it. */
type Made = { readonly producer: KubernetesObject; readonly production: Production };

export type Inventory = ReadonlyMap<string, Made>;

const RELEVANT = /^(ExternalSecret|SecretStore|ClusterSecretStore|SecretProviderClass|Secret)$/;

/** Returns the Secrets that the objects make. One that two objects make has a reason why it can not be declared. */
export async function takeInventory(all: readonly KubernetesObject[], world: World): Promise<Inventory> {
  // A file may be named twice. Of equal objects the last one counts.
  const relevant = all.filter(({ kind }) => RELEVANT.test(kind));
  const objects = [...new Map(relevant.map((object) => [JSON.stringify(object.value), object])).values()];
  const stores = new Map<string, Result<Store>>();
  for (const object of objects.filter(isExternal)) {
    if (/^(Cluster)?SecretStore$/.test(object.kind))
      stores.set(describeObject(object, world.namespace), named(object, readStore(object.value['spec'])));
  }
  const made = new Map<string, Made>();
  for (const object of objects) {
    const reason = `The ${object.kind} ${object.name} ${DIFFERS}.`;
    const isAmbiguous = world.ambiguous.has(describeObject(object, world.namespace));
    for (const production of await productionsOf(object, stores, world)) {
      const name = nameOf(production);
      const key = keyOf(object, name, world);
      const one: Made = { producer: object, production: isAmbiguous ? { ok: false, name, reason } : production };
      made.set(key, join(made.get(key) ?? one, one));
    }
  }
  // A Secret that only a document makes is no matter of a migration.
  return new Map([...made].filter(([, { production }]) => production.ok || production.reason !== PLAIN));
}

const PLAIN = 'A document of these files is the Secret itself.';

/** Returns the Secrets that one object makes. */
async function productionsOf(
  object: KubernetesObject,
  stores: ReadonlyMap<string, Result<Store>>,
  world: World,
): Promise<Production[]> {
  const { kind, name, value } = object;
  if (kind === 'SecretProviderClass') return readSecrets(object, world);
  if (kind === 'Secret') return [{ ok: false, name, reason: PLAIN }];
  if (kind !== 'ExternalSecret' || !isExternal(object)) return [];
  return [readExternalSecret(name, value['spec'], (kind, name) => findStore({ ...object, kind, name }, stores, world))];
}

/** Returns the name of the Secret. */
export function nameOf(production: Production): string {
  return production.ok ? production.secret.name : production.name;
}

/** Returns the key of a Secret in the inventory, in the namespace of an object. */
export function keyOf({ namespace }: Pick<KubernetesObject, 'namespace'>, name: string, world: World): string {
  return `${namespace ?? world.namespace}/${name}`;
}

/** Returns the first of two that make one Secret, which can not be declared if they are different objects. */
function join(first: Made, second: Made): Made {
  const [one, other] = [first, second].map(({ producer: { kind, name } }) => `${kind} ${name}`);
  if (one === other) return first;
  const reason = `${one} and ${other} make the same Secret.`;
  return { producer: first.producer, production: { ok: false, name: nameOf(first.production), reason } };
}

function named({ kind, name }: KubernetesObject, read: Result<Store>): Result<Store> {
  return read.ok ? read : err(`the ${kind} ${name} has no counterpart: ${read.problem}`);
}

function findStore(wanted: KubernetesObject, stores: ReadonlyMap<string, Result<Store>>, world: World): Result<Store> {
  const { kind, name } = wanted;
  const label = describeObject(wanted, world.namespace);
  const found = world.ambiguous.has(label) ? undefined : stores.get(label);
  return found ?? err(`the ${kind} ${name} ${whyMissing(label, world)}`);
}
