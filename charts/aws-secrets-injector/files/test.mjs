// `helm test`: calls the webhook as the API server does, with the caBundle that the API server trusts, and expects its refusal
// of a pod whose annotation is misspelled.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const name = 'aws-secrets-injector';
const {
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: port,
  WEBHOOK_URL,
  // The API server connects to this address, too, and asks no DNS.
  AWS_SECRETS_INJECTOR_SERVICE_HOST: address,
  SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount',
} = process.env;

function send(url, options, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { timeout: 10_000, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(JSON.parse(text))
          : reject(new Error(`HTTP ${response.statusCode}: ${text.slice(0, 500)}`)),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 10 seconds')));
    sent.on('error', reject);
    sent.end(body);
  });
}

async function step(what, action) {
  try {
    return await action();
  } catch (error) {
    console.error(`${what}: ${error.message}`);
    process.exit(1);
  }
}

const configuration = await step('Could not read the MutatingWebhookConfiguration', () =>
  send(
    `https://${host.includes(':') ? `[${host}]` : host}:${port}/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`,
    {
      ca: readFileSync(`${SERVICE_ACCOUNT}/ca.crt`),
      headers: { authorization: `Bearer ${readFileSync(`${SERVICE_ACCOUNT}/token`, 'utf8').trim()}` },
    },
  ),
);
const bundle = configuration.webhooks?.[0]?.clientConfig.caBundle;
if (!bundle) {
  console.error('The MutatingWebhookConfiguration has no caBundle yet: nobody has written it.');
  process.exit(1);
}

const review = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'helm-test',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    namespace: 'default',
    operation: 'CREATE',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'helm-test', annotations: { 'aws-secrets-injector.dev/helm-test': 'unknown' } },
      spec: { containers: [{ name: 'app', image: 'app' }] },
    },
  },
};
const { response } = await step('The webhook did not answer as the API server needs it', () =>
  send(
    WEBHOOK_URL,
    {
      method: 'POST',
      ...(address && { hostname: address, servername: new URL(WEBHOOK_URL).hostname }),
      ca: Buffer.from(bundle, 'base64'),
      headers: { 'content-type': 'application/json' },
    },
    JSON.stringify(review),
  ),
);
if (response.uid !== 'helm-test' || response.allowed || !/ASI_ADMIT_UNKNOWN_ANNOTATION/.test(response.status?.message)) {
  console.error(`The webhook should have refused the annotation: ${JSON.stringify(response)}`);
  process.exit(1);
}
console.log('The webhook answers with a certificate that the API server trusts.');
