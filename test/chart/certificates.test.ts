import t from 'tap';
import { objectsOf, type Rendering, render, renderText, settingsText } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';

const DIRECTORY = '/run/aws-secrets-injector/tls';
const NAME = 'aws-secrets-injector';
const inFolder = { directory: DIRECTORY, serviceName: NAME, webhookConfigurationName: NAME };

function certificates(rendering: Rendering): unknown {
  return JSON.parse(settingsText(rendering)).certificates;
}

function secretVolume({ Deployment }: Rendering) {
  const [volume, ...others] = Deployment.spec?.template.spec?.volumes ?? [];
  if (others.length > 0) throw new Error('there may be one volume');
  return volume?.secret;
}

const clientConfig = ({ MutatingWebhookConfiguration }: Rendering) =>
  MutatingWebhookConfiguration.webhooks?.[0]?.clientConfig;

const valuesOf = (name: string) => VALUE_SETS[name]?.values as { certificates: { provided: Record<string, string> } };

t.test('self-managed certificates need no volume', async (t) => {
  t.notOk(secretVolume(await render()));
});

t.test('cert-manager gets a CA of its own and a certificate for the Service', async (t) => {
  const objects = objectsOf(await renderText({ certificates: { mode: 'cert-manager' } }));
  const specOf = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name)?.spec;
  t.strictSame(specOf('Issuer', `${NAME}-self-signed`), { selfSigned: {} });
  t.match(specOf('Certificate', `${NAME}-ca`), {
    isCA: true,
    secretName: `${NAME}-cert-manager-ca`,
    issuerRef: { kind: 'Issuer', name: `${NAME}-self-signed` },
  });
  t.strictSame(specOf('Issuer', NAME), { ca: { secretName: `${NAME}-cert-manager-ca` } });
  t.match(specOf('Certificate', NAME), {
    secretName: `${NAME}-cert-manager-tls`,
    dnsNames: [`${NAME}.${NAME}.svc`],
    issuerRef: { kind: 'Issuer', name: NAME },
  });
});

t.test('cert-manager takes an issuer that is there already', async (t) => {
  const rendering = await render(VALUE_SETS["certificates of cert-manager's own issuer"]?.values);
  t.match(rendering['Certificate'], { spec: { issuerRef: { name: 'internal', kind: 'ClusterIssuer' } } });
  t.notOk(rendering['Issuer']);
});

t.test('with cert-manager, its cainjector writes the caBundle, and the webhook reads a folder', async (t) => {
  const rendering = await render(VALUE_SETS["certificates of cert-manager's own issuer"]?.values);
  const { annotations } = rendering.MutatingWebhookConfiguration.metadata ?? {};
  t.strictSame(annotations, { 'cert-manager.io/inject-ca-from': `${NAME}/${NAME}` });
  t.notOk(clientConfig(rendering)?.caBundle);
  t.strictSame(certificates(rendering), { mode: 'cert-manager', ...inFolder });
  t.match(secretVolume(rendering), {
    secretName: `${NAME}-cert-manager-tls`,
    items: [{ path: 'tls.crt' }, { path: 'tls.key' }],
  });
});

t.test('of a provided Secret with its CA, the webhook writes the caBundle', async (t) => {
  const rendering = await render(VALUE_SETS['a certificate in a Secret with its CA']?.values);
  t.strictSame(certificates(rendering), { mode: 'provided', ...inFolder, caBundle: 'ca.crt' });
  t.notOk(clientConfig(rendering)?.caBundle);
  t.strictSame(secretVolume(rendering), {
    secretName: 'webhook-tls',
    items: [
      { key: 'tls.crt', path: 'tls.crt' },
      { key: 'tls.key', path: 'tls.key' },
      { key: 'ca.crt', path: 'ca.crt' },
    ],
  });
});

t.test('with a provided caBundle, the chart writes it, and needs no ca.crt', async (t) => {
  const name = 'a certificate in a Secret with other keys, and its CA in the values';
  const rendering = await render(valuesOf(name));
  const { caBundle = '' } = valuesOf(name).certificates.provided;
  t.strictSame(certificates(rendering), { mode: 'provided', ...inFolder, caBundle: 'given' });
  t.equal(Buffer.from(clientConfig(rendering)?.caBundle ?? '', 'base64').toString(), caBundle);
  t.strictSame(secretVolume(rendering)?.items, [
    { key: 'server.pem', path: 'tls.crt' },
    { key: 'server-key.pem', path: 'tls.key' },
  ]);
});

t.test('a certificate in the values becomes a Secret, and is nowhere else', async (t) => {
  const values = valuesOf('a certificate in the values');
  const rendering = await render(values);
  const { cert = '', key = '' } = values.certificates.provided;
  t.match(rendering.Secret, {
    type: 'kubernetes.io/tls',
    metadata: { name: secretVolume(rendering)?.secretName },
    data: { 'tls.crt': Buffer.from(cert).toString('base64'), 'tls.key': Buffer.from(key).toString('base64') },
  });
  t.notMatch(JSON.stringify({ ...rendering, Secret: {} }), Buffer.from(key).toString('base64').slice(0, 100));
  t.notMatch(settingsText(rendering), 'PRIVATE KEY');
});

t.test('each mode mounts a Secret of its own, so that a mode never meets what another left', async (t) => {
  const [manager, values] = await Promise.all(
    ["certificates of cert-manager's own issuer", 'a certificate in the values'].map((name) => render(valuesOf(name))),
  );
  const names = [manager, values].map((rendering) => rendering && secretVolume(rendering)?.secretName);
  t.equal(new Set([...names, `${NAME}-tls`]).size, 3);
});

const provided = { mode: 'provided' };
const refused: [sentence: string, certificates: object, message: RegExp][] = [
  ['a provided certificate that nobody provides', provided, /needs certificates\.provided\.secretName/],
  ['a certificate without its key', { ...provided, provided: { cert: '-----BEGIN A' } }, /cert, key and caBundle/],
  [
    'a Secret and a certificate at once',
    { ...provided, provided: { secretName: 'a', cert: '-----BEGIN A', key: '-----BEGIN B' } },
    /not both/,
  ],
  [
    'a Secret for self-managed certificates',
    { provided: { secretName: 'a' } },
    /only for certificates\.mode: provided/,
  ],
  ['an issuer without cert-manager', { certManager: { issuerRef: { name: 'a' } } }, /only for .* cert-manager/],
  ['a caBundle that is no PEM', { ...provided, provided: { secretName: 'a', caBundle: 'LS0t' } }, /caBundle/],
  ['an issuer without a name', { mode: 'cert-manager', certManager: { issuerRef: { kind: 'Issuer' } } }, /issuerRef/],
];
for (const [sentence, certificates, message] of refused) {
  t.test(`refuses ${sentence}`, async (t) => {
    await t.rejects(render({ certificates }), { message });
  });
}
