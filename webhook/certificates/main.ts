/** Is the command `certs`, which issues, renews and publishes the webhook's certificates once, for users who prefer a Job. */
import { parseArgs } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { renewCertificates } from '../../certs/certificates.ts';
import type { Log } from '../../certs/host.ts';
import { certificateCluster } from '../kubernetes/certificate-cluster.ts';
import { describeError } from '../kubernetes/errors.ts';
import { logLine } from '../server/log-format.ts';

const HELP = `Makes and renews the certificates of the webhook: a CA and a server certificate in a Secret,
and the CA in the caBundle of the MutatingWebhookConfiguration, and of the ValidatingWebhookConfiguration
of the same name if there is one.

Usage: certs --once [options]

  --once                          do what is due now and exit; for a Job, or a CronJob once a day
  --namespace NAME                default $POD_NAMESPACE, else aws-secrets-injector
  --secret NAME                   default aws-secrets-injector-tls
  --service NAME                  default aws-secrets-injector
  --webhook-configuration NAME    default aws-secrets-injector
  --help                          this text

The cluster is that of $KUBECONFIG or ~/.kube/config, else that of the pod it runs in, with the pod's ServiceAccount
token.

A server certificate lives 90 days and a CA 3 years; each is renewed when two thirds of that are over. A new CA is
in the caBundle for 10 minutes before it signs, so it takes a second run to take over; until then the present one serves.

Exit codes:
  0  a certificate can be served, and nothing is due
  1  something failed, as the last line says: worth another try
  2  the arguments are wrong
  3  there is no such Secret or MutatingWebhookConfiguration, or that has no webhook: install the chart first

It logs JSON lines to stdout. It needs: get and update on the one Secret, which the chart makes; get and patch on the
one MutatingWebhookConfiguration, and on the ValidatingWebhookConfiguration of its name.
`;

/** The cluster that @kubernetes/client-node assumes where it finds none. */
const NOWHERE = 'http://localhost:8080';

/** The help lists these exit codes. */
const EXIT = { ok: 0, failed: 1, usage: 2, notInstalled: 3 } as const;

const PRODUCT = 'aws-secrets-injector';

const OPTIONS = {
  once: { type: 'boolean' },
  help: { type: 'boolean' },
  namespace: { type: 'string', default: process.env['POD_NAMESPACE'] || PRODUCT },
  secret: { type: 'string', default: `${PRODUCT}-tls` },
  service: { type: 'string', default: PRODUCT },
  'webhook-configuration': { type: 'string', default: PRODUCT },
} as const;

const at = (level: keyof Log) => (fields: object, message: string) => {
  process.stdout.write(logLine(level, message, fields));
};
const log: Log = { info: at('info'), warn: at('warn'), error: at('error') };

process.exitCode = await main();

async function main(): Promise<number> {
  const values = readArguments();
  if (!values) return EXIT.usage;
  if (values.help) {
    process.stdout.write(HELP);
    return EXIT.ok;
  }
  if (!values.once) {
    log.error({}, 'The option --once is missing. Write certs.mjs --once; certs.mjs --help lists all options.');
    return EXIT.usage;
  }
  const names = {
    namespace: values.namespace,
    secretName: values.secret,
    serviceName: values.service,
    webhookConfigurationName: values['webhook-configuration'],
  };
  try {
    const missing = await renewCertificates(names, { cluster: certificateCluster(loadKubeConfig(), log), log });
    if (!missing) return EXIT.ok;
    log.error(
      names,
      `No certificate can be served: there is no such ${missing} that can be used. Install the chart first.`,
    );
    return EXIT.notInstalled;
  } catch (error) {
    log.error({ error: describeError(error) }, 'Could not make the certificates.');
    return EXIT.failed;
  }
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    log.error({}, `${describeError(error)} certs.mjs --help lists all options.`);
    return undefined;
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
