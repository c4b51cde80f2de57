/** Turns what a search found into files: each value into one file, or into a folder with its keys and parts. */
import type { ConfigSearch, InjectorConfig } from '../contract/config.ts';
import type { Rename } from '../contract/rename.ts';
import { foundName } from '../contract/source.ts';
import type { Secret } from '../secret.ts';
import { type Entries, pathOf, renderFolder } from './keys.ts';
import { FOUND_FILES, mergeObjects } from './merge.ts';
import { renderObject } from './object.ts';
import type { Output } from './output.ts';
import { renameKeys } from './rename.ts';

type SearchFolder = NonNullable<ConfigSearch['folders']>[number];

/** Adds the files of everything that the search found to the output. `from` names the search. */
export function renderFound(
  search: ConfigSearch,
  entries: Entries,
  from: string,
  config: InjectorConfig,
  output: Output,
): void {
  for (const folder of search.folders ?? []) {
    if (folder.expand === undefined && folder.parts === undefined) {
      const named = namedEntries(search, entries, folder.rename, from, output);
      if (named) renderFolder(named, { ...folder, directory: folder.directory ?? config.directory }, from, output);
    } else renderEach({ search, folder, from }, entries, config, output);
  }
}

type Each = { readonly search: ConfigSearch; readonly folder: SearchFolder; readonly from: string };

/** Adds the parts and the keys of each value, until they are too many. */
function renderEach({ search, folder, from }: Each, entries: Entries, config: InjectorConfig, output: Output): void {
  const count = () => output.files.length + output.failures.length;
  const before = count();
  for (const [key, value] of entries) {
    const path = pathOf(key, folder, from);
    if (typeof path !== 'string') output.failures.push(path);
    else renderParts({ search, key, value, folder: { ...folder, path } }, config, output);
    if (count() - before <= FOUND_FILES) continue;
    const headline = `${from}: the parts and keys of what is found are more than ${FOUND_FILES} files.`;
    output.failures.push({ code: 'ASI_OUT_TOO_MANY', subject: from, headline });
    break;
  }
}

/** Returns the values by the names that the steps make of the objects' whole names, as they are without steps; undefined after a failure. */
export function namedEntries(
  search: ConfigSearch,
  entries: Entries,
  steps: Rename | undefined,
  from: string,
  output: Output,
): Entries | undefined {
  if (steps === undefined) return entries;
  const renamed = renameKeys(
    new Map([...entries].map(([key, value]) => [foundName(search, key), value])),
    steps,
    mergeObjects,
  );
  if (renamed.ok) return renamed.entries;
  const { code, cause } = renamed;
  output.failures.push({ code, subject: from, headline: `${from}: rename fits not all names.`, cause });
  return undefined;
}

type Found = {
  readonly search: ConfigSearch;
  readonly key: string;
  readonly value: Secret;
  /** The folder of this value alone. */
  readonly folder: SearchFolder;
};

/** Renders one value as an object of its own, which has the parts and the keys in its folder. */
function renderParts({ search, key, value, folder }: Found, config: InjectorConfig, output: Output): void {
  const { expand, parts = [], ...keys } = folder;
  const { directory = config.directory } = folder;
  const object = { service: search.service, name: foundName(search, key) };
  const first = output.files.length;
  for (const part of parts) {
    const path = pathOf(part.path, { path: folder.path, slash: '/' }, object.name);
    if (typeof path !== 'string') output.failures.push(path);
    else renderObject({ ...object, files: [{ ...part, directory, path }] }, value, config, output);
  }
  for (const { path } of output.files.slice(first))
    output.claims.push({ directory, path, from: `a part of ${object.name}` });
  if (expand) renderObject({ ...object, folders: [keys] }, value, config, output);
}
