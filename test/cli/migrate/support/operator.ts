/**
 * Makes the Secrets that the External Secrets operator would make, from the documents of a file and the values of AWS. It is written
 * from the operator's documentation, and shares no code with what it is compared with.
 */
type Json = Record<string, unknown>;

export type Aws = {
  readonly secrets: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
};

export type Secrets = ReadonlyMap<string, ReadonlyMap<string, string>>;

type Remote = { readonly key: string; readonly property?: string | null; readonly decodingStrategy?: string };
type Source = { readonly storeRef?: { readonly name: string } };
type Spec = {
  readonly secretStoreRef: { readonly name: string };
  readonly target?: {
    readonly name?: string;
    readonly template?: { readonly mergePolicy?: string; readonly data: Readonly<Record<string, string>> };
  };
  readonly data?: readonly { readonly secretKey: string; readonly remoteRef: Remote; readonly sourceRef?: Source }[];
  readonly dataFrom?: readonly { readonly extract: Remote; readonly sourceRef?: Source }[];
};

/** Returns the Secrets by their names. */
export function makeSecrets(documents: readonly Json[], aws: Aws): Secrets {
  const stores = new Map(
    documents.filter(({ kind }) => /SecretStore$/.test(String(kind))).map((one) => [nameOf(one), one['spec'] as Json]),
  );
  const made = documents
    .filter(({ kind }) => kind === 'ExternalSecret')
    .map((one): [string, Map<string, string>] => {
      const spec = one['spec'] as Spec;
      return [spec.target?.name ?? nameOf(one), contentOf(spec, stores, aws)];
    });
  return new Map(made);
}

function nameOf({ metadata }: Json): string {
  return String((metadata as Json)['name']);
}

function contentOf(spec: Spec, stores: ReadonlyMap<string, Json>, aws: Aws): Map<string, string> {
  const read = ({ key }: Remote, source: Source | undefined): string => {
    const store = stores.get(source?.storeRef?.name ?? spec.secretStoreRef.name) as {
      provider: { aws: { service: string; prefix?: string } };
    };
    const { service, prefix = '' } = store.provider.aws;
    const value = (service === 'ParameterStore' ? aws.parameters : aws.secrets)[prefix + key];
    if (value === undefined) throw new Error(`there is no ${key}`);
    return value;
  };
  const content = new Map<string, string>();
  for (const { extract, sourceRef } of spec.dataFrom ?? []) {
    for (const [key, value] of Object.entries(JSON.parse(read(extract, sourceRef)))) content.set(key, textOf(value));
  }
  for (const { secretKey, remoteRef, sourceRef } of spec.data ?? []) {
    const whole = read(remoteRef, sourceRef);
    const text = remoteRef.property == null ? whole : textOf(propertyOf(JSON.parse(whole), remoteRef.property));
    content.set(secretKey, decode(text, remoteRef.decodingStrategy));
  }
  const { data, mergePolicy } = spec.target?.template ?? {};
  if (data === undefined) return content;
  const rendered = Object.entries(data).map(([key, text]): [string, string] => [key, render(text, content)]);
  return new Map([...(mergePolicy === 'Merge' ? content : []), ...rendered]);
}

function propertyOf(value: Json, property: string): unknown {
  if (property in value) return value[property];
  const steps = (property.match(/(?:\\.|[^\\.])+/g) ?? []).map((step) => step.replaceAll('\\', ''));
  return stepInto(value, steps);
}

function stepInto(value: unknown, [step, ...others]: readonly string[]): unknown {
  if (step === undefined) return value;
  if (step !== '#') return stepInto((value as Json)[step], others);
  const list = value as readonly unknown[];
  return others.length === 0 ? list.length : list.map((one) => stepInto(one, others));
}

function decode(text: string, strategy = 'None'): string {
  const isBase64 = /^[\w+/-]+={0,2}$/.test(text) && text.length % 4 === 0;
  return strategy === 'None' || (strategy === 'Auto' && !isBase64) ? text : Buffer.from(text, 'base64').toString();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const FUNCTIONS: Record<string, (text: string) => string> = {
  toString: (text: string) => text,
  b64enc: (text) => Buffer.from(text).toString('base64'),
  quote: JSON.stringify,
  toJson: JSON.stringify,
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  trim: (text) => text.trim(),
  urlquery: (text) => new URLSearchParams({ '': text }).toString().slice(1).replaceAll('*', '%2A'),
};

/** Renders the few forms of Go templates that the fixtures have. */
function render(text: string, content: ReadonlyMap<string, string>): string {
  return text
    .replaceAll(/\s*\{\{- \/\*.*?\*\/\}\}/g, '')
    .replaceAll(/\s*\{\{- \((.*?)\) -\}\}\s*/g, '{{ $1 }}')
    .replaceAll('{{ toString .port }}', '{{ .port | toString }}')
    .replaceAll(
      /\{\{ (?:\.(\w+)|index \. "([^"]+)"|"([^"]+)")((?: \| \w+)*) \}\}/g,
      (_, field, index, literal, pipe) => {
        const names = pipe
          .split('|')
          .slice(1)
          .map((name: string) => name.trim());
        const start: string = literal ?? content.get(field ?? index) ?? 'missing';
        return names.reduce((value: string, name: string) => FUNCTIONS[name]?.(value) ?? 'unknown', start);
      },
    );
}
