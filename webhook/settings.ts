/**
 * Reads the settings that the chart gives to the webhook: one JSON text, which is checked as a whole before anything starts.
 */
import * as z from 'zod';
import { certificates as pem, plainUrl as url } from '../injector/contract/access.ts';
import { SERVICE_NAMES } from '../injector/contract/services.ts';
import { parseInterval } from './declare/values.ts';

/** The environment variable that holds the settings. */
export const SETTINGS_ENV = 'AWS_SECRETS_INJECTOR_SETTINGS';

const port = z.int().min(1).max(65535);
const level = z.enum(['debug', 'info', 'warn', 'error']);
const quantities = z.record(z.string(), z.string());
const resources = z.strictObject({ requests: quantities.optional(), limits: quantities.optional() });
const name = z.string().min(1);

const interval = z.string().transform((text, context) => {
  const read = parseInterval(text);
  if (read.ok) return read.value;
  context.issues.push({ code: 'custom', message: `"${text}" ${read.problem}`, input: text });
  return z.NEVER;
});

const inFolder = {
  /** The folder that holds tls.crt, tls.key and ca.crt. */
  directory: name,
  /** The Service that the certificate must be for. */
  serviceName: name.optional(),
  /** The configuration that is looked at: whether it is there, and which CAs it trusts. */
  webhookConfigurationName: name.optional(),
};

const certificates = z.preprocess(
  (value) => (typeof value === 'object' && value !== null ? { mode: 'self-managed', ...value } : value),
  z.discriminatedUnion('mode', [
    z.strictObject({
      mode: z.literal('self-managed'),
      secretName: name,
      serviceName: name,
      webhookConfigurationName: name,
    }),
    z.strictObject({ mode: z.literal('cert-manager'), ...inFolder }),
    z.strictObject({
      mode: z.literal('provided'),
      ...inFolder,
      /** The CA of the named configuration: the webhook writes the ca.crt into it, or someone else writes a caBundle. */
      caBundle: z.enum(['ca.crt', 'given']).default('ca.crt'),
    }),
  ]),
);

const schema = z.strictObject({
  /** The port of admission, over TLS. */
  port: port.default(9443),
  /** The port of probes and metrics, over HTTP. */
  healthPort: port.default(8080),
  logLevel: level.default('info'),
  injector: z.strictObject({
    image: name,
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
    logLevel: level.default('info'),
    /** The seconds after which AWS is asked for changes, in pods that name no rotation. */
    rotation: interval.optional(),
    /** True if secrets are read twenty at a time, in pods that do not say it. */
    batch: z.boolean().optional(),
    /** The resources of init containers. */
    resources: resources.optional(),
    /** The resources of sidecars. */
    rotationResources: resources.optional(),
  }),
  aws: z
    .strictObject({
      region: z
        .string()
        .regex(/^[a-z0-9-]+$/)
        .optional(),
      endpointUrl: z.optional(url),
      /** The addresses of services of AWS. `podIdentity` replaces the agent's own addresses. */
      endpoints: z.partialRecord(z.enum(['sts', ...SERVICE_NAMES, 'podIdentity']), z.optional(url)).optional(),
      useFipsEndpoint: z.boolean().optional(),
      useDualstackEndpoint: z.boolean().optional(),
      httpsProxy: z.optional(url),
      noProxy: z.string().optional(),
      caBundle: z.optional(pem),
      caBundleConfigMap: z.strictObject({ name, key: name.default('ca.crt') }).optional(),
    })
    .default({}),
  /** The pods whose volumes of the Secrets Store CSI driver are filled in the driver's place. */
  takeOverCsiVolumes: z.enum(['fargate', 'all', 'never']).default('fargate'),
  /** The pods whose references to Secrets of ExternalSecrets are replaced by the values. */
  takeOverExternalSecrets: z.enum(['annotated', 'all', 'never']).default('annotated'),
  /** The maker of the Secrets of `secretObjects` for pods that do not say it: nobody, or each pod itself. */
  syncSecrets: z.enum(['never', 'byPod']).optional(),
  /** The most reviews at once. More of them wait, and then are sent away for a second. */
  maxConcurrentReviews: z.int().min(1).max(1000).default(64),
  /** A CA in PEM. Whoever calls the webhook must have a certificate of this CA. */
  clientCa: z.string().optional(),
  /** If present, the webhook looks for pods that declare something and run without our container. */
  uninjectedPods: z.strictObject({ events: z.boolean().default(false) }).optional(),
  /** If present, reviews of workloads are answered with warnings. The named ValidatingWebhookConfiguration gets the caBundle. */
  advice: z.strictObject({ webhookConfigurationName: name.optional() }).optional(),
  certificates,
});

export type Settings = z.infer<typeof schema>;

/** Has the settings that decisions about pods need. Ports and certificates are not among them. */
export type AdmissionSettings = Pick<
  Settings,
  'injector' | 'aws' | 'takeOverCsiVolumes' | 'takeOverExternalSecrets' | 'syncSecrets'
> & {
  /** The webhook's own namespace, whose pods are exempt. */
  readonly namespace: string;
};

/** Reads the settings, and reports all mistakes at once. An empty text means that the setting is absent. */
export function readSettings(
  text: string | undefined,
): { ok: true; settings: Settings } | { ok: false; problem: string } {
  if (text === undefined) return { ok: false, problem: `${SETTINGS_ENV} is not set; the chart sets it` };
  let json: unknown;
  try {
    json = JSON.parse(text, (_key, value) => (value === '' || value === null ? undefined : value));
  } catch {
    return { ok: false, problem: `${SETTINGS_ENV} is not JSON` };
  }
  const result = schema.safeParse(json);
  if (result.success) return { ok: true, settings: result.data };
  return { ok: false, problem: `${SETTINGS_ENV} is wrong:\n${z.prettifyError(result.error)}` };
}
