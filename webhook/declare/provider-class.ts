/** Defines the parts of a SecretProviderClass that the webhook reads, and the CSI volumes that name one. */

export type ProviderClass = {
  /** `aws` for classes that we read; undefined if the class has none. */
  readonly provider?: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The Secrets that the CSI driver would make from the files. */
  readonly secretObjects: readonly SecretObject[];
};

type Texts = Readonly<Record<string, string>>;

export type SecretObject = {
  readonly secretName: string;
  readonly type: string;
  /** The labels and annotations that the Secret gets; absent if the class has none. */
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly data: readonly { readonly objectName: string; readonly key: string }[];
};

/** The spec of a SecretProviderClass as the API server has it, or as somebody wrote it into a file. */
export type RawSpec = {
  readonly provider?: unknown;
  readonly parameters?: Readonly<Record<string, unknown>> | null;
  readonly secretObjects?: readonly RawSecret[] | null;
};

type RawSecret = {
  readonly labels?: Readonly<Record<string, unknown>> | null;
  readonly annotations?: Readonly<Record<string, unknown>> | null;
  readonly secretName?: unknown;
  readonly type?: unknown;
  readonly data?: readonly { readonly objectName?: unknown; readonly key?: unknown }[] | null;
};

/** A volume of the driver secrets-store.csi.k8s.io that the injector takes over. */
export type CsiVolume = {
  readonly name: string;
  /** The name of the class; empty if the attribute is missing. */
  readonly className: string;
  /** The volumeAttributes, which win over the parameters of the class. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
};

/** An entry of secretObjects counts so many characters besides its names, about as many as it has in YAML. */
const ENTRY_LENGTH = 32;

/** Returns the parts of a class that the webhook reads. */
export function readSpec(spec: RawSpec | undefined): ProviderClass {
  const parameters = Object.entries(spec?.parameters ?? {}).map(([name, value]) => [name, text(value)]);
  return {
    ...(spec?.provider !== undefined && { provider: text(spec.provider) }),
    parameters: Object.fromEntries(parameters),
    secretObjects: (spec?.secretObjects ?? []).map((one) => ({
      secretName: text(one.secretName),
      type: text(one.type),
      ...(one.labels && { labels: texts(one.labels) }),
      ...(one.annotations && { annotations: texts(one.annotations) }),
      data: (one.data ?? []).map(({ objectName, key }) => ({ objectName: text(objectName), key: text(key) })),
    })),
  };
}

function texts(values: Readonly<Record<string, unknown>>): Texts {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
}

/** Returns a text of the class. The resource's schema requires texts; any other value counts as missing. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Returns the characters of all keys and values together. */
export function textLength(texts: Iterable<readonly [string, string]>): number {
  let total = 0;
  for (const [key, text] of texts) total += key.length + text.length;
  return total;
}

/** Returns the characters of each class that exists. */
export function classLengths(classes: ReadonlyMap<string, ProviderClass | undefined>): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  for (const [name, found] of classes) if (found !== undefined) lengths.set(name, classLength(found));
  return lengths;
}

function classLength({ parameters, secretObjects }: ProviderClass): number {
  let total = textLength(Object.entries(parameters));
  for (const { secretName, type, data, labels = {}, annotations = {} } of secretObjects) {
    total += secretName.length + type.length + ENTRY_LENGTH;
    total += textLength([...Object.entries(labels), ...Object.entries(annotations)]);
    for (const { objectName, key } of data) total += objectName.length + key.length + ENTRY_LENGTH;
  }
  return total;
}
