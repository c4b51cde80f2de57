/** One case the whole way: class → admission → configuration → injector → files, with the real code of both houses. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonPatch from 'fast-json-patch';
import type { Test } from 'tap';
import { CONFIG_ENV, decodeConfig, type InjectorConfig } from '../../injector/config.ts';
import { type Answer, admit } from '../../webhook/admit.ts';
import { CONTAINER, SECRETS_DIRECTORY, TOKEN_FILE, volumeDirectory } from '../../webhook/names.ts';
import { parseReview } from '../../webhook/review.ts';
import type { Call } from '../aws/call.ts';
import { createIssuer, serviceAccountToken } from '../aws/issuer.ts';
import { parseSeed, seedOptions, sow } from '../aws/seed.ts';
import { createWorld, ROLE, type Run, type World } from '../injector/world.ts';
import { patchOf, reviewOf } from '../webhook/admission.ts';
import type { Case } from './case.ts';
import { CLASS, factsOf, podOf, REGION, settingsOf, VOLUME } from './pod.ts';

/** Where the declaration is that is refused; a volume that names no class has none. */
const LEAD = new RegExp(`^volume ${VOLUME}(?: \\(class ${CLASS}\\))?: `);

export type Written = ReadonlyMap<string, { readonly bytes: Buffer; readonly mode: string }>;

/** What the webhook made of the pod. */
export type Admission = {
  /** Each without its code and the place, which comes before ASCP's words. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
  readonly before: unknown;
  readonly pod: unknown;
  readonly config?: InjectorConfig;
};

export type Play = {
  admit(one: Case): Promise<Admission>;
  /** The message comes without the object's name, which stands before ASCP's words of a part. */
  run(config: InjectorConfig): Promise<Run>;
  /** Adds to what AWS has. */
  sow(state: Case['aws']): void;
  written(config: InjectorConfig): Written;
  /** What AWS was asked since the last call of this. */
  calls(): Call[];
};

/** The surroundings of a case, with AWS as the case has it. */
export async function createPlay(t: Test, one: Case): Promise<Play> {
  const podIdentity = one.agent === undefined ? {} : { podIdentity: {} };
  const world = await createWorld(t, undefined, { region: REGION, ...seedOptions(seedOf(one.aws)), ...podIdentity });
  sow(world.aws, seedOf(one.aws));
  if (one.agent !== undefined) addAgent(world);
  if (one.token !== undefined) writeFileSync(join(world.root, TOKEN_FILE), one.token);
  return {
    admit: (asked) => admission(asked, world.aws.url),
    run: async (config) => {
      for (const directory of directoriesOf(config)) mkdirSync(join(world.root, directory), { recursive: true });
      const identity = reachedAt(config.identity, world.aws.podIdentityUrl, one.agent);
      const run = await world.run({ ...config, identity });
      return { ...run, message: withoutNames(run.message, config) };
    },
    sow: (state) => sow(world.aws, seedOf(state)),
    written: (config) => writtenIn(world, config),
    calls: () => world.aws.calls.splice(0),
  };
}

/** The pod's token is for the Pod Identity agent then, and the role trusts both. */
function addAgent({ aws, root }: World): void {
  const issuer = createIssuer({ algorithm: 'ES256' });
  const pod = { namespace: 'shop', serviceAccount: 'app1' };
  const subjects = ['system:serviceaccount:shop:app1'];
  aws.addIssuer(issuer);
  aws.addRole({
    arn: ROLE,
    trust: [{ issuer: issuer.issuer, subjects }],
    trustsPodIdentity: true,
    policy: [{ actions: ['*'], resources: ['*'] }],
  });
  aws.associate({ ...pod, roleArn: ROLE });
  const audiences = ['sts.amazonaws.com', 'pods.eks.amazonaws.com'];
  writeFileSync(join(root, TOKEN_FILE), serviceAccountToken(issuer, { ...pod, audiences }));
}

