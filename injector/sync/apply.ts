/** Decides whether a Kubernetes Secret has to be written, and makes what is applied. */
import { FIELD_MANAGER, MADE_BY_DRIVER, MANAGED_BY } from '../contract/sync.ts';
import type { MadeSecret, Owner } from '../contract/sync-schema.ts';
import type { Secret } from '../secret.ts';

type Texts = Readonly<Record<string, string>>;

/** A Secret that is to be, with the values of its keys. */
export type WantedSecret = Pick<MadeSecret, 'name' | 'type' | 'labels' | 'annotations'> & {
  readonly data: ReadonlyMap<string, Secret>;
};

/** The fields that a manager owns, each with `f:` before its name. */
type Fields = { readonly [name: string]: Fields | undefined };

/** A Secret as the API server has it. */
export type PresentSecret = {
  readonly type?: string;
  readonly data?: Texts;
  readonly immutable?: boolean;
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly labels?: Texts;
    readonly annotations?: Texts;
    readonly ownerReferences?: readonly Owner[];
    readonly managedFields?: readonly {
      readonly manager?: string;
      readonly operation?: string;
      readonly fieldsV1?: Fields;
    }[];
  };
};

/** `foreign`: somebody else made the Secret. `type`: it has another type, and `immutable`: other values, that can not be changed. */
export type Obstacle = 'foreign' | 'type' | 'immutable';

/** `unchanged`: nothing is to be written. */
export type Decision = 'unchanged' | Obstacle | { readonly body: object };

/**
 * A resource version that no object has. The API server refuses an apply with it by a conflict if the Secret exists meanwhile, and
 * ignores it if the Secret does not: so only one of many pods makes the Secret, and none overwrites the owners that another wrote.
 */
const ABSENT_VERSION = '1';

/**
 * Returns what is to be done about a Secret; `present` is undefined if there is none. An apply names the version that was read, so
 * that it conflicts with everything that was written since. It has all owners that are there, as they are those of other pods.
 */
export function decide(wanted: WantedSecret, present: PresentSecret | undefined, owners: readonly Owner[]): Decision {
  const labels = { ...wanted.labels, [MANAGED_BY.label]: MANAGED_BY.value };
  const { annotations = {}, type } = wanted;
  const data = Object.fromEntries([...wanted.data].map(([key, value]) => [key, toBase64(value)]));
  const others = present?.metadata.ownerReferences ?? [];
  const missing = owners.filter(({ uid }) => !others.some((other) => other.uid === uid));
  if (present !== undefined) {
    if (!mayChange(present)) return 'foreign';
    if (present.type !== type) return 'type';
    const { metadata } = present;
    const ours = fieldsOfOurs(present);
    const hasValues = isAsApplied(present.data, data, ours?.['f:data']);
    if (present.immutable && !hasValues) return 'immutable';
    const hasRest =
      isAsApplied(metadata.labels, labels, ours?.['f:metadata']?.['f:labels']) &&
      isAsApplied(metadata.annotations, annotations, ours?.['f:metadata']?.['f:annotations']);
    if (hasValues && hasRest && missing.length === 0) return 'unchanged';
  }
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: wanted.name,
      labels,
      annotations,
      ownerReferences: [...others, ...missing],
      resourceVersion: present?.metadata.resourceVersion ?? ABSENT_VERSION,
    },
    type,
    data,
  };
  return { body };
}

/** Returns whether the injector or the CSI driver made the Secret, or somebody marked it for the injector. */
function mayChange({ metadata: { labels = {} } }: PresentSecret): boolean {
  return [MANAGED_BY, MADE_BY_DRIVER].some(({ label, value }) => labels[label] === value);
}

/** Returns the fields that the injector applied before; undefined if it applied none. What it does not apply any more goes. */
function fieldsOfOurs({ metadata: { managedFields = [] } }: PresentSecret): Fields | undefined {
  return managedFields.find(({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply')?.fieldsV1;
}

/** Returns whether all wanted texts are there, and nothing that the injector applied before and that is not wanted any more. */
function isAsApplied(present: Texts = {}, wanted: Texts, ours: Fields = {}): boolean {
  const isThere = Object.entries(wanted).every(([key, text]) => Object.hasOwn(present, key) && present[key] === text);
  const own = Object.keys(ours).filter((field) => field.startsWith('f:'));
  return isThere && own.every((field) => Object.hasOwn(wanted, field.slice('f:'.length)));
}

function toBase64(value: Secret): string {
  return Buffer.from(value.reveal()).toString('base64');
}
