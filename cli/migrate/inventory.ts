/** Lists the Secrets that the objects in files make, by namespace and name. */
import { err, type Result } from '../../webhook/declare/result.ts';
import type { World } from '../admission/world.ts';
import type { KubernetesObject } from '../manifests/find.ts';
import { readExternalSecret } from './external-secret.ts';
import { readSecrets } from './provider-class.ts';
import type { Production } from './secret.ts';
import { readStore, type Store } from './store.ts';

/** The group of the External Secrets operator. Others of its groups are those of generators. */
const GROUP = /^external-secrets\.io\/(v1|v1beta1)$/;

export type Inventory = ReadonlyMap<string, Production>;

/** Returns whether the object is of External Secrets, and of an apiVersion that is read. */
export function isExternal({ apiVersion }: KubernetesObject): boolean {
  return GROUP.test(apiVersion);
}

const RELEVANT = /^(ExternalSecret|SecretStore|ClusterSecretStore|SecretProviderClass|Secret)$/;

/** Returns the Secrets that the objects make. One that two objects make has a reason why it can not be declared. */
export async function takeInventory(all: readonly KubernetesObject[], world: World): Promise<Inventory> {
  // A file may be named twice. Of equal objects the last one counts.
  const relevant = all.filter(({ kind }) => RELEVANT.test(kind));
  const objects = [...new Map(relevant.map((object) => [JSON.stringify(object.value), object])).values()];
  const stores = new Map<string, Result<Store>>();
  for (const object of objects.filter(isExternal)) {
    if (/^(Cluster)?SecretStore$/.test(object.kind))
      stores.set(storeKey(object, world), named(object, readStore(object)));
  }
  const made: Production[] = [];
  for (const object of objects) {
    if (object.kind === 'ExternalSecret' && isExternal(object)) {
      made.push(readExternalSecret(object, (kind, name) => findStore({ ...object, kind, name }, stores, world)));
    }
    if (object.kind === 'SecretProviderClass') made.push(...(await readSecrets(object, world)));
    if (object.kind === 'Secret') made.push({ ok: false, producer: object, name: object.name, reason: PLAIN });
  }
  const byKey = Map.groupBy(made, (one) => keyOf(producerOf(one), nameOf(one), world));
  return new Map([...byKey].flatMap(([key, group]) => (isOwn(group) ? [] : [[key, join(group)]])));
}

const PLAIN = 'A document of these files is the Secret itself.';

/** Returns the object that makes the Secret. */
export function producerOf(one: Production): KubernetesObject {
  return one.ok ? one.secret.producer : one.producer;
}

/** Returns the name of the Secret. */
export function nameOf(one: Production): string {
  return one.ok ? one.secret.name : one.name;
}

/** Returns the key of a Secret in the inventory, in the namespace of an object. */
export function keyOf({ namespace }: Pick<KubernetesObject, 'namespace'>, name: string, world: World): string {
  return `${namespace ?? world.namespace}/${name}`;
}

/** A Secret that only a document makes is no matter of a migration. */
function isOwn(group: readonly Production[]): boolean {
  return group.every((one) => producerOf(one).kind === 'Secret');
}

function join(group: readonly Production[]): Production {
  const [first, second] = group;
  if (first === undefined || second === undefined) return first as Production;
  const list = group.map((one) => `${producerOf(one).kind} ${producerOf(one).name}`).join(' and ');
  return { ok: false, producer: producerOf(first), name: nameOf(first), reason: `${list} make the same Secret.` };
}

function storeKey({ kind, namespace, name }: KubernetesObject, world: World): string {
  return kind === 'ClusterSecretStore' ? `${kind} ${name}` : `${kind} ${namespace ?? world.namespace}/${name}`;
}

function named({ kind, name }: KubernetesObject, read: Result<Store>): Result<Store> {
  return read.ok ? read : err(`the ${kind} ${name} has no counterpart: ${read.problem}`);
}

function findStore(wanted: KubernetesObject, stores: ReadonlyMap<string, Result<Store>>, world: World): Result<Store> {
  const { kind, name } = wanted;
  return stores.get(storeKey(wanted, world)) ?? err(`the ${kind} ${name} is not in the files: name its file by --with`);
}
