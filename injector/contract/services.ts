/** Lists the AWS services that hold secrets, with what the webhook and the injector must both know about each. */

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** Says what a text must match. The problem is the end of a sentence, with the fix. */
type Rule = { readonly pattern: RegExp; readonly problem: string };

/** Says what both programs must know about a service. The key of its row is the service's name in ARNs. */
type ServiceRow = {
  /** The words that may stand before the colon of a reference, like `ssm:NAME`. */
  readonly prefixes: readonly string[];
  /** The name of the service as an `objectType` of ASCP. */
  readonly objectType: string;
  /** The beginning of the last part of an object's ARN. */
  readonly resource: string;
  /** The name of the service, for people. */
  readonly title: string;
  /** The word for several objects of the service, in a message. */
  readonly plural: string;
  /** The word that references have for a label of a version, as in `?stage=…`. */
  readonly labelWord: string;
  /** Set if names are paths with `/`, so that a search can ask for everything below one. */
  readonly hasPaths?: true;
  /** Set if a request has the version or label after the name, as in `NAME:3`, and so never both of them. */
  readonly selectorInName?: true;
  /** The rules for versions and labels that a reference can break. */
  readonly version?: Rule;
  readonly label?: Rule;
  /** One value has at most so many bytes, which is the service's own limit. */
  readonly valueBytes: number;
  /** One search may find so many bytes. Nobody knows before how many there are, so this is a choice of ours. */
  readonly searchBytes: number;
  /** One request reads so many objects. */
  readonly readSize: number;
  /** Set if the service can read many current values with one request before each is read with its own request. */
  readonly prefetch?: {
    /** One prefetch request takes so many objects. */
    readonly size: number;
    /** The label of the versions that such a request reads. */
    readonly label: string;
  };
  /**
   * Set if a version names one value for ever. ASCP does not ask the second region for such a version while the first one has
   * it.
   */
  readonly hasFixedVersions?: true;
};

/**
 * Describes each service. The limits are documented: Secrets Manager, "Quotas" (a secret value has at most 65,536 bytes) and
 * BatchGetSecretValue (SecretIdList has at most 20 items); Parameter Store, "Managing parameter tiers" (an advanced parameter
 * has at most 8 KiB) and GetParameters (Names has at most 10 items).
 */
export const SERVICES = {
  secretsmanager: {
    prefixes: ['secretsmanager'],
    objectType: 'secretsmanager',
    resource: 'secret:',
    title: 'Secrets Manager',
    plural: 'secrets',
    labelWord: 'stage',
    valueBytes: 64 * KIBIBYTE,
    searchBytes: 8 * MEBIBYTE,
    readSize: 1,
    prefetch: { size: 20, label: 'AWSCURRENT' },
    hasFixedVersions: true,
  },
  ssm: {
    prefixes: ['ssm', 'ssmparameter'],
    objectType: 'ssmparameter',
    resource: 'parameter/',
    title: 'Parameter Store',
    plural: 'parameters',
    labelWord: 'label',
    hasPaths: true,
    selectorInName: true,
    version: {
      pattern: /^[1-9]\d*$/,
      problem: 'has a version that is not a number; parameters have versions like ?version=3, and labels as ?label=…',
    },
    label: {
      pattern: /^[A-Za-z_.-][A-Za-z0-9_.-]*$/,
      problem:
        'has a label that Parameter Store does not allow; labels hold letters, digits, ".", "-", "_" and do not start with a digit',
    },
    valueBytes: 8 * KIBIBYTE,
    searchBytes: 4 * MEBIBYTE,
    readSize: 10,
  },
} as const satisfies Record<string, ServiceRow>;

export type ServiceName = keyof typeof SERVICES;

/** Lists the names of the services, in the order in which their objects are planned and reported. */
export const SERVICE_NAMES = Object.keys(SERVICES) as [ServiceName, ...ServiceName[]];

/** A value of any service has at most so many bytes. */
export const LARGEST_VALUE = Math.max(...SERVICE_NAMES.map((service) => SERVICES[service].valueBytes));

/** Returns the row of a service, in which a member that some services lack may be read. */
export function serviceRow(service: ServiceName): ServiceRow {
  return SERVICES[service];
}

/** Returns the service that a word before the colon of a reference names, or undefined if no service has that word. */
export function serviceOfPrefix(prefix: string): ServiceName | undefined {
  return SERVICE_NAMES.find((service) => serviceRow(service).prefixes.includes(prefix));
}

/** Returns the words that may stand before the colon of a reference to a service of the given kind, of any service without one. */
export function prefixesOf(isMeant: (row: ServiceRow) => boolean = () => true): string[] {
  return SERVICE_NAMES.map(serviceRow)
    .filter(isMeant)
    .flatMap(({ prefixes }) => prefixes);
}
