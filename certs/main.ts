/** `certs`: makes and renews the webhook's certificates, once or for as long as it runs. */
import { parseArgs } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { converge } from './converge.ts';
import { connect, type Names, type Seen } from './kube.ts';
import { describeError } from './kubernetes/errors.ts';
import { isServable, POLICY } from './lifecycle.ts';
import type { Log } from './log.ts';
import { manageCertificates } from './loop.ts';

const HELP = `Makes and renews the certificates of the webhook: a CA and a server certificate in a Secret,
and the CA in the caBundle of the MutatingWebhookConfiguration.

Usage: certs --once | --watch [options]

  --once                          do what is due now and exit; for a Job, or a CronJob once a day
  --watch                         do what is due, whenever it is due, until SIGTERM or SIGINT
  --namespace NAME                default $POD_NAMESPACE, else aws-secrets-injector
  --secret NAME                   default $CERTS_SECRET_NAME, else aws-secrets-injector-tls
  --service NAME                  default $CERTS_SERVICE_NAME, else aws-secrets-injector
  --webhook-configuration NAME    default $CERTS_WEBHOOK_CONFIGURATION_NAME, else aws-secrets-injector
  --help                          this text

The cluster is that of $KUBECONFIG or ~/.kube/config, else that of the pod it runs in, with the pod's ServiceAccount
token.

A server certificate lives 90 days and a CA 3 years; each is renewed when two thirds of that are over. A new CA is
in the caBundle for 10 minutes before it signs, so with --once it takes a second run to take over; until then the
present one serves.

Exit codes:
  0  a certificate can be served, and nothing is due
  1  something failed, as the last line says: worth another try
  2  the arguments are wrong
  3  there is no such Secret or MutatingWebhookConfiguration, or that has no webhook: install the chart first

It logs JSON lines to stdout. It needs: get and update on the one Secret, which the chart makes; get and patch on the
one MutatingWebhookConfiguration; and for --watch, list and watch on both.
`;

/** What the client takes for the cluster where it finds none. */
const NOWHERE = 'http://localhost:8080';

/** What the exit codes of the help mean. */
const EXIT = { ok: 0, failed: 1, usage: 2, notInstalled: 3 } as const;

const PRODUCT = 'aws-secrets-injector';

const { POD_NAMESPACE, CERTS_SECRET_NAME, CERTS_SERVICE_NAME, CERTS_WEBHOOK_CONFIGURATION_NAME } = process.env;

const OPTIONS = {
  once: { type: 'boolean' },
  watch: { type: 'boolean' },
  help: { type: 'boolean' },
  namespace: { type: 'string', default: POD_NAMESPACE || PRODUCT },
  secret: { type: 'string', default: CERTS_SECRET_NAME || `${PRODUCT}-tls` },
  service: { type: 'string', default: CERTS_SERVICE_NAME || PRODUCT },
  'webhook-configuration': {
    type: 'string',
    default: CERTS_WEBHOOK_CONFIGURATION_NAME || PRODUCT,
  },
} as const;

const log: Log = {
  info: (object, message) => print('info', object, message),
  warn: (object, message) => print('warn', object, message),
  error: (object, message) => print('error', object, message),
};

process.exitCode = await main();

async function main(): Promise<number> {
  const values = readArguments();
  if (!values) return EXIT.usage;
  if (values.help) {
    process.stdout.write(HELP);
    return EXIT.ok;
  }
  if (values.once === values.watch) {
    process.stderr.write('certs: say either --once or --watch; see --help\n');
    return EXIT.usage;
  }
  const names: Names = {
    namespace: values.namespace,
    secretName: values.secret,
    serviceName: values.service,
    webhookConfigurationName: values['webhook-configuration'],
  };
  return values.once ? once(names) : watch(names);
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    process.stderr.write(`certs: ${describeError(error)}; see --help\n`);
    return undefined;
  }
}

async function once(names: Names): Promise<number> {
  const now = () => new Date();
  let last: Seen | undefined;
  const onSeen = (seen: Seen) => {
    last = seen;
  };
  try {
    await converge({ cluster: connect(loadKubeConfig(), names), now, policy: POLICY, log, onSeen });
  } catch (error) {
    log.error({ error: describeError(error) }, 'Could not make the certificates.');
    return EXIT.failed;
  }
  if (last && isServable(now(), last)) return EXIT.ok;
  const missing = last?.secret ? 'MutatingWebhookConfiguration with a webhook' : 'Secret';
  log.error({ ...names }, `No certificate can be served: there is no such ${missing}. Install the chart first.`);
  return EXIT.notInstalled;
}

async function watch(names: Names): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    await manageCertificates({ ...names, kubeConfig: loadKubeConfig(), log, onPair: () => {}, signal: stop.signal });
    return EXIT.ok;
  } catch (error) {
    log.error({ error: describeError(error) }, 'Could not keep the certificates right.');
    return EXIT.failed;
  }
}

function loadKubeConfig(): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  if (kubeConfig.getCurrentCluster()?.server === NOWHERE) {
    throw new Error(
      "there is neither a kubeconfig nor a pod's ServiceAccount token; in a pod, automountServiceAccountToken has to be true",
    );
  }
  return kubeConfig;
}

function print(level: string, object: object, message: string): void {
  process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...object, msg: message })}\n`);
}
