import fc from 'fast-check';
import t from 'tap';
import * as v from 'valibot';
import { sessionName } from '../../../injector/aws/credentials.ts';
import { InjectorConfig } from '../../../injector/contract/config.ts';
import { ConfigError, decodeConfig, encodeConfig } from '../../../injector/contract/encode.ts';
import { CONFIG_ENV } from '../../../injector/contract/names.ts';
import { sourceKey } from '../../../injector/contract/source.ts';
import { plan } from '../../../injector/plan/plan.ts';
import { canonicalParameterName } from '../../../injector/services/parameter-name.ts';

const arbitraryText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });

const arbitraryObject = fc.record(
  {
    service: fc.constantFrom('secretsmanager' as const, 'ssm' as const),
    name: fc.oneof(arbitraryText, fc.constantFrom('/a', 'a', '$(HOME)', '$$', 'arn:aws:ssm:eu-west-1:1:parameter/a')),
    version: fc.constantFrom('1', '2'),
    label: fc.constantFrom('x', 'y'),
    region: fc.constantFrom('eu-west-1', 'eu-north-1'),
    failover: fc.record({ region: fc.constant('eu-central-1'), name: fc.constantFrom('a', '/a', 'b') }),
    files: fc.array(fc.record({ path: arbitraryText, mode: fc.constantFrom('0644', '4755') })),
  },
  { requiredKeys: ['service', 'name'] },
);

const arbitraryConfig = fc.record({
  version: fc.constant(1 as const),
  namespace: arbitraryText,
  region: fc.constant('eu-west-1'),
  identity: fc.constant({ kind: 'web-identity' as const, roleArn: 'arn:aws:iam::1:role/r', tokenFile: '/token' }),
  directory: fc.constant('/secrets'),
  objects: fc.array(arbitraryObject, { maxLength: 40 }),
  retryTimeoutSeconds: fc.integer({ min: 1, max: 900 }),
  log: fc.constant({ level: 'info' as const }),
});

t.test('decoding gives what was encoded, and the kubelet finds nothing to expand', async () => {
  fc.assert(
    fc.property(arbitraryConfig, (config) => {
      const text = encodeConfig(v.parse(InjectorConfig, config));
      return !text.includes('$') && sameJson(decodeConfig(text), config);
    }),
  );
});

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}

t.test('text that is no configuration is a ConfigError', async (t) => {
  for (const text of ['', 'x', 'null', '{}', '[]', '{"version":2}'])
    t.throws(() => decodeConfig(text), ConfigError, text);
  t.equal(CONFIG_ENV, 'AWS_SECRETS_INJECTOR_CONFIG');
});

t.test('every source is asked for once, in batches of at most 10 without one name twice', async () => {
  fc.assert(
    fc.property(arbitraryConfig, (config) => {
      const planned = plan(config).plan.batches;
      const batches = planned.map(({ sources }) => sources);
      const asked = batches.flat().map(sourceKey).sort();
      const declared = [...new Set(config.objects.map(sourceKey))].sort();
      return (
        sameJson(asked, declared) &&
        planned.every(({ service, sources }) => sources.length <= (service === 'ssm' ? 10 : 1)) &&
        [...batches, ...batches.map((batch) => batch.flatMap(({ failover }) => failover ?? []))].every(
          (batch) => new Set(batch.map(({ name }) => canonicalParameterName(name))).size === batch.length,
        ) &&
        planned.every(({ service, region, failoverRegion, sources }) =>
          sources.every(
            (each) =>
              each.service === service &&
              (each.region ?? config.region) === region &&
              each.failover?.region === failoverRegion,
          ),
        )
      );
    }),
  );
});

t.test("a parameter's bare name has no ARN, selector or leading slash", async (t) => {
  t.equal(canonicalParameterName('/a/b'), 'a/b');
  t.equal(canonicalParameterName('a:3'), 'a');
  t.equal(canonicalParameterName('arn:aws:ssm:eu-west-1:123456789012:parameter/a/b:stable'), 'a/b');
});

const base = {
  version: 1 as const,
  namespace: 'shop',
  region: 'eu-west-1',
  identity: { kind: 'web-identity' as const, roleArn: 'arn:x', tokenFile: '/t' },
  directory: '/d',
  retryTimeoutSeconds: 1,
  log: { level: 'info' as const },
};

const failuresOf = (more: Partial<InjectorConfig>) => plan({ ...base, objects: [], ...more }).failures;

const environment = { directory: '/e', delivery: 'kubelet' as const };
const envFile = { path: 'env', format: 'shell' as const, mode: '0444' };

t.test('variables without a place for them, and one variable twice, are refused', async (t) => {
  const objects = [{ service: 'ssm' as const, name: 'a', variables: [{ name: 'A' }, { name: 'A' }] }];
  const expansions = [{ prefix: '' }];
  const file = [{ service: 'ssm' as const, name: 'a', environment: [{ path: 'A', key: 'A' }] }];
  t.match(failuresOf({ objects }), [{ code: 'ASI_CFG_ENV_FILE' }]);
  t.match(failuresOf({ objects, environment }), [{ code: 'ASI_CFG_ENV_FILE' }]);
  t.match(failuresOf({ searches: [{ service: 'ssm', path: '/a', expansions }] }), [{ code: 'ASI_CFG_ENV_FILE' }]);
  t.match(failuresOf({ objects: file }), [{ code: 'ASI_CFG_ENV_FILE' }]);
  t.match(failuresOf({ objects, envFile }), [{ code: 'ASI_CFG_COLLISION', subject: 'A' }]);
  t.match(failuresOf({ objects, environment: { ...environment, delivery: 'shell' } }), [{ code: 'ASI_CFG_COLLISION' }]);
  t.strictSame(failuresOf({ objects: file, environment }), []);
});

