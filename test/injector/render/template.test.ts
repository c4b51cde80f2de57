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
