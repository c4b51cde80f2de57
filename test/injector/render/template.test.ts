import t from 'tap';
import type { ConfigPlaceholder, ConfigTemplate } from '../../../injector/contract/config.ts';
import { type Part, renderParts } from '../support/rendering.ts';

const fill = (parts: ConfigTemplate['parts'], values: Part[]) => {
  const { files, failures } = renderParts(values, { templates: [{ path: 'out', mode: '0440', parts }] });
  return { text: files['/secrets/out'], failures };
};

const value = '{"user":"ö/ne","password":"p@$$\'w","port":5432.0,"tls":{ "on": true },"none":null}';
const at = (jmesPath: string, more: Partial<ConfigPlaceholder> = {}): ConfigPlaceholder => ({
  object: 0,
  jmesPath,
  ...more,
});

t.test('values take their places in the text, through their filters from left to right', async (t) => {
  const parts = [
    'url=postgres://',
    at('user', { filters: ['urlencode'] }),
    ':',
    at('password', { filters: ['base64', 'base64decode', 'urlencode'] }),
    '@db/{{x}}\nraw=',
    at('password'),
    '\nport=',
    at('port', { type: 'any' }),
    '\njson=',
    at('tls', { type: 'any', filters: ['json'] }),
    at('user', { filters: ['json'] }),
    '\n',
  ];
  t.strictSame(fill(parts, [{ value }]), {
    text: `url=postgres://%C3%B6%2Fne:p%40%24%24%27w@db/{{x}}\nraw=p@$$'w\nport=5432.0\njson={ "on": true }"ö/ne"\n`,
    failures: [],
  });
});

t.test('a template of another volume is written there', async (t) => {
  const templates = [{ path: 'etc/app.conf', directory: '/files', mode: '0440', parts: [at('user')] }];
  t.strictSame(renderParts([{ value }], { templates }).files, { '/files/etc/app.conf': 'ö/ne' });
});

t.test('a value is put in once: what it holds is no template', async (t) => {
  const parts = [{ object: 0 }, '|', { object: 1 }];
  t.equal(fill(parts, [{ value: "{{ s1 }}$&$1$'" }, { value: '$`\u0000' }]).text, "{{ s1 }}$&$1$'|$`\u0000");
});

t.test('what is absent leaves nothing where it is optional, its default goes through the filters', async (t) => {
  const parts = [
    'a=',
    at('gone', { optional: true, filters: ['json', 'shell'] }),
    ' b=',
    at('absent', { default: 'x y', filters: ['shell'] }),
  ];
  const expected = { text: "a= b='x y'", failures: [] };
  t.strictSame(fill(parts, [{ value }]), expected);
  t.strictSame(fill(parts, [{}]), expected);
});

t.test('all failures of a template are reported at once, and it is not written', async (t) => {
  const parts = [at('gone'), at('port'), at('user', { filters: ['base64decode'] }), { object: 1 }];
  const { text, failures } = fill(parts, [{ value }, {}]);
  t.equal(text, undefined);
  t.match(failures, [
    'ASI_AWS_NOT_FOUND s1 is not there.',
    /^ASI_OUT_JMES_MISSING JMES Path - gone for object alias - out .* In s0: /,
    /^ASI_OUT_JMES_TYPE .* In s0: /,
    'ASI_OUT_FILTER s0: the filter base64decode of the template out can not take the value. Here it is not base64.',
  ]);
});

const VARIABLES = [{ name: 'URL', parts: ['pg://', at('user', { filters: ['urlencode'] }), '@db'] }];

t.test('a variable of a template is in the env file, where one of a key has the same name, too', async (t) => {
  const { files, failures } = renderParts([{ value: '{"user":"u","URL":"x"}', expansions: [{ prefix: '' }] }], {
    templateVariables: VARIABLES,
    envFile: { path: 'env', format: 'shell', mode: '0440' },
  });
  t.strictSame([files, failures], [{ '/secrets/env': "user='u'\nURL='pg://u@db'\n" }, []]);
});

t.test('the kubelet gets a variable of a template in a file of its own', async (t) => {
  const { files, failures } = renderParts([{ value }], {
    templateVariables: VARIABLES.map((variable) => ({ ...variable, kubelet: true })),
    environment: { directory: '/e', delivery: 'kubelet' },
  });
  t.strictSame([files, failures], [{ '/e/URL': "URL='pg://%C3%B6%2Fne@db'\n" }, []]);
});

t.test('a text that the kubelet can not deliver is refused by the name of the variable', async (t) => {
  const { failures } = renderParts([{ value }], {
    templateVariables: [{ name: 'URL', kubelet: true, parts: ['pg://', at('password')] }],
    environment: { directory: '/e', delivery: 'kubelet' },
  });
  t.match(failures, [/^ASI_ENV_VALUE The variable "URL" can not be delivered by the kubelet. .* single quote/]);
});

t.test('what is wrong with a value is told with the name of the variable', async (t) => {
  const parts = [at('gone', { type: 'any' }), at('user', { filters: ['base64decode'] })];
  const { failures } = renderParts([{ value }], {
    templateVariables: [{ name: 'URL', parts }],
    envFile: { path: 'env', format: 'shell', mode: '0440' },
  });
  t.match(failures, [
    /^ASI_OUT_JMES_MISSING The reference s0#gone of the variable URL points to nothing/,
    'ASI_OUT_FILTER s0: the filter base64decode of the variable URL can not take the value. Here it is not base64.',
  ]);
});
