/** Asks the webhook's own code about a pod template, as if its controller created the pod now. */
import jsonPatch, { type Operation } from 'fast-json-patch';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { type Answer, admit } from '../../webhook/admission/admit.ts';
import type { Refusal } from '../../webhook/errors.ts';
import { asPod, type Pod } from '../../webhook/pod/pod.ts';
import { readPrevious } from '../../webhook/reinvocation/previous.ts';
import type { Template } from '../../webhook/workload/find.ts';
import { podOf } from '../../webhook/workload/pod.ts';
import { describeObject } from '../manifests/find.ts';
import { DIFFERS, factsFor, UNKNOWN_REGION, UNKNOWN_ROLE, type World } from './world.ts';

export type Examined =
  /** The template is no pod that the API server takes. `problem` says where. */
  { readonly ok: false; readonly problem: string } | ({ readonly ok: true } & Examination);

type Examination = {
  /** The pod as its controller would create it. */
  readonly pod: Pod;
  readonly namespace: string;
  readonly answer: Answer;
  /** Everything that the webhook would refuse the pod for, as far as it is known. */
  readonly refusals: readonly Refusal[];
  /** The injection of the pod, if it has one afterwards. */
  readonly injection?: Injection;
  /** Says what else the answer depends on, and is not known; a sentence each. */
  readonly unknown: readonly string[];
};

type Injection = {
  /** The operations that the webhook answers with. */
  readonly patch: readonly Operation[];
  readonly pod: Pod;
  readonly config: InjectorConfig;
};

/** Returns the webhook's answer to the pod of a template. */
export async function examine(template: Template, world: World): Promise<Examined> {
  const read = asPod(podOf(template));
  if (!read.ok) return read;
  const { pod } = read;
  const namespace = template.owner.namespace ?? world.namespace;
  const request = { uid: 'offline', kind: 'creation', namespace, user: '', pod } as const;
  const answer = await admit(request, world.settings, factsFor(world, pod.metadata.annotations ?? {}));
  const injection = injectionOf(pod, answer);
  const { refusals = [] } = answer;
  const isKnown = (one: Refusal) => world.complete || missingIn(one, namespace) === undefined;
  return {
    ok: true,
    pod,
    namespace,
    answer,
    refusals: refusals.filter(isKnown),
    ...(injection && { injection }),
    unknown: [
      ...refusals
        .filter((one) => !isKnown(one))
        .flatMap((one) => missingIn(one, namespace) ?? [])
        .map((object) => `The ${object} ${whyUnknown(object, world)}, so that pods with it were not checked.`),
      ...(injection ? unknownOf({ pod, namespace, config: injection.config, world }) : []),
    ],
  };
}

/** Returns the pod after the patch, with the configuration of its injected container; undefined if it has none. */
function injectionOf(pod: Pod, { review }: Answer): Injection | undefined {
  const { patch: encoded } = review.response;
  const patch: Operation[] = encoded === undefined ? [] : JSON.parse(Buffer.from(encoded, 'base64').toString());
  const injected = patch.length > 0 ? jsonPatch.applyPatch(structuredClone(pod), patch).newDocument : pod;
  const previous = readPrevious(injected);
  return previous && { patch, pod: injected, config: previous.config };
}

/** Returns the object whose absence a refusal is about, with its namespace; undefined for any other refusal. */
function missingIn({ code, message }: Refusal, namespace: string): string | undefined {
  if (code === 'ASI_ADMIT_NO_CLASS') {
    return `SecretProviderClass ${/secretproviderclass (\S+?),/.exec(message)?.[1] ?? 'of this name'}`;
  }
  if (code !== 'ASI_ADMIT_NO_EXTERNAL_SECRET') return undefined;
  const [, kind, name] = /there is no (\w+) ([\w.-]+)/.exec(message) ?? [];
  return kind && name && describeObject({ kind, name }, namespace);
}

const ABSENT = { files: 'is not in the files', cluster: 'could not be read' } as const;

/** Returns why nothing is known of an object, as the end of a sentence about it. */
function whyUnknown(object: string, { ambiguous, source }: World): string {
  return ambiguous.has(object) ? DIFFERS : ABSENT[source];
}

type Question = {
  readonly pod: Pod;
  readonly namespace: string;
  readonly config: InjectorConfig;
  readonly world: World;
};

function unknownOf({ pod, namespace, config, world }: Question): string[] {
  const { identity, region, environment } = config;
  const account = describeObject({ kind: 'ServiceAccount', name: pod.spec.serviceAccountName || 'default' }, namespace);
  const isRoleUnknown = identity.kind === 'web-identity' && identity.roleArn === UNKNOWN_ROLE;
  const isVersionUnknown = environment?.delivery === 'kubelet' && world.envFiles === undefined;
  return [
    ...(isRoleUnknown ? [`The ${account} ${whyUnknown(account, world)}, so that its role was not checked.`] : []),
    ...(region === UNKNOWN_REGION
      ? ['The region of the cluster is not known, so that regions were not compared: say it by --region.']
      : []),
    ...(isVersionUnknown
      ? ['The version of the cluster is not known; variables need Kubernetes 1.35: say it by --kubernetes.']
      : []),
  ];
}
