/** Makes the injector's objects, searches and templates from the outputs. Outputs of one source become one object. */
import type {
  ConfigObject,
  ConfigSearch,
  ConfigTemplate,
  ConfigTemplateVariable,
} from '../../injector/contract/config.ts';
import type { Source } from '../../injector/contract/source.ts';
import { sourceKey } from '../../injector/contract/source.ts';
import type { Kind, Part, Placeholder, Reading, SearchOutput, SearchSource } from './outputs.ts';

export type Assembled = {
  readonly objects: readonly ConfigObject[];
  readonly searches: readonly ConfigSearch[];
  readonly templates: readonly ConfigTemplate[];
  readonly templateVariables: readonly ConfigTemplateVariable[];
  /** Returns the index in `objects` of the object with this source. The source must have an output. */
  readonly indexOf: (source: Source) => number;
};

/** Groups the outputs by their source, so that the injector fetches each source once. An object names its region unless it is `region`. */
export function assemble(reading: Required<Reading>, region: string): Assembled {
  const { outputs, searches, templates, templateVariables } = reading;
  const objects: ConfigObject[] = [];
  const indices = new Map<string, number>();
  const indexOf = (source: Source): number => {
    const key = sourceKey({ ...source, region: source.region ?? region });
    const known = indices.get(key);
    if (known !== undefined) return known;
    indices.set(key, objects.length);
    return objects.push(withoutRegion(source, region)) - 1;
  };
  for (const output of outputs) {
    const object = objects[indexOf(output.source)];
    if (object !== undefined) addPart(object, output.kind, output.part);
  }
  return {
    objects,
    searches: toSearches(searches, region),
    templates: templates.map((one) => withIndices(one, indexOf)),
    templateVariables: templateVariables.map((one) => withIndices(one, indexOf)),
    indexOf,
  };
}

function withoutRegion<T extends { readonly region?: string | undefined }>(source: T, region: string): T {
  if (source.region !== region) return { ...source };
  const { region: _, ...rest } = source;
  return rest as T;
}

type Lists<K extends Kind> = { [kind in K]?: Part<kind>[] | undefined };

/** Adds a part of an output to the list of its kind, which it starts if there is none. */
function addPart<K extends Kind>(lists: Lists<K>, kind: K, part: Part<K>): void {
  const list: Part<K>[] = lists[kind] ?? [];
  list.push(part);
  lists[kind] = list;
}

function toSearches(outputs: readonly SearchOutput[], region: string): ConfigSearch[] {
  const searches = new Map<string, ConfigSearch>();
  for (const output of outputs) {
    const key = searchKey(output.search, region);
    const search: ConfigSearch = searches.get(key) ?? withoutRegion(output.search, region);
    searches.set(key, search);
    if (output.kind === 'folders') addPart(search, 'folders', output.part);
    else addPart(search, 'expansions', output.part);
  }
  return [...searches.values()];
}

function searchKey(search: SearchSource, region: string): string {
  const tags = Object.entries(search.tags ?? {}).sort();
  const what = 'path' in search ? [search.path, '', tags] : [search.prefix ?? '', tags];
  return JSON.stringify([what, search.regexp ?? '', search.region ?? region, search.failoverRegion ?? '']);
}

type WithParts = {
  readonly annotation: string;
  readonly label: string;
  readonly parts: readonly (string | Placeholder)[];
};

/** Returns the template as the configuration has it: its placeholders name their objects by index. */
function withIndices<T extends WithParts>(
  { annotation: _, label: _label, parts, ...rest }: T,
  indexOf: Assembled['indexOf'],
): Omit<T, keyof WithParts> & { parts: ConfigTemplate['parts'] } {
  return {
    ...rest,
    parts: parts.map((part) => {
      if (typeof part === 'string') return part;
      const { source, ...others } = part;
      return { object: indexOf(source), ...others };
    }),
  };
}
