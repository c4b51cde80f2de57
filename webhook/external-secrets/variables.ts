/** Finds the variables that containers get from Secrets, and what has to be declared for them. */
import { isDeepStrictEqual } from 'node:util';
import type { Operation } from 'fast-json-patch';
import type { Pick, RenameStep } from '../../injector/contract/rename.ts';
import { isIdentifier } from '../../injector/contract/variables.ts';
import { expandedNames } from '../mutate/environment/synced-uses.ts';
import type { Container, Variable } from '../pod/pod.ts';
import { removals } from './patch.ts';
import { keysOf } from './search.ts';
import { type Access, type Extract, type MadeSecret, type Production, valueAt } from './secret.ts';
import { asReference, asTemplate, literalOf, pickOf, referenceOf, type Value } from './value.ts';

/** A container with its path in the pod, like `/spec/containers/0`. */
export type Located = { readonly container: Container; readonly path: string };

export type FindSecret = (name: string) => Production | undefined;

/** An entry of the annotation `env`. */
type Entry = (({ readonly from: string } & Partial<Pick>) | { readonly template: string }) & {
  readonly optional?: true;
};

type EnvFrom = {
  from?: string;
  search?: Readonly<Record<string, unknown>>;
  prefix?: string;
  exclude?: string[];
  rename?: readonly RenameStep[];
  optional?: true;
};

export type Variables = {
  readonly env: ReadonlyMap<string, Entry>;
  readonly imports: readonly EnvFrom[];
  readonly access: readonly Access[];
  /** The names of the variables that each container gets, and whether it gets all keys of a secret; only of containers that get any. */
  readonly receivers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly patch: readonly Operation[];
  readonly reasons: readonly string[];
  /** Says what a shell could not do if it sets the variables in place of the kubelet. */
  readonly shellReasons: readonly string[];
  readonly notes: readonly string[];
};

type Draft = {
  readonly env: Map<string, Entry>;
  readonly imports: Map<string, EnvFrom>;
  readonly access: Access[];
  readonly receivers: Map<string, Set<string>>;
  readonly patch: Operation[];
  readonly reasons: string[];
  readonly notes: string[];
};

/** Stands for all keys of a secret among the names of variables. */
const ALL = '*';

/** Returns the variables of all containers. `find` returns the Secrets that are to be replaced. */
export function readVariables(containers: readonly Located[], find: FindSecret): Variables {
  const draft: Draft = {
    env: new Map(),
    imports: new Map(),
    access: [],
    receivers: new Map(),
    patch: [],
    reasons: [],
    notes: [],
  };
  for (const located of containers) {
    readImports(located, find, draft);
    readEntries(located, find, draft);
  }
  const shellReasons = containers.flatMap(({ container }) => lostExpansion(container, draft));
  return { ...draft, imports: [...draft.imports.values()], shellReasons };
}

function readImports({ container, path }: Located, find: FindSecret, draft: Draft): void {
  const entries = container.envFrom ?? [];
  const taken: number[] = [];
  for (const [index, { secretRef, prefix = '' }] of entries.entries()) {
    const found = find(secretRef?.name ?? '');
    if (found === undefined) {
      if (taken.length > 0) draft.notes.push(laterImport(container));
      continue;
    }
    if (!isUsable(found, draft)) continue;
    if (taken.length > 0 && found.secret.extracts.length > 0) draft.reasons.push(laterSecret(container, found.secret));
    taken.push(index);
    importAll(found.secret, { container, prefix: prefix ?? '', optional: secretRef?.optional === true }, draft);
  }
  draft.patch.push(...removals(`${path}/envFrom`, entries.length, taken));
}

function laterImport({ name }: Container): string {
  return `The container ${name} imports more after the Secret (envFrom): where both have a variable, that of the Secret wins now.`;
}

function laterSecret({ name }: Container, { name: secretName }: MadeSecret): string {
  return `The container ${name} imports all keys of the Secret ${secretName} after another one, and only AWS knows which keys both have.`;
}

type Import = { readonly container: Container; readonly prefix: string; readonly optional: boolean };

function importAll(secret: MadeSecret, one: Import, draft: Draft): void {
  const own = new Set((one.container.env ?? []).map(({ name }) => name));
  const keys = [...secret.keys.keys()].filter((key) => !own.has(one.prefix + key));
  for (const key of keys) importKey(secret, key, one, draft);
  for (const extract of secret.extracts) importKeys(secret, extract, one, draft);
}

function importKey(secret: MadeSecret, key: string, { container, prefix, optional }: Import, draft: Draft): void {
  const [name, value] = [prefix + key, secret.keys.get(key) ?? []];
  if (!isIdentifier(name)) draft.reasons.push(`The key ${key} of the Secret ${secret.name} is no name of a variable.`);
  else if (literalOf(value) !== undefined) draft.reasons.push(constant(name, secret, key));
  else addVariable(container, name, entryOf(value, optional), draft);
}

