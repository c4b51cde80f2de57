/** `certs`: makes and renews the webhook's certificates, once or for as long as it runs. */
import { parseArgs } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { describeError } from './api.ts';
import { converge } from './converge.ts';
import { connect, type Names } from './kube.ts';
import { isServable, POLICY } from './lifecycle.ts';
import type { Log } from './log.ts';
import { manageCertificates } from './loop.ts';

const HELP = `Makes and renews the certificates of the webhook: a CA and a server certificate in a Secret,
and the CA in the caBundle of the MutatingWebhookConfiguration.

Usage: certs --once | --watch [options]

  --once                          do what is due and exit: 0 when a certificate can be served, 1 otherwise
  --watch                         do what is due, whenever it is due
  --namespace NAME                default $POD_NAMESPACE, else aws-secrets-injector
  --secret NAME                   default $CERTS_SECRET_NAME, else aws-secrets-injector-tls
  --service NAME                  default $CERTS_SERVICE_NAME, else aws-secrets-injector
  --webhook-configuration NAME    default $CERTS_WEBHOOK_CONFIGURATION_NAME, else aws-secrets-injector
  --deployment NAME               owner of the Secret; default $CERTS_DEPLOYMENT_NAME, else aws-secrets-injector
  --help                          this text

The cluster is that of the pod it runs in, else that of $KUBECONFIG.
`;

const PRODUCT = 'aws-secrets-injector';

const {
  POD_NAMESPACE,
  CERTS_SECRET_NAME,
  CERTS_SERVICE_NAME,
  CERTS_WEBHOOK_CONFIGURATION_NAME,
  CERTS_DEPLOYMENT_NAME,
} = process.env;

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
  deployment: { type: 'string', default: CERTS_DEPLOYMENT_NAME || PRODUCT },
} as const;

const log: Log = {
  info: (object, message) => print('info', object, message),
  warn: (object, message) => print('warn', object, message),
  error: (object, message) => print('error', object, message),
};

process.exitCode = await main();

async function main(): Promise<number> {
  const values = readArguments();
  if (!values) return 2;
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.once === values.watch) {
    process.stderr.write('certs: say either --once or --watch; see --help\n');
    return 2;
  }
  const names: Names = {
    namespace: values.namespace,
    secretName: values.secret,
    serviceName: values.service,
    webhookConfigurationName: values['webhook-configuration'],
    deploymentName: values.deployment,
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
  let servable = false;
  const now = () => new Date();
  try {
    const cluster = connect(loadKubeConfig(), names);
    await converge({
      cluster,
      now,
      policy: POLICY,
      log,
      onSeen: (seen) => {
        servable = isServable(now(), seen);
      },
    });
  } catch (error) {
    log.error({ error: describeError(error) }, 'Could not make the certificates.');
    return 1;
  }
  if (!servable)
    log.error({ ...names }, 'No certificate can be served: there is no such MutatingWebhookConfiguration.');
  return servable ? 0 : 1;
}

async function watch(names: Names): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  await manageCertificates({ ...names, kubeConfig: loadKubeConfig(), log, onPair: () => {}, signal: stop.signal });
  return 0;
}

function loadKubeConfig(): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  return kubeConfig;
}

function print(level: string, object: object, message: string): void {
  process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...object, msg: message })}\n`);
}
