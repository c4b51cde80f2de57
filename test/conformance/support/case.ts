/** Reads the cases. Each is a YAML file in test/fixtures/conformance, and is checked as strictly as a configuration. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { problemsIn } from '../../../injector/contract/schema-problems.ts';
import { texts } from '../../../injector/contract/texts.ts';
import { ClusterState, KubernetesSecret, Owner } from './cluster.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/conformance');

const strings = v.array(v.string());

/** Is a text, or a file of another kind or mode than a text of mode 0644. */
const File = v.union([
  v.string(),
  v.strictObject({
    /** The text. If it and `base64` are absent, the file may have any content. */
    content: v.optional(v.string()),
    /** Bytes that are no text. */
    base64: v.optional(v.string()),
    mode: v.optional(v.pipe(v.string(), v.regex(/^0[0-7]{3}$/, 'must be 0 and three octal digits')), '0644'),
  }),
]);

const result = {
  /** The beginning of the message, in ASCP's own words. Nothing is written. */
  error: v.optional(v.string()),
  /** All files that are written. */
  files: v.optional(v.record(v.string(), File)),
  /** All Secrets that are in the cluster then. */
  secrets: v.optional(v.record(v.string(), KubernetesSecret)),
  /** A note for people about what neither a message nor files can show. */
  says: v.optional(v.string()),
};

const RESULTS = ['error', 'files', 'secrets', 'says'] as const satisfies readonly (keyof typeof result)[];

const checks = {
  exit: v.optional(v.picklist([2, 10, 20])),
  /** Other parts of the message: the cause that ASCP hides. */
  also: v.optional(strings),
  /** Parts of the init container's log. */
  log: v.optional(strings),
  /** Parts of the admission's warnings. */
  warns: v.optional(strings),
  /** All requests to AWS without those to STS: REGION OPERATION NAME… */
  requests: v.optional(strings),
  /** All requests to STS. */
  sts: v.optional(strings),
  /** All names of AWS that are asked, where it is reached by them. */
  hosts: v.optional(strings),
  /** A part of the configuration of the injector. */
  config: v.optional(v.unknown()),
  /** A part of the pod as it comes out. */
  pod: v.optional(v.unknown()),
  /** The pod comes out as it went in. */
  untouched: v.optional(v.literal(true)),
};

const SecretObjects = v.array(
  v.strictObject({
    secretName: v.string(),
    type: v.string(),
    labels: v.exactOptional(texts),
    annotations: v.exactOptional(texts),
    data: v.array(v.strictObject({ objectName: v.string(), key: v.string() })),
  }),
);

const ProviderClass = v.strictObject({
  provider: v.optional(v.string()),
  parameters: v.optional(texts, {}),
  secretObjects: v.optional(SecretObjects, []),
});

/** `secrets` and `parameters` are those of the primary region; the rest is a seed of the in-memory AWS. */
const AwsState = v.looseObject({ secrets: v.optional(texts), parameters: v.optional(texts) });

const input = {
  /** A note for people, in place of the declaration. */
  input: v.nullish(v.string()),
  /** A note for people: what AWS or the cluster does. */
  state: v.nullish(v.string()),
  /** The objects of the class. */
  objects: v.optional(v.string()),
  /** The other parameters of the class. */
  parameters: v.optional(texts),
  /** The secretObjects of the class. */
  secretObjects: v.optional(SecretObjects),
  /** The class, instead of the three above. If it is null, there is none. */
  class: v.nullish(ProviderClass),
  /** The pod makes the Secrets of the class. The driver is set to do it. */
  sync: v.optional(v.literal(true)),
  /** The attributes of the volume, beside secretProviderClass: app1. */
  attributes: v.optional(texts),
  /** The annotations by their names without the prefix. */
  annotations: v.optional(texts),
  /** False if the pod has no CSI volume. */
  volume: v.optional(v.boolean()),
  /** The whole pod, where it matters. */
  pod: v.optional(v.looseObject({})),
  /** Other members of the app's container, without the whole pod. */
  container: v.optional(v.looseObject({})),
  /** If it is absent, the pod has a ServiceAccount with a role. */
  serviceAccount: v.optional(v.strictObject({ roleArn: v.optional(v.string()) })),
  /** The region of the cluster. If it is absent, that is us-west-2. */
  region: v.nullish(v.string()),
  /** The chart's values of `aws`. With useFipsEndpoint, AWS is reached by its own names. */
  chartAws: v.optional(v.looseObject({ useFipsEndpoint: v.optional(v.boolean()) })),
  /** Names of AWS that do not exist. */
  missingHosts: v.optional(strings),
  /** The cluster's rotation interval in seconds. If it is absent, nothing rotates. */
  rotation: v.optional(v.pipe(v.number(), v.safeInteger('must be a whole number'))),
  /** The content of the token file. */
  token: v.optional(v.string()),
  /** The owners of the pod. If they are absent, it has none. */
  owners: v.optional(v.array(Owner)),
  /** The Secrets that are there. */
  cluster: v.optional(ClusterState),
  /** The address at which the Pod Identity agent is reached. Nothing is at the other. */
  agent: v.optional(v.picklist(['ipv4', 'ipv6'])),
  /** If it is absent, an error is one of admission. */
  aws: v.nullish(AwsState),
};

