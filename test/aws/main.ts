/**
 * Serves the in-memory AWS, for development, the demo and clusters. The seed file, in YAML; everything is optional:
 *
 *   account: "123456789012"            # default account of what follows, and of plain names
 *   issuers:                           # OIDC providers
 *     - issuer: https://kubernetes.default.svc.cluster.local
 *       jwksFile: jwks.json            # kubectl get --raw /openid/v1/jwks; relative to the working directory
 *       audiences: [sts.amazonaws.com] # the default
 *   roles:
 *     - arn: arn:aws:iam::123456789012:role/app1
 *       trust:
 *         - issuer: https://kubernetes.default.svc.cluster.local
 *           subjects: ["system:serviceaccount:shop:*"]
 *       trustedPrincipals: [{ arn: "arn:aws:iam::…", externalId: x }]   # AssumeRole
 *       policy:                        # nothing is allowed without it
 *         - { actions: ["secretsmanager:GetSecretValue"], resources: ["*"] }
 *         - { effect: Deny, actions: ["*"], resources: ["*:secret:app1/private-*"] }
 *       maxSessionSeconds: 3600
 *   users: [{ arn, accessKeyId, secretAccessKey, policy }]
 *   regions:
 *     eu-west-1:
 *       secrets:                       # in order; a name again is its next version
 *         - { name: app1/db, value: '{"password":"x"}' }
 *         - { name: app1/key, binary: AAEC, kmsKeyArn: "arn:aws:kms:…", stages: [AWSCURRENT], tags: { a: b } }
 *         - { name: app1/old, value: x, deleted: true }
 *       parameters:
 *         - { name: /app1/url, value: x }
 *         - { name: /app1/token, value: x, type: SecureString, labels: [prod] }
 *   latency: { sts: 30, secretsmanager: 15, ssm: 15 }   # milliseconds
 *   ssmCallsPerSecond: 40
 *   faults:                            # the first match wins
 *     - { service: ssm, operation: GetParameters, name: /app1/*, times: 3, effect: { kind: throttle } }
 *     - { region: eu-west-1, effect: { kind: status, status: 503 }, afterMs: 0, forMs: 30000 }
 *       # kinds: status, throttle, access-denied, error (code, message, status), reset, hang, malformed, delay (ms)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Call } from './call.ts';
import { parseSeed, seedOptions, sow } from './seed.ts';
import { startAws } from './server.ts';

const USAGE = `Serves an in-memory AWS: STS, Secrets Manager and Parameter Store, all regions at one URL.

npx node test/aws/main.ts [options]
  --seed FILE.yaml   what it knows and how it behaves (format below)
  --host HOST        address to bind (default 127.0.0.1; 0.0.0.0 for a cluster)
  --port PORT        default 0: any free port
  --tls              serve HTTPS with a fresh certificate
  --tls-name NAME    a DNS name or address in the certificate, besides localhost; may be repeated
  --ca FILE          where to write the certificate's CA (PEM)
  --calls            print each call as one line of JSON
  --help
Prints "listening on URL" when ready. SIGTERM and SIGINT stop it.
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    tls: { type: 'boolean', default: false },
    'tls-name': { type: 'string', multiple: true, default: [] },
    ca: { type: 'string' },
    calls: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(`${USAGE}\n${readFileSync(import.meta.filename, 'utf8').split('*/')[0]}*/\n`);
else await serve();

async function serve(): Promise<void> {
  const seed = parseSeed(values.seed === undefined ? '' : readFileSync(values.seed, 'utf8'));
  const aws = await startAws({
    ...seedOptions(seed),
    host: values.host,
    port: Number(values.port),
    tls: values.tls,
    tlsNames: values['tls-name'],
    ...(values.calls ? { onCall: print } : {}),
  });
  sow(aws, seed);
  if (values.ca !== undefined && aws.certificate !== undefined) writeFileSync(values.ca, aws.certificate);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void aws.close());
  process.stdout.write(`listening on ${aws.url}\n`);
}

function print(call: Call): void {
  process.stdout.write(`${JSON.stringify(call)}\n`);
}
