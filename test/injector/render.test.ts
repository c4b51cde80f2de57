import t from 'tap';
import { type ConfigObject, InjectorConfig } from '../../injector/config.ts';
import { sourceKey } from '../../injector/plan.ts';
import { render } from '../../injector/render.ts';
import { Secret } from '../../injector/secret.ts';

const base = {
  version: 1,
  namespace: 'shop',
  region: 'eu-west-1',
  identity: { kind: 'web-identity', roleArn: 'arn:x', tokenFile: '/t' },
  directory: '/d',
};
const log = { level: 'info', format: 'json' };
const envFile = { path: 'env.json', format: 'json', mode: '0444' };

type Part = Omit<ConfigObject, 'service' | 'name'> & { value: string };

/** Renders secrets named s0, s1, … with these values and outputs. */
function renderAll(parts: Part[]) {
  const objects = parts.map(({ value: _, ...part }, index) => ({
    service: 'secretsmanager',
    name: `s${index}`,
    ...part,
  }));
  const config = InjectorConfig.parse({ ...base, objects, envFile, retryTimeoutSeconds: 1, log });
  const values = new Map(
    config.objects.map((object, index) => [sourceKey(object), new Secret(parts[index]?.value ?? '')]),
  );
  const { files, failures } = render(config, values);
  const env = JSON.parse(Buffer.from(files.at(-1)?.content.reveal() ?? []).toString()) as Record<string, string>;
  return { env, failures: failures.map(({ code, headline }) => `${code} ${headline}`) };
}

const expand = (value: string, prefix = '') => renderAll([{ value, expansions: [{ prefix }] }]);

t.test('an expansion gives text as text, null as nothing, all else in the words of the source', async (t) => {
  const { env } = expand('{"s":"x","n":1.50,"b":true,"o":{ "k" : 1 },"z":null,"big":12345678901234567890}');
  t.strictSame(env, { s: 'x', n: '1.50', b: 'true', o: '{ "k" : 1 }', z: '', big: '12345678901234567890' });
});

t.test('keys are converted as External Secrets does, then prefixed', async (t) => {
  t.strictSame(expand('{"foo$bar%baz*bing":"x","/a/b":"y","a.b-c":"z"}', 'P_').env, {
    P_foo_bar_baz_bing: 'x',
    P__a_b: 'y',
    'P_a.b-c': 'z',
  });
});

t.test('two keys that become one are an error', async (t) => {
  t.match(expand('{"a$b":"x","a_b":"y"}').failures, [
    'ASI_OUT_KEY_COLLISION s0: secret name collision during conversion: "a_b".',
  ]);
});

t.test('what is no object is an error', async (t) => {
  for (const value of ['[]', '"x"', 'plain', '']) t.match(expand(value).failures, [/^ASI_OUT_EXPANSION/]);
  t.strictSame(expand('null').env, {});
});

t.test('a later expansion wins over an earlier one, a variable of its own over both', async (t) => {
  const { env } = renderAll([
    { value: 'own', variables: [{ name: 'B' }] },
    { value: '{"A":"1","B":"1"}', expansions: [{ prefix: '' }] },
    { value: '{"A":"2","B":"2"}', expansions: [{ prefix: '' }] },
  ]);
  t.strictSame(env, { A: '2', B: 'own' });
});

t.test('__proto__ and constructor are keys like others', async (t) => {
  const { env } = expand('{"__proto__":"x","constructor":"y"}');
  t.strictSame(Object.entries(env).sort(), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});
