/** Migrates the documents of files, and says what becomes of each of them and of the objects that make Secrets. */
import { type RawSpec, readSpec } from '../../webhook/declare/provider-class.ts';
import { namesIn } from '../../webhook/external-secrets/names.ts';
import { isExternal, UNKNOWN_ROLE, type World } from '../admission/world.ts';
import type { Need } from '../iam-policy/roles.ts';
import { describeObject, type Found, findIn, type KubernetesObject } from '../manifests/find.ts';
import { type Manifest, parseManifests } from '../manifests/parse.ts';
import { migrateDocument } from './document.ts';
import { type Inventory, keyOf, nameOf, takeInventory } from './inventory.ts';
import { vaultFiles } from './vault.ts';
import { findVersions } from './versions.ts';

/** Says how the migration of one object ended. */
export type Entry = {
  readonly file: string;
  /** The number of the document in its file, from 1 on. */
  readonly document: number;
  /** The object, like `Deployment shop/web`. */
  readonly object: string;
  readonly outcome: 'migrated' | 'stays' | 'needed' | 'not-needed';
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
};

type Text = { readonly name: string; readonly text: string };

export type Migration = {
  readonly files: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  readonly entries: readonly Entry[];
  /** Says what else has to be done or corrected before, a sentence each. */
  readonly problems: readonly string[];
  readonly needs: readonly Need[];
  /** Says what else the result depends on, and is not known. */
  readonly unknown: readonly string[];
};

/**
 * Returns the files after their migration. `others` are only read: for objects that make Secrets, for stores, and for other versions
 * of objects with pods. `progress` is called before each file with the number of those that are done.
 */
