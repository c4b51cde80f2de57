/**
 * Reads the settings that the chart gives to the webhook: one JSON text, which is checked as a whole before anything starts.
 */
import * as v from 'valibot';
import { text as name, certificates as pem, region, plainUrl as url } from '../injector/contract/access.ts';
import { CHECKS_IN_TURN, problemsIn } from '../injector/contract/schema-problems.ts';
import { SERVICE_NAMES } from '../injector/contract/services.ts';
import { option, strict } from '../injector/contract/strict.ts';
import { texts } from '../injector/contract/texts.ts';
import { parseInterval } from './declare/values.ts';

/** The environment variable that holds the settings. */
export const SETTINGS_ENV = 'AWS_SECRETS_INJECTOR_SETTINGS';

const port = numberFrom(1, 65_535);
const level = v.picklist(['debug', 'info', 'warn', 'error']);
const resources = strict({ requests: v.optional(texts), limits: v.optional(texts) });

const interval = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const read = parseInterval(dataset.value);
    if (read.ok) return read.value;
    addIssue({ message: `"${dataset.value}" ${read.problem}` });
    return NEVER;
  }),
);

function numberFrom(least: number, most: number) {
  return v.pipe(
    v.number(),
    v.safeInteger('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  );
}

const inFolder = {
  /** The folder that holds tls.crt, tls.key and ca.crt. */
  directory: name,
  /** The Service that the certificate must be for. */
  serviceName: v.optional(name),
  /** The configuration that is looked at: whether it is there, and which CAs it trusts. */
  webhookConfigurationName: v.optional(name),
};

const certificates = v.pipe(
  v.unknown(),
  v.transform((value) => (typeof value === 'object' && value !== null ? { mode: 'self-managed', ...value } : value)),
  v.variant('mode', [
    option({
      mode: v.literal('self-managed'),
      secretName: name,
      serviceName: name,
      webhookConfigurationName: name,
    }),
    option({ mode: v.literal('cert-manager'), ...inFolder }),
    option({
      mode: v.literal('provided'),
      ...inFolder,
      /** The CA of the named configuration: the webhook writes the ca.crt into it, or someone else writes a caBundle. */
      caBundle: v.optional(v.picklist(['ca.crt', 'given']), 'ca.crt'),
    }),
  ]),
);

const schema = strict({
  /** The port of admission, over TLS. */
  port: v.optional(port, 9443),
  /** The port of probes and metrics, over HTTP. */
  healthPort: v.optional(port, 8080),
  logLevel: v.optional(level, 'info'),
  injector: strict({
    image: name,
    pullPolicy: v.optional(v.picklist(['Always', 'IfNotPresent', 'Never']), 'IfNotPresent'),
    logLevel: v.optional(level, 'info'),
    /** The seconds after which AWS is asked for changes, in pods that name no rotation. */
    rotation: v.optional(interval),
    /** True if secrets are read twenty at a time, in pods that do not say it. */
    batch: v.optional(v.boolean()),
    /** The resources of init containers. */
    resources: v.optional(resources),
    /** The resources of sidecars. */
    rotationResources: v.optional(resources),
  }),
  aws: v.optional(
    strict({
      region: v.optional(region),
      endpointUrl: v.optional(url),
      /** The addresses of services of AWS. `podIdentity` replaces the agent's own addresses. */
      endpoints: v.optional(strict(v.entriesFromList(['sts', ...SERVICE_NAMES, 'podIdentity'], v.optional(url)))),
      useFipsEndpoint: v.optional(v.boolean()),
      useDualstackEndpoint: v.optional(v.boolean()),
      httpsProxy: v.optional(url),
      noProxy: v.optional(v.string()),
      caBundle: v.optional(pem),
      caBundleConfigMap: v.optional(strict({ name, key: v.optional(name, 'ca.crt') })),
    }),
    {},
  ),
  /** The pods whose volumes of the Secrets Store CSI driver are filled in the driver's place. */
  takeOverCsiVolumes: v.optional(v.picklist(['fargate', 'all', 'never']), 'fargate'),
  /** The pods whose references to Secrets of ExternalSecrets are replaced by the values. */
  takeOverExternalSecrets: v.optional(v.picklist(['annotated', 'all', 'never']), 'annotated'),
  /** The maker of the Secrets of `secretObjects` for pods that do not say it: nobody, or each pod itself. */
  syncSecrets: v.optional(v.picklist(['never', 'byPod'])),
  /** The most reviews at once. More of them wait, and then are sent away for a second. */
  maxConcurrentReviews: v.optional(numberFrom(1, 1000), 64),
  /** A CA in PEM. Whoever calls the webhook must have a certificate of this CA. */
  clientCa: v.optional(v.string()),
  /** If present, the webhook looks for pods that declare something and run without our container. */
  uninjectedPods: v.optional(strict({ events: v.optional(v.boolean(), false) })),
  /** If present, reviews of workloads are answered with warnings. The named ValidatingWebhookConfiguration gets the caBundle. */
  advice: v.optional(strict({ webhookConfigurationName: v.optional(name) })),
  certificates,
});

export type Settings = v.InferOutput<typeof schema>;

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
  const result = v.safeParse(schema, json, CHECKS_IN_TURN);
  if (result.success) return { ok: true, settings: result.output };
  return { ok: false, problem: [`${SETTINGS_ENV} is wrong:`, ...problemsIn(result.issues)].join('\n  ') };
}
