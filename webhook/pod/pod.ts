/**
 * Describes the part of a pod that the webhook reads, and checks it. Everything else passes through untouched: a pod is
 * never rebuilt from a model, so that fields which are newer than this program survive. The API server has checked the
 * rest.
 */
import {
  emptyList,
  flag,
  listOf,
  mapOf,
  number,
  object,
  objectOf,
  optional,
  problemIn,
  type TypeOf,
  text,
  textOrNumber,
} from './shape.ts';

const quantities = optional(mapOf(textOrNumber));
const resources = optional(objectOf({ requests: quantities, limits: quantities }));
const user = { runAsUser: optional(number), runAsGroup: optional(number) };

const mount = objectOf({
  name: text,
  mountPath: text,
  readOnly: optional(flag),
  subPath: optional(text),
  subPathExpr: optional(text),
});

const secretKey = objectOf({ name: optional(text), key: text, optional: optional(flag) });
const fileKey = objectOf({ volumeName: text, path: text, key: text, optional: optional(flag) });
const variable = objectOf({
  name: text,
  value: optional(text),
  valueFrom: optional(objectOf({ secretKeyRef: optional(secretKey), fileKeyRef: optional(fileKey) })),
});
const secret = objectOf({ name: optional(text), optional: optional(flag) });

const container = objectOf({
  name: text,
  command: optional(listOf(text)),
  args: optional(listOf(text)),
  env: optional(listOf(variable)),
  envFrom: optional(listOf(objectOf({ prefix: optional(text), secretRef: optional(secret) }))),
  resources,
  restartPolicy: optional(text),
  securityContext: optional(objectOf(user)),
  volumeDevices: optional(listOf(objectOf({ devicePath: text }))),
  volumeMounts: optional(listOf(mount)),
});

const csi = objectOf({
  driver: text,
  readOnly: optional(flag),
  volumeAttributes: optional(mapOf(text)),
});
const projected = objectOf({
  sources: optional(listOf(objectOf({ secret: optional(objectOf({ name: optional(text) })) }))),
});
const volume = objectOf({
  name: text,
  csi: optional(csi),
  emptyDir: optional(objectOf({ medium: optional(text) })),
  projected: optional(projected),
  secret: optional(objectOf({ secretName: optional(text) })),
});

const requirement = objectOf({ key: text, operator: text, values: optional(listOf(text)) });
const selectorTerm = objectOf({ matchExpressions: optional(listOf(requirement)) });
const nodeSelector = objectOf({ nodeSelectorTerms: optional(listOf(selectorTerm)) });
const nodeAffinity = objectOf({ requiredDuringSchedulingIgnoredDuringExecution: optional(nodeSelector) });

const owner = objectOf({ apiVersion: text, kind: text, name: optional(text), uid: optional(text) });

const shape = objectOf({
  metadata: objectOf({
    annotations: optional(mapOf(text)),
    labels: optional(object),
    ownerReferences: optional(listOf(owner)),
  }),
  spec: objectOf({
    activeDeadlineSeconds: optional(number),
    affinity: optional(objectOf({ nodeAffinity: optional(nodeAffinity) })),
    containers: listOf(container),
    imagePullSecrets: optional(listOf(objectOf({ name: optional(text) }))),
    initContainers: optional(listOf(container)),
    nodeSelector: optional(object),
    os: optional(objectOf({ name: text })),
    resources,
    restartPolicy: optional(text),
    schedulerName: optional(text),
    securityContext: optional(objectOf({ ...user, fsGroup: optional(number) })),
    serviceAccountName: optional(text),
    shareProcessNamespace: optional(flag),
    volumes: optional(listOf(volume)),
  }),
});

/** A pod whose `containers` are missing or empty. Go writes an empty list as null. */
const containerless = objectOf({ spec: objectOf({ containers: optional(emptyList) }) });

export type Pod = TypeOf<typeof shape>;
export type Container = TypeOf<typeof container>;
export type VolumeMount = TypeOf<typeof mount>;
export type Variable = TypeOf<typeof variable>;
export type Volume = TypeOf<typeof volume>;
export type Resources = TypeOf<typeof resources>;
export type NodeSelectorRequirement = TypeOf<typeof requirement>;

/** Returns the object itself, not a copy, if it has the shape of a pod; else the first problem with its path. */
export function asPod(object: unknown): { ok: true; pod: Pod } | { ok: false; problem: string } {
  const problem = problemIn(object, shape, 'object');
  return problem === undefined ? { ok: true, pod: object as Pod } : { ok: false, problem };
}

/**
 * Returns a copy of the pod whose metadata, spec and containers may be changed. Everything deeper, such as the lists of
 * variables and mounts, is shared with the pod and may only be replaced. So neither the copy nor the patch costs what a
 * large pod would.
 */
export function draftOf(pod: Pod): Pod {
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    metadata: { ...pod.metadata },
    spec: {
      ...pod.spec,
      containers: containers.map((container) => ({ ...container })),
      ...(initContainers && { initContainers: initContainers.map((container) => ({ ...container })) }),
    },
  };
}

/** Returns whether the object is a pod without containers, which the API server refuses after the webhooks. */
export function hasNoContainers(object: unknown): boolean {
  return containerless(object) === undefined;
}