const Again = v.strictObject({
  about: v.string(),
  /** The objects of the class, which has changed. */
  objects: v.optional(v.string()),
  /** The secretObjects of the class, which has changed. */
  secretObjects: v.optional(SecretObjects),
  /** The owners of the new pod. */
  owners: v.optional(v.array(Owner)),
  /** The class, which is there now. */
  class: v.optional(ProviderClass),
  /** There is a new pod. If it is absent, the same configuration runs again. */
  newPod: v.optional(v.literal(true)),
  /** The container starts again. If it is absent, with rotation, the interval passes. */
  restarts: v.optional(v.literal(true)),
  /** The objects that AWS has from this step on, beside those of the case. */
  aws: v.optional(AwsState),
  /** The changes that somebody else made in the cluster before this step. */
  cluster: v.optional(ClusterState),
  files: result.files,
  secrets: result.secrets,
  requests: checks.requests,
  log: checks.log,
});

const Ours = v.strictObject({ ...result, ...checks });

const Variant = v.strictObject({
  ...input,
  title: v.string(),
  ascp: v.optional(v.strictObject(result)),
  ours: v.optional(Ours),
  why: v.optional(v.string()),
});

const CaseFile = v.strictObject({
  case: v.pipe(v.string(), v.regex(/^\d{1,3}[a-z]?$/, 'must be a number with a letter or without one')),
  title: v.string(),
  ...input,
  ascp: v.strictObject(result),
  /** The differences from ASCP, and other checks. */
  ours: v.optional(Ours),
  /** The reason, where ours differs. */
  why: v.optional(v.string()),
  /** The reason why there is nothing to run. */
  notApplicable: v.optional(v.string()),
  /** The steps that come after. */
  again: v.optional(v.array(Again)),
  /** The variants run as cases of their own. Each replaces some inputs, and takes the others from the case. */
  variants: v.optional(v.array(Variant)),
});

export type Case = Omit<v.InferOutput<typeof CaseFile>, 'variants'>;
export type Again = v.InferOutput<typeof Again>;
export type Expected = v.InferOutput<typeof Ours>;
export type ExpectedFiles = NonNullable<Expected['files']>;

/**
 * Returns all cases in the order of their numbers. A variant gets the number of its file with the next free letter: the first
 * variant of 17 is 17a. Throws if a file is wrong.
 */
export function readCases(): Case[] {
  const files = readdirSync(FOLDER).map(readCase);
  const used = new Set(files.map((one) => one.case));
  const all = files.flatMap(({ variants = [], ...one }) => [
    one,
    ...variants.map((variant) => ({
      ...one,
      ...variant,
      case: nextNumber(one.case, used),
      ascp: variant.ascp ?? one.ascp,
    })),
  ]);
  for (const each of all) checkReason(each);
  return all.sort((a, b) => a.case.localeCompare(b.case, 'en', { numeric: true }));
}

function readCase(name: string): v.InferOutput<typeof CaseFile> {
  const read = v.safeParse(CaseFile, parse(readFileSync(join(FOLDER, name), 'utf8')));
  if (!read.success) throw new TypeError(`${name}: ${problemsIn(read.issues).join(', ')}`);
  const { case: number } = read.output;
  if (!name.startsWith(`${number.replace(/^\d+/, (digits) => digits.padStart(3, '0'))}-`)) {
    throw new TypeError(`${name}: the name does not begin with the case's number, ${number}`);
  }
  return read.output;
}

/** Returns a number that no case has, and adds it to those in use. */
function nextNumber(number: string, used: Set<string>): string {
  const digits = Number.parseInt(number, 10);
  const free = [...'abcdefghijklmnopqrstuvwxyz'].map((letter) => `${digits}${letter}`).find((one) => !used.has(one));
  if (free === undefined) throw new TypeError(`case ${number} has too many variants`);
  used.add(free);
  return free;
}

/** Returns what the injector has to do: ASCP's result with our differences. */
export function expectedOf({ ascp, ours = {} }: Case): Expected {
  const differs = RESULTS.some((key) => ours[key] !== undefined);
  return differs ? ours : { ...ascp, ...ours };
}

function checkReason({ case: number, title, ascp, ours = {}, why, notApplicable }: Case): void {
  const differs = RESULTS.some((key) => ours[key] !== undefined);
  const reasoned = why !== undefined || notApplicable !== undefined;
  if (notApplicable === undefined && differs !== reasoned) {
    throw new TypeError(`${number}: ${title}: "why" stands where ours differs from ASCP's result, and only there`);
  }
  if (Object.keys(ascp).length === 0) throw new TypeError(`${number}: ascp says nothing`);
}
