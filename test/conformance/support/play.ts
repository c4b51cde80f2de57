/**
 * Plays one case the whole way, from the class through admission, configuration and injector to files, with the real code of
 * both programs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { decodeConfig } from '../../../injector/contract/encode.ts';
import { CONFIG_ENV, TOKEN_FILE } from '../../../injector/contract/names.ts';
import { type Answer, admit } from '../../../webhook/admission/admit.ts';
import { parseReview } from '../../../webhook/admission/review.ts';
import { CONTAINER } from '../../../webhook/pod/names.ts';
import type { AdmissionSettings } from '../../../webhook/settings.ts';
import type { Call } from '../../aws/call.ts';
import { parseSeed, seedOptions, sow } from '../../aws/seed.ts';
import type { Aws } from '../../aws/server.ts';
import { createWorld } from '../../injector/support/world.ts';
import { patched, reviewOf } from '../../webhook/support/admission.ts';
import { addAgent, reachedAt } from './agent.ts';
import type { Case } from './case.ts';
import { type CaseCluster, startCaseCluster } from './cluster.ts';
import { createContainer, type Result } from './container.ts';
import { CLASS, factsOf, podOf, REGION, settingsOf, VOLUME } from './pod.ts';
import { directoriesOf, type Written, writtenIn } from './written.ts';

/** Matches the beginning of a refusal, which names the volume, and its class if it has one. */
const LEAD = new RegExp(`^volume ${VOLUME}(?: \\(class ${CLASS}\\))?: `);

/** Has the result of the admission. */
type Admission = {
  /** Each without its code and the place, which comes before ASCP's words. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
  readonly before: unknown;
  readonly pod: unknown;
  readonly config?: InjectorConfig;
};

export type Play = {
  admit(one: Case): Promise<Admission>;
  /** Starts the injected container. The message comes without the object's name, which stands before ASCP's words of a part. */
  run(config: InjectorConfig): Promise<Result>;
  /** Lets the interval of the rotation pass. */
  poll(config: InjectorConfig): Promise<Result>;
  /** Has the Kubernetes Secrets; undefined if the pod makes none. */
  readonly cluster: CaseCluster | undefined;
  /** Adds to what AWS has. */
  sow(state: Case['aws']): void;
  written(config: InjectorConfig): Written;
  /** Returns the calls of AWS since the last time. */
  calls(): Call[];
  /** Returns the names of AWS that were asked since the last time, with their ports, where AWS is reached by them. */
  hosts(): string[];
};

/** The surroundings of a case, with AWS as the case has it. */
export async function createPlay(t: Test, one: Case): Promise<Play> {
  const podIdentity = one.agent === undefined ? {} : { podIdentity: {} };
  const names = one.chartAws?.useFipsEndpoint ? { tls: true, proxy: { missing: one.missingHosts } } : {};
  const options = { region: REGION, ...seedOptions(seedOf(one.aws)), ...podIdentity, ...names };
  const world = await createWorld(t, undefined, options);
  sow(world.aws, seedOf(one.aws));
  if (one.agent !== undefined) addAgent(world);
  if (one.token !== undefined) writeFileSync(join(world.root, TOKEN_FILE), one.token);
  const cluster = one.sync && (await startCaseCluster(t, world.root));
  cluster?.change(one.cluster);
  const container = createContainer(t, world, cluster?.cluster);
  return {
    admit: (asked) => admission(asked, reachOf(world.aws)),
    run: async (config) => {
      for (const directory of directoriesOf(config)) mkdirSync(join(world.root, directory), { recursive: true });
      const identity = reachedAt(config.identity, world.aws.podIdentityUrl, one.agent);
      const run = await container.start({ ...config, identity });
      return { ...run, message: withoutNames(run.message, config) };
    },
    poll: container.poll,
    cluster,
    sow: (state) => sow(world.aws, seedOf(state)),
    written: (config) => writtenIn(world.root, config),
    calls: () => world.aws.calls.splice(0),
    hosts: () => world.aws.proxy?.asked.splice(0) ?? [],
  };
}

/** Returns the settings that lead to the in-memory AWS: one URL for all, or AWS's own names behind a proxy. */
function reachOf({ url, proxy, certificate }: Aws): AdmissionSettings['aws'] {
  return proxy === undefined ? { endpointUrl: url } : { httpsProxy: proxy.url, caBundle: certificate };
}

async function admission(one: Case, reach: AdmissionSettings['aws']): Promise<Admission> {
  const before = podOf(one);
  const review = parseReview(JSON.parse(JSON.stringify(reviewOf(before))));
  if (!review.ok) throw new TypeError(review.problem);
  const answer = await admit(review.request, settingsOf(one, reach), factsOf(one));
  if (answer.outcome === 'failed') throw answer.error;
  const pod = patched(before, answer.review);
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

/** Returns the AWS of a case as a seed. `secrets` and `parameters` by name are those of the primary region. */
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
