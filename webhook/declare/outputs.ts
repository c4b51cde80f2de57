/** Defines the outputs: the files, folders and variables that annotations and classes ask for. */
import type { ConfigObject, ConfigPlaceholder, ConfigSearch } from '../../injector/contract/config.ts';
import type { Source } from '../../injector/contract/source.ts';
import type { Refusal } from '../errors.ts';
import type { Declaration } from './declaration.ts';

/** The lists of an object in the configuration that have its outputs. */
export type Kind = 'files' | 'folders' | 'variables' | 'expansions' | 'environment';
export type Part<K extends Kind> = NonNullable<ConfigObject[K]>[number];

type Origin = {
  /** A refusal of the output starts with this name of an annotation or a class. */
  readonly annotation: string;
  /** The name by which the user knows the output: that of an object, a file or a variable. */
  readonly label: string;
};

export type SearchSource =
  | Omit<Extract<ConfigSearch, { service: 'ssm' }>, 'folders' | 'expansions'>
  | Omit<Extract<ConfigSearch, { service: 'secretsmanager' }>, 'folders' | 'expansions'>;

/** Says what becomes of each object that a search finds. */
export type SearchFolder = NonNullable<ConfigSearch['folders']>[number];

export type FileOutput = Origin & { readonly kind: 'files'; readonly source: Source; readonly part: Part<'files'> };
/** Describes one output. Its part goes into the list of its kind in the object of its source. */
export type Output =
  | FileOutput
  | (Origin & { readonly kind: 'folders'; readonly source: Source; readonly part: Part<'folders'> })
  | (Origin & { readonly kind: 'variables'; readonly source: Source; readonly part: Part<'variables'> })
  | (Origin & { readonly kind: 'expansions'; readonly source: Source; readonly part: Part<'expansions'> })
  | (Origin & { readonly kind: 'environment'; readonly source: Source; readonly part: Part<'environment'> });

export type SearchOutput =
  | (Origin & { readonly kind: 'folders'; readonly search: SearchSource; readonly part: SearchFolder })
  | (Origin & {
      readonly kind: 'expansions';
      readonly search: SearchSource;
      readonly part: Omit<Part<'expansions'>, 'jmesPath'>;
    });

export type Placeholder = Omit<ConfigPlaceholder, 'object'> & { readonly source: Source };
export type TemplateOutput = Origin & {
  readonly path: string;
  readonly directory?: string;
  readonly mode: string;
  readonly parts: readonly (string | Placeholder)[];
};

/** Describes a variable whose value is a text with placeholders. */
type TemplateVariable = Origin & {
  readonly name: string;
  /** True if the kubelet delivers it. */
  readonly kubelet?: true;
  readonly parts: readonly (string | Placeholder)[];
};

/** Has the outputs of one annotation or class, and a refusal for each of its mistakes. */
export type Reading = {
  readonly outputs: readonly Output[];
  readonly searches?: readonly SearchOutput[];
  readonly templates?: readonly TemplateOutput[];
  readonly templateVariables?: readonly TemplateVariable[];
  readonly variables?: Declaration['variables'];
  /** Says what is most likely not meant, a sentence each. */
  readonly warnings?: readonly string[];
  readonly refusals: readonly Refusal[];
};

/** Joins readings into one, in their order. */
export function joinReadings(readings: readonly Reading[]): Required<Reading> {
  return {
    outputs: readings.flatMap(({ outputs }) => outputs),
    searches: readings.flatMap(({ searches = [] }) => searches),
    templates: readings.flatMap(({ templates = [] }) => templates),
    templateVariables: readings.flatMap(({ templateVariables = [] }) => templateVariables),
    variables: readings.flatMap(({ variables = [] }) => variables),
    warnings: readings.flatMap(({ warnings = [] }) => warnings),
    refusals: readings.flatMap(({ refusals }) => refusals),
  };
}
