import t from 'tap';
import { readSettings } from '../../webhook/settings.ts';

const certificates = {
  secretName: 'aws-secrets-injector-tls',
  serviceName: 'aws-secrets-injector',
  webhookConfigurationName: 'aws-secrets-injector',
  deploymentName: 'aws-secrets-injector',
};

t.test('fills in what the chart leaves out', async (t) => {
  const read = readSettings(JSON.stringify({ injector: { image: 'x' }, certificates }));
  t.match(read, {
    ok: true,
    settings: {
      port: 9443,
      healthPort: 8080,
      logLevel: 'info',
      injector: { image: 'x', pullPolicy: 'IfNotPresent', logLevel: 'info' },
      aws: {},
      takeOverCsiVolumes: 'fargate',
      maxConcurrentReviews: 64,
      certificates: { mode: 'self-managed' },
    },
  });
});

t.test('takes empty strings as not said', async (t) => {
  const aws = { region: '', endpointUrl: '', endpoints: { sts: '' }, httpsProxy: '' };
  const read = readSettings(JSON.stringify({ injector: { image: 'x', logLevel: '' }, aws, certificates }));
  t.same(read.ok && read.settings.aws, { endpoints: {} });
});

t.test('says all that is wrong at once', async (t) => {
  const wrong = {
    port: 0,
    injector: {},
    aws: { regio: 'x', endpoints: { podIdentity: 'x' } },
    takeOverCsiVolumes: 'x',
  };
  const read = readSettings(JSON.stringify({ ...wrong, certificates }));
  t.notOk(read.ok);
  const problem = read.ok ? '' : read.problem;
  for (const part of ['port', 'injector.image', 'regio', 'aws.endpoints.podIdentity', 'takeOverCsiVolumes'])
    t.match(problem, part);
});

t.test('says that there are none, or no JSON', async (t) => {
  t.match(readSettings(undefined), { ok: false, problem: /is not set/ });
  t.match(readSettings('{'), { ok: false, problem: /is not JSON/ });
});

const inFolder = { directory: '/tls', serviceName: 'hook', webhookConfigurationName: 'hook' };

t.test(
  'takes certificates of cert-manager, and provided ones whose CA the webhook publishes if nobody else does',
  (t) => {
    const read = (certificates: object) => {
      const settings = readSettings(JSON.stringify({ injector: { image: 'x' }, certificates }));
      return settings.ok ? settings.settings.certificates : settings.problem;
    };
    t.same(read({ mode: 'cert-manager', ...inFolder }), { mode: 'cert-manager', ...inFolder });
    t.match(read({ mode: 'provided', directory: '/tls' }), { directory: '/tls', caBundle: 'ca.crt' });
    t.match(read({ mode: 'provided', ...inFolder, caBundle: 'given' }), { caBundle: 'given' });
    t.match(read({ mode: 'provided' }), /certificates\.directory/);
    t.match(read({ mode: 'self-managed', ...inFolder }), /directory/);
    t.match(read({ mode: 'manual' }), /certificates\.mode/);
    t.end();
  },
);
