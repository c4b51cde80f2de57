/**
 * The part of a pod that the webhook reads. Everything else passes through untouched and unseen: a pod is never rebuilt
 * from a model, so that fields newer than this program survive.
 */
import * as z from 'zod';
import { echo } from './declare/echo.ts';

/**
 * Members that are not named here are a pod's too, but nobody looks at them: what the check makes of an object is thrown
 * away, and would cost a copy of each of them.
 */
function known<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$loose> {
  return z.object(shape) as unknown as z.ZodObject<T, z.core.$loose>;
}

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).nullish();
const resources = known({ requests: quantities, limits: quantities }).nullish();
const user = { runAsUser: z.number().nullish(), runAsGroup: z.number().nullish() };

const mount = known({
  name: z.string(),
  mountPath: z.string(),
  readOnly: z.boolean().nullish(),
  subPath: z.string().nullish(),
  subPathExpr: z.string().nullish(),
});

const optional = z.boolean().nullish();
const secretKey = known({ name: z.string().nullish(), key: z.string(), optional });
const fileKey = known({ volumeName: z.string(), path: z.string(), key: z.string(), optional });
const variable = known({
  name: z.string(),
  value: z.string().nullish(),
  valueFrom: known({ secretKeyRef: secretKey.nullish(), fileKeyRef: fileKey.nullish() }).nullish(),
});
const secret = known({ name: z.string().nullish(), optional });

const container = known({
  name: z.string(),
  command: z.array(z.string()).nullish(),
  args: z.array(z.string()).nullish(),
  env: z.array(variable).nullish(),
  envFrom: z.array(known({ prefix: z.string().nullish(), secretRef: secret.nullish() })).nullish(),
  resources,
  securityContext: known(user).nullish(),
  volumeDevices: z.array(known({ devicePath: z.string() })).nullish(),
  volumeMounts: z.array(mount).nullish(),
});

const csi = known({
  driver: z.string(),
  readOnly: z.boolean().nullish(),
  volumeAttributes: z.record(z.string(), z.string()).nullish(),
});
const volume = known({
  name: z.string(),
  csi: csi.nullish(),
  emptyDir: known({ medium: z.string().nullish() }).nullish(),
  secret: known({ secretName: z.string().nullish() }).nullish(),
});

const owner = known({ apiVersion: z.string(), kind: z.string() });

const shape = known({
  metadata: known({
    annotations: z.record(z.string(), z.string()).nullish(),
    labels: z.record(z.string(), z.string()).nullish(),
    ownerReferences: z.array(owner).nullish(),
  }),
  spec: known({
    activeDeadlineSeconds: z.number().nullish(),
    containers: z.array(container).min(1),
    initContainers: z.array(container).nullish(),
    nodeSelector: z.record(z.string(), z.string()).nullish(),
    os: known({ name: z.string() }).nullish(),
    resources,
    restartPolicy: z.string().nullish(),
    schedulerName: z.string().nullish(),
    securityContext: known({ ...user, fsGroup: z.number().nullish() }).nullish(),
    serviceAccountName: z.string().nullish(),
    volumes: z.array(volume).nullish(),
  }),
});

export type Pod = z.infer<typeof shape>;
export type Container = z.infer<typeof container>;
export type VolumeMount = z.infer<typeof mount>;
export type Variable = z.infer<typeof variable>;
export type Volume = z.infer<typeof volume>;
export type Resources = z.infer<typeof resources>;

/** The object itself, not a copy, where it has the shape of a pod; else what is wrong with it. */
export function asPod(object: unknown): { ok: true; pod: Pod } | { ok: false; problem: string } {
  const result = shape.safeParse(object);
  if (result.success) return { ok: true, pod: object as Pod };
  const [first] = result.error.issues;
  return {
    ok: false,
    problem: `${['object', ...(first?.path ?? [])].map((key) => echo(String(key))).join('.')}: ${first?.message}`,
  };
}