export async function migrate(
  texts: readonly Text[],
  others: readonly Text[],
  world: World,
  progress: (done: number) => void,
): Promise<Migration> {
  const parsed = texts.map(({ name, text }) => ({ name, text, ...parseManifests(name, text) }));
  const beside = findIn(others.flatMap(({ name, text }) => parseManifests(name, text).manifests));
  const { objects, templates } = findIn(parsed.flatMap(({ manifests }) => manifests));
  const inventory = await takeInventory([...beside.objects, ...objects], world);
  const known = { inventory, world, apart: findVersions([...beside.templates, ...templates], world) };
  const files: { name: string; before: string; after: string }[] = [];
  const manifestsAfter: Manifest[] = [];
  const entries: Entry[] = [];
  const needs: Need[] = [];
  const unknown = new Set<string>();
  for (const { name, text, manifests, problems } of parsed) {
    progress(files.length);
    let [after, done] = ['', 0];
    for (const manifest of problems.length > 0 ? [] : manifests) {
      const end = manifest.document.range[2];
      const migrated = await migrateDocument(manifest, text.slice(done, end), known);
      after += migrated.text;
      done = end;
      needs.push(...migrated.needs);
      for (const sentence of migrated.unknown) unknown.add(sentence);
      entries.push(...entriesOf(manifest, migrated, world));
    }
    after += text.slice(done);
    files.push({ name, before: text, after });
    manifestsAfter.push(...(after === text ? manifests : parseManifests(name, after).manifests));
  }
  const wrong = parsed.flatMap(({ problems }) =>
    problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: This is not YAML: ${message}`),
  );
  entries.push(...producers(objects, manifestsAfter, inventory, world));
  for (const sentence of unmade({ objects, templates }, inventory, world)) unknown.add(sentence);
  return { files, entries, problems: [...wrong, ...missingRoles(needs, world)], needs, unknown: [...unknown] };
}

/** Names the Secrets that pods use and that nothing in the files makes. */
function unmade(
  { objects, templates }: Pick<Found, 'objects' | 'templates'>,
  inventory: Inventory,
  world: World,
): string[] {
  const secrets = objects.filter(({ kind }) => kind === 'Secret').map((one) => keyOf(one, one.name, world));
  const known = new Set([...inventory.keys(), ...secrets]);
  const used = templates.flatMap(({ owner, spec }) =>
    namesIn(spec).flatMap(({ kind, name }) => (kind === 'Secret' ? [keyOf(owner, name, world)] : [])),
  );
  const missing = [...new Set(used)].filter((key) => !known.has(key)).sort();
  return missing.length === 0
    ? []
    : [
        `Nothing in the files makes these Secrets, so that they stay: ${missing.join(', ')}. If ExternalSecrets make them, name their files by --with.`,
      ];
}

function entriesOf(
  manifest: Manifest,
  { outcome, reasons, notes }: Awaited<ReturnType<typeof migrateDocument>>,
  world: World,
): Entry[] {
  const { objects, templates } = findIn([manifest]);
  const document = { file: manifest.file, document: manifest.number };
  const owners = [...new Set(templates.map(({ owner }) => describeObject(owner, world.namespace)))].join(', ');
  const about = (object: KubernetesObject) => ({ ...document, object: describeObject(object, world.namespace) });
  return [
    ...(outcome === 'untouched' ? [] : [{ ...document, object: owners, outcome, reasons, notes }]),
    ...templates.flatMap((template): Entry[] => {
      const vault = vaultFiles(template);
      return vault.length === 0 ? [] : [{ ...about(template.owner), outcome: 'stays', reasons: vault, notes: [] }];
    }),
    ...objects.flatMap((object): Entry[] => {
      const reason = otherKind(object);
      return reason === undefined ? [] : [{ ...about(object), outcome: 'stays', reasons: [reason], notes: [] }];
    }),
  ];
}

const READ = /^(ExternalSecret|SecretStore|ClusterSecretStore)$/;

const OTHERS: Readonly<Record<string, string>> = {
  PushSecret: 'It writes a Secret to AWS, which nothing of the injector does.',
  ClusterPushSecret: 'It writes Secrets to AWS, which nothing of the injector does.',
  ClusterExternalSecret: 'It makes ExternalSecrets in many namespaces: put these into the files.',
};

/** Returns why an object that makes Secrets is not read, or undefined if it is read or is something else. */
function otherKind(object: KubernetesObject): string | undefined {
  const { apiVersion, kind, name } = object;
  if (kind === 'SecretProviderClass') {
    const provider = providerOf(object);
    return provider === 'aws'
      ? undefined
      : `Its provider is ${provider || 'missing'}, and only classes of aws are read.`;
  }
  // A reference to a generator has an apiVersion, too.
  if (name === '') return undefined;
  if (/^generators\.external-secrets\.io\//.test(apiVersion))
    return 'A generator makes values, and nothing of it is read from AWS.';
  if (!apiVersion.startsWith('external-secrets.io/') || (isExternal(object) && READ.test(kind))) return undefined;
  return Object.hasOwn(OTHERS, kind)
    ? OTHERS[kind]
    : `Its apiVersion ${apiVersion} is not read: convert it to external-secrets.io/v1.`;
}

function providerOf({ value }: KubernetesObject): string | undefined {
  return readSpec(value['spec'] as RawSpec | undefined).provider;
}

/** Returns what becomes of the objects in the files that make Secrets, by who still needs them in the files as they are afterwards. */
function producers(
  objects: readonly KubernetesObject[],
  manifestsAfter: readonly Manifest[],
  inventory: Inventory,
  world: World,
): Entry[] {
  const users = usersIn(manifestsAfter, world);
  const made = Map.groupBy(inventory.values(), ({ producer }) => producer);
  const others = objects.filter(({ kind }) => kind !== 'Secret');
  return others.flatMap((object): Entry[] => {
    const own = (made.get(object) ?? []).map(({ production }) => production);
    const isClass = object.kind === 'SecretProviderClass' && providerOf(object) === 'aws';
    if (own.length === 0 && !isClass) return [];
    const needed = [
      ...own.flatMap((one) => users.get(`Secret ${keyOf(object, nameOf(one), world)}`) ?? []),
      ...(isClass ? (users.get(`SecretProviderClass ${keyOf(object, object.name, world)}`) ?? []) : []),
    ];
    const reasons = own.flatMap((one) => (one.ok ? [] : [`Its Secret ${one.name} can not be replaced: ${one.reason}`]));
    const by = needed.length === 0 ? [] : [`It is needed by ${[...new Set(needed)].join(', ')}.`];
    const outcome = needed.length > 0 ? 'needed' : reasons.length > 0 ? 'stays' : 'not-needed';
    const { file, number } = object.manifest;
    return [
      {
        file,
        document: number,
        object: describeObject(object, world.namespace),
        outcome,
        reasons: [...reasons, ...by],
        notes: [],
      },
    ];
  });
}

/** Kinds that name a Secret because they make it, or in plain texts that mean something else. */
const NO_USERS = /^(ExternalSecret|SecretProviderClass|Secret|ConfigMap)$/;

/** Returns the objects that name a Secret or a class, by its kind, namespace and name. */
function usersIn(manifests: readonly Manifest[], world: World): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const object of findIn(manifests).objects) {
    if (NO_USERS.test(object.kind)) continue;
    for (const { kind, name } of namesIn(object.value)) {
      const key = `${kind} ${keyOf(object, name, world)}`;
      const list = users.get(key) ?? [];
      list.push(describeObject(object, world.namespace));
      users.set(key, list);
    }
  }
  return users;
}

function missingRoles(needs: readonly Need[], world: World): string[] {
  const unknown = needs.filter(
    ({ config: { identity } }) => identity.kind === 'web-identity' && identity.roleArn === UNKNOWN_ROLE,
  );
  const accounts = new Set(
    unknown.map(({ account }) => describeObject({ kind: 'ServiceAccount', ...account }, account.namespace)),
  );
  return [...accounts]
    .filter((account) => world.complete || world.roles.has(account))
    .map(
      (account) =>
        `The ${account} has no role: make one with the policy below, and annotate the ServiceAccount with eks.amazonaws.com/role-arn.`,
    );
}