t.test('a variable of a template needs a place, and a name that no other has', async (t) => {
  const named = (more: object = {}) => [{ name: 'A', parts: ['x'], ...more }];
  const objects = [{ service: 'ssm' as const, name: 'a', variables: [{ name: 'A' }] }];
  const file = [{ service: 'ssm' as const, name: 'a', environment: [{ path: 'A', key: 'A' }] }];
  const kubelet = named({ kubelet: true });
  t.match(failuresOf({ templateVariables: named() }), [{ code: 'ASI_CFG_ENV_FILE' }]);
  t.match(failuresOf({ templateVariables: named(), environment }), [{ code: 'ASI_CFG_ENV_FILE' }]);
  t.match(failuresOf({ templateVariables: kubelet }), [{ code: 'ASI_CFG_ENV_FILE' }]);
  t.match(failuresOf({ objects, templateVariables: named(), envFile }), [{ code: 'ASI_CFG_COLLISION', subject: 'A' }]);
  t.match(failuresOf({ objects: file, templateVariables: kubelet, environment }), [{ code: 'ASI_CFG_COLLISION' }]);
  t.strictSame(failuresOf({ templateVariables: named(), envFile }), []);
  t.strictSame(failuresOf({ templateVariables: kubelet, environment }), []);
});

t.test('two outputs for one place are refused, in whichever directory both are', async (t) => {
  const at = (path: string, directory?: string) => ({
    service: 'ssm' as const,
    name: `${directory} ${path}`,
    files: [{ path, mode: '0444', ...(directory === undefined ? {} : { directory }) }],
  });
  const template = { path: 'a', mode: '0444', parts: ['x'] };
  const variable = (name: string, path: string) => ({
    service: 'ssm' as const,
    name,
    environment: [{ path, key: 'A' }],
  });
  t.strictSame(failuresOf({ objects: [at('a'), at('a', '/other')] }), []);
  t.match(failuresOf({ objects: [at('a'), at('a', '/d')] }), [{ code: 'ASI_CFG_COLLISION' }]);
  t.match(failuresOf({ objects: [at('a')], templates: [template] }), [{ code: 'ASI_CFG_COLLISION' }]);
  t.match(failuresOf({ objects: [at('env')], envFile }), [{ code: 'ASI_CFG_COLLISION' }]);
  t.match(failuresOf({ objects: [variable('a', 'A'), variable('b', 'A')], environment }), [
    { code: 'ASI_CFG_COLLISION' },
  ]);
  t.strictSame(failuresOf({ objects: [variable('a', 'A'), variable('a', 'A')], environment }), []);
  t.match(failuresOf({ objects: [variable('a', '.sentinel')], environment: { ...environment, sentinel: true } }), [
    { code: 'ASI_CFG_COLLISION' },
  ]);
  t.match(failuresOf({ objects: [variable('a', '../A')], environment }), [{ code: 'ASI_CFG_PATH' }]);
});

t.test('a template of what is not declared, and one region twice, are refused', async (t) => {
  t.match(failuresOf({ templates: [{ path: 'a', mode: '0444', parts: [{ object: 0 }] }] }), [
    { code: 'ASI_CFG_INVALID' },
  ]);
  t.match(failuresOf({ templateVariables: [{ name: 'A', parts: [{ object: 0 }] }], envFile }), [
    { code: 'ASI_CFG_INVALID', subject: 'A' },
  ]);
  const search = { service: 'secretsmanager' as const, prefix: 'a', failoverRegion: 'eu-west-1' };
  t.match(failuresOf({ searches: [search] }), [{ code: 'ASI_CFG_FAILOVER' }]);
});

t.test('a source may be missing where each output of it is content without, templates too', async (t) => {
  const object = { service: 'ssm' as const, name: 'a', files: [{ path: 'a', mode: '0444', optional: true as const }] };
  const lenient = (more: Partial<InjectorConfig>) => plan({ ...base, objects: [object], ...more }).plan.lenient.size;
  const template = (part: object) => [{ path: 't', mode: '0444', parts: [{ object: 0, ...part }] }];
  t.equal(lenient({}), 1);
  t.equal(lenient({ templates: template({ default: '' }) }), 1);
  t.equal(lenient({ templates: template({}) }), 0);
  t.equal(lenient({ templateVariables: [{ name: 'A', parts: [{ object: 0 }] }] }), 0);
  t.equal(lenient({ objects: [object, { ...object, files: [{ path: 'b', mode: '0444' }] }] }), 0);
  t.equal(lenient({ objects: [{ service: 'ssm', name: 'a' }] }), 0);
});

t.test("a session's name keeps the pod's end, in IAM's characters and length", async (t) => {
  t.equal(sessionName('shop', 'app1-7d9-x2x'), 'shop.app1-7d9-x2x');
  t.equal(sessionName('shop', ''), 'shop.pod');
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 63 }), fc.string({ maxLength: 253 }), (namespace, pod) => {
      const name = sessionName(namespace, pod);
      t.match(name, /^[\w+=,.@-]{2,64}$/);
    }),
  );
  const long = sessionName('n'.repeat(63), `${'p'.repeat(200)}-7d9-x2x`);
  t.equal(long.length, 64);
  t.match(long, /^n{31}\.p+-7d9-x2x$/);
});
