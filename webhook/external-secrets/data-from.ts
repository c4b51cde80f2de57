/** Reads `dataFrom` of an ExternalSecret: keys that only AWS knows, with the names that they get. */
import * as v from 'valibot';
import { strict } from '../../injector/contract/strict.ts';
import type { CheckPattern } from '../declare/patterns.ts';
import { err, ok, type Result } from '../declare/result.ts';
import {
  conversionStrategy,
  decodingStrategy,
  type FindStore,
  readRemote,
  remoteRef,
  type StoreRef,
  sourceRef,
  storeOf,
} from './remote.ts';
import { readRewrite, rewrite } from './rewrite.ts';
import { find, searchOf } from './search.ts';
import type { Access, Extract } from './secret.ts';

const search = strict({ ...find, conversionStrategy, decodingStrategy });

/** Reads the list as the ExternalSecret has it. */
export const dataFrom = v.optional(
  v.array(strict({ extract: v.optional(remoteRef), find: v.optional(search), rewrite, sourceRef })),
  [],
);

type Entry = v.InferOutput<typeof dataFrom>[number];
type Read = Result<{ readonly extract: Extract; readonly access: Access }>;

type Context = {
  readonly check: CheckPattern;
  /** The path of the entry in the ExternalSecret. */
  readonly at: string;
  /** The store of entries that name none. */
  readonly fallback: StoreRef | undefined;
  readonly findStore: FindStore;
};

/** Returns what an entry has keys of. The problem is a whole clause. */
export function readDataFrom({ extract, find: wanted, rewrite: steps, sourceRef: own }: Entry, context: Context): Read {
  const { check, at, fallback, findStore } = context;
  const reference = own?.storeRef ?? fallback;
  const rename = readRewrite(steps, { at, check, isFind: extract === undefined });
  if (!rename.ok) return rename;
  if ((extract === undefined) === (wanted === undefined)) return err(`${at} needs either extract or find`);
  if (extract === undefined) return readFind(wanted ?? {}, rename.value, reference, context);
  const read = readRemote(extract, reference, findStore);
  if (!read.ok) return read;
  const converted = extract.conversionStrategy === 'Unicode' ? (['Unicode'] as const) : undefined;
  const all = rename.value ?? converted;
  return ok({ extract: { piece: read.value.piece, ...(all && { rename: all }) }, access: read.value.access });
}

/** The keys of what is found are whole names. They are converted only where they are not rewritten. */
function readFind(
  wanted: v.InferOutput<typeof search>,
  rename: Extract['rename'],
  reference: StoreRef | undefined,
  { check, at, findStore }: Context,
): Read {
  const store = storeOf(reference, `${at}.find`, findStore);
  if (!store.ok) return store;
  const { name, decodingStrategy: decoding = 'None', conversionStrategy: conversion = 'Default' } = wanted;
  const problem = name && check(name.regexp);
  if (problem !== undefined)
    return err(`${at}.find.name.regexp ${JSON.stringify(name?.regexp.slice(0, 80))} ${problem}`);
  const found = searchOf(wanted, store.value.service);
  if (!found.ok) return err(`${at}.find ${found.problem}`);
  const extract = { search: found.value, isDecoded: decoding !== 'None', rename: rename ?? [conversion] };
  return ok({ extract, access: store.value.access });
}
