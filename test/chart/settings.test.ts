import type { V1Deployment } from '@kubernetes/client-node';
import t from 'tap';
import { readSettings } from '../../webhook/settings.ts';
import { objectsOf, render, renderText, settingsText } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';

async function settings(values: object) {
  return JSON.parse(settingsText(await render(values)));
}

t.test('leaves empty values out', async (t) => {
  t.strictSame(await settings({}), {
    advice: { webhookConfigurationName: 'aws-secrets-injector' },
    port: 9443,
    healthPort: 8080,
    maxConcurrentReviews: 64,
    logLevel: 'info',
    injector: {
      image: 'ghcr.io/aws-secrets-injector/aws-secrets-injector:0.1.0',
      pullPolicy: 'IfNotPresent',
    },
    takeOverCsiVolumes: 'fargate',
    takeOverExternalSecrets: 'annotated',
    certificates: {
      mode: 'self-managed',
      secretName: 'aws-secrets-injector-tls',
      serviceName: 'aws-secrets-injector',
      webhookConfigurationName: 'aws-secrets-injector',
    },
  });
});

const aws = {
  region: 'eu-central-1',
  endpointUrl: 'http://198.18.0.1:4566',
  endpoints: {
    sts: 'https://vpce-1.sts.eu-central-1.vpce.amazonaws.com',
    secretsmanager: 'https://vpce-2.secretsmanager.eu-central-1.vpce.amazonaws.com',
    ssm: 'https://vpce-3.ssm.eu-central-1.vpce.amazonaws.com',
    podIdentity: 'http://198.18.0.1:4566/v1/credentials',
  },
  useFipsEndpoint: true,
  useDualstackEndpoint: true,
  httpsProxy: 'http://proxy.internal:3128',
  noProxy: '.internal,10.0.0.0/8',
  caBundleConfigMap: { name: 'corporate-ca', key: 'bundle.pem' },
  caBundle: '-----BEGIN CERTIFICATE-----\nMIIB+"quoted"\\\n-----END CERTIFICATE-----\n',
};

t.test('hands everything about AWS over as it is', async (t) => {
  t.strictSame((await settings({ aws })).aws, aws);
});

t.test('hands over what one endpoint needs, and no empty one', async (t) => {
  const { aws } = await settings({ aws: { endpoints: { sts: 'https://sts.internal' } } });
  t.strictSame(aws, { endpoints: { sts: 'https://sts.internal' } });
});

t.test('hands the rotation over, and the resources of its sidecars', async (t) => {
  const rotation = { rotation: '7d', rotationResources: { requests: { cpu: 1 } } };
  const { injector } = await settings({ injector: rotation });
  t.match(injector, { rotation: '7d', rotationResources: { requests: { cpu: '1' } } });
});

t.test('writes quantities as text, even where YAML reads numbers', async (t) => {
  const { injector } = await settings({
    injector: { resources: { requests: { cpu: 1, memory: '96Mi' }, limits: { cpu: 0.5 } } },
  });
  t.strictSame(injector.resources, { requests: { cpu: '1', memory: '96Mi' }, limits: { cpu: '0.5' } });
});

t.test('hands over that secrets are read twenty at a time', async (t) => {
  t.strictSame((await settings({ injector: { batch: true } })).injector.batch, true);
});

t.test('gives the kubelet nothing to expand', async (t) => {
  const values = { aws: { httpsProxy: 'http://proxy.internal:3128/$$(HOME)', noProxy: '$(HOME)' } };
  t.notMatch(settingsText(await render(values)), '$');
  t.strictSame((await settings(values)).aws, values.aws);
});

const readable: Record<string, object> = {
  'all values about AWS': { aws },
  'what the injector is configured with': {
    injector: { logLevel: 'debug', batch: true, resources: { limits: { cpu: 2 } } },
    logLevel: 'warn',
  },
  'that no CSI volume is taken over': { takeOverCsiVolumes: 'never' },
  'that no ExternalSecret is read': { takeOverExternalSecrets: 'never' },
};
for (const [name, { values }] of Object.entries(VALUE_SETS)) readable[name] = values;
for (const [name, values] of Object.entries(readable)) {
  t.test(`the webhook reads ${name}`, async (t) => {
    const Deployment = objectsOf(await renderText(values)).find(({ kind }) => kind === 'Deployment') as V1Deployment;
    t.match(readSettings(settingsText({ Deployment })), { ok: true });
  });
}