function importKeys(secret: MadeSecret, extract: Extract, { container, prefix, optional }: Import, draft: Draft): void {
  if ('search' in extract ? extract.isDecoded : (extract.piece.filters ?? []).length > 0) {
    draft.reasons.push(
      `All keys of the Secret ${secret.name} are decoded from base64, which no import of variables does.`,
    );
  }
  const { rename } = extract;
  const from = 'search' in extract ? { search: keysOf(extract.search) } : { from: referenceOf(extract.piece) };
  const exclude = [...secret.keys.keys()];
  const entry: EnvFrom = {
    ...from,
    ...(prefix !== '' && { prefix }),
    ...(exclude.length > 0 && { exclude }),
    ...(rename && { rename }),
    ...(optional && { optional }),
  };
  draft.imports.set(JSON.stringify(entry), entry);
  receive(container, `${ALL}${prefix}${JSON.stringify(from)}`, draft);
}

function readEntries({ container, path }: Located, find: FindSecret, draft: Draft): void {
  const entries = container.env ?? [];
  const taken: number[] = [];
  const replaced: Operation[] = [];
  const byName = Map.groupBy(entries, ({ name }) => name);
  const uses = firstUses(entries);
  for (const [index, { name, valueFrom }] of entries.entries()) {
    const { name: secretName, key = '', optional } = valueFrom?.secretKeyRef ?? {};
    const found = find(secretName ?? '');
    if (found === undefined || !isUsable(found, draft)) continue;
    if ((byName.get(name)?.length ?? 0) > 1) {
      draft.reasons.push(`The container ${container.name} sets ${name} twice.`);
    }
    const literal = addEntry({ container, name, key, optional: optional === true }, found.secret, draft);
    if (literal === undefined) taken.push(index);
    else replaced.push({ op: 'replace', path: `${path}/env/${index}`, value: { name, value: literal } });
    const early = uses.get(name);
    if (early && early.index < index) {
      draft.reasons.push(`The variable ${early.by} has $(${name}), which the container ${container.name} sets later.`);
    }
  }
  draft.patch.push(...replaced, ...removals(`${path}/env`, entries.length, taken));
}

type Use = { readonly index: number; readonly by: string };

/** Returns the first variable that has `$(NAME)` in its text, for each NAME. */
function firstUses(entries: readonly Variable[]): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>();
  for (const [index, { name: by, value }] of entries.entries()) {
    for (const [, name = ''] of value?.matchAll(/\$\(([^()]+)\)/g) ?? []) {
      if (!uses.has(name)) uses.set(name, { index, by });
    }
  }
  return uses;
}

type Reference = {
  readonly container: Container;
  readonly name: string;
  readonly key: string;
  readonly optional: boolean;
};

/** Adds a variable. Returns the text of one that has nothing of AWS, so that it is written into the pod. */
function addEntry({ container, name, key, optional }: Reference, secret: MadeSecret, draft: Draft): string | undefined {
  const value = valueAt(secret, key);
  if (!value.ok) {
    const isMissing = secret.extracts.length === 0;
    if (!(isMissing && optional)) draft.reasons.push(`The key ${key} of the Secret ${secret.name} ${value.problem}.`);
    return undefined;
  }
  const literal = literalOf(value.value);
  // The kubelet reads $$ as one $, and $(NAME) as a variable.
  if (literal !== undefined) return literal.replaceAll('$', '$$$$');
  addVariable(container, name, entryOf(value.value, optional), draft);
  return undefined;
}

function entryOf(value: Value, optional: boolean): Entry {
  const from = asReference(value);
  return {
    ...(from === undefined ? { template: asTemplate(value) } : { from, ...pickOf(value) }),
    ...(optional && { optional }),
  };
}

function constant(name: string, { name: secretName }: MadeSecret, key: string): string {
  return `The key ${key} of the Secret ${secretName} has nothing of AWS: write the variable ${name} with its text into the pod.`;
}

/** Adds a variable to all containers together. It is optional if each container that has it has it so. */
function addVariable(container: Container, name: string, entry: Entry, draft: Draft): void {
  const known = draft.env.get(name);
  const isShared = [...draft.receivers].some(([other, names]) => other !== container.name && names.has(name));
  const isOther = known && !isDeepStrictEqual({ ...known, optional: true }, { ...entry, optional: true });
  if (isOther && isShared) draft.reasons.push(`Two containers have the variable ${name} with different values.`);
  const { optional: _, ...required } = entry;
  draft.env.set(name, known && !known.optional ? required : entry);
  receive(container, name, draft);
}

function receive({ name: container }: Container, name: string, { receivers }: Draft): void {
  receivers.set(container, (receivers.get(container) ?? new Set()).add(name));
}

function isUsable(found: Production, draft: Draft): found is Production & { ok: true } {
  if (found.ok) draft.access.push(found.secret.access);
  else draft.reasons.push(`The Secret ${found.name} can not be replaced: ${found.reason}`);
  return found.ok;
}

/** A shell sets variables after the kubelet has expanded `$(NAME)`. */
function lostExpansion(container: Container, { receivers, imports, env }: Draft): string[] {
  const { name, env: own } = container;
  if (!receivers.has(name)) return [];
  const literal = new Set((own ?? []).filter(({ value }) => value !== undefined).map((one) => one.name));
  // `$(date +%F)` is for a shell: no variable has such a name.
  const used = [...expandedNames(container)].filter((one) => /^[\w.-]+$/.test(one));
  const lost = used.find((one) => env.has(one) || (imports.size > 0 && !literal.has(one)));
  return lost === undefined
    ? []
    : [
        `The container ${name} has $(${lost}), which the kubelet expands before the shell of the container knows the value.`,
      ];
}