/** The agent's own addresses are no test's: the case's becomes the in-memory agent's, the other one that nothing is at. */
function reachedAt(
  identity: InjectorConfig['identity'],
  url: string | undefined,
  agent: Case['agent'],
): InjectorConfig['identity'] {
  if (identity.kind !== 'pod-identity') return identity;
  const own = { ipv4: 'http://169.254.170.23/v1/credentials', ipv6: 'http://[fd00:ec2::23]/v1/credentials' };
  const nowhere = 'http://127.0.0.1:1/v1/credentials';
  const addresses = identity.addresses.map((address) => (agent && address === own[agent] ? (url ?? nowhere) : nowhere));
  return { ...identity, addresses };
}

async function admission(one: Case, endpointUrl: string): Promise<Admission> {
  const before = podOf(one);
  const review = parseReview(JSON.parse(JSON.stringify(reviewOf(before))));
  if (!review.ok) throw new TypeError(review.problem);
  const answer = await admit(review.request, settingsOf(one, endpointUrl), factsOf(one));
  if (answer.outcome === 'failed') throw answer.error;
  const pod = jsonPatch.applyPatch(structuredClone(before), patchOf(answer.review), true).newDocument;
  const config = configOf(pod);
  const { warnings = [] } = answer.review.response;
  return { refusals: refusalsOf(answer), warnings, before, pod, ...(config && { config }) };
}

function refusalsOf({ review }: Answer): string[] {
  const message = review.response.status?.message ?? '';
  const refusals = message.split(/(?:^| )ASI_ADMIT_[A-Z_]+: /).slice(1);
  return refusals.map((refusal) => refusal.replace(LEAD, ''));
}

type PodWithConfig = { spec?: { initContainers?: { name: string; env?: { name: string; value?: string }[] }[] } };

function configOf(pod: unknown): InjectorConfig | undefined {
  const ours = (pod as PodWithConfig).spec?.initContainers?.find(({ name }) => name === CONTAINER);
  const text = ours?.env?.find(({ name }) => name === CONFIG_ENV)?.value;
  return text === undefined ? undefined : decodeConfig(text);
}

/** A case's AWS as a seed: `secrets` and `parameters` by name are those of the primary region. */
function seedOf(state: Case['aws']) {
  const { secrets = {}, parameters = {}, regions = {}, ...rest } = state ?? {};
  const named = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }));
  const given = regions as Record<string, { secrets?: unknown[]; parameters?: unknown[] }>;
  const primary = {
    secrets: [...named(secrets), ...(given[REGION]?.secrets ?? [])],
    parameters: [...named(parameters), ...(given[REGION]?.parameters ?? [])],
  };
  return parseSeed(JSON.stringify({ ...rest, regions: { ...given, [REGION]: primary } }));
}

function withoutNames(message: string, { objects }: InjectorConfig): string {
  const nameless = (line: string) => {
    const object = objects.find(({ name }) => line.startsWith(`${name}: `));
    return object === undefined ? line : line.slice(object.name.length + 2);
  };
  return message.split('\n').map(nameless).join('\n');
}

function directoriesOf({ directory, objects }: InjectorConfig): string[] {
  const own = objects.flatMap(({ files = [] }) => files.flatMap((file) => file.directory ?? []));
  return [...new Set([directory, ...own])];
}

/** By path in the case's volume; others' paths begin with the volume's name. */
function writtenIn({ root }: World, config: InjectorConfig): Written {
  const files = directoriesOf(config).flatMap((directory) => {
    const own = directory === SECRETS_DIRECTORY || directory === volumeDirectory(VOLUME);
    const prefix = own ? '' : `${directory.slice(volumeDirectory('').length)}:`;
    const folder = join(root, directory);
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const mode = (statSync(path).mode & 0o7777).toString(8).padStart(4, '0');
        return [prefix + path.slice(folder.length + 1), { bytes: readBytes(path), mode }] as const;
      });
  });
  return new Map(files);
}

/** As root would: a file of mode 0000 is one too. */
function readBytes(path: string): Buffer {
  const { mode } = statSync(path);
  chmodSync(path, 0o600);
  const bytes = readFileSync(path);
  chmodSync(path, mode);
  return bytes;
}
