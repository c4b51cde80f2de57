import t from 'tap';
import { sourceKey } from '../../../injector/contract/source.ts';
import { problemsOf } from '../../../injector/render/render.ts';
import { Secret } from '../../../injector/secret.ts';
import { configOf, type Part, renderParts } from '../support/rendering.ts';

const file = (path: string, more = {}) => ({ path, mode: '0444', ...more });

t.test('a file goes to its own directory, or to the one of the configuration', async (t) => {
  const { files, modes } = renderParts([
    { value: 'x', files: [file('a'), file('a', { directory: '/volume', mode: '4755' })] },
  ]);
  t.strictSame(files, { '/secrets/a': 'x', '/volume/a': 'x' });
  t.strictSame(modes, { a: '755' });
});

t.test('optional and default hold where the object or the part does not exist', async (t) => {
  const outputs = [
    file('optional', { jmesPath: 'gone', optional: true }),
    file('default', { jmesPath: 'gone', default: 'instead' }),
    file('both', { jmesPath: 'gone', optional: true, default: '' }),
  ];
  const expected = { '/secrets/default': 'instead', '/secrets/both': '' };
  for (const value of ['{"a":"x"}', '[]']) {
    t.strictSame(renderParts([{ value, files: outputs }]), {
      files: expected,
      modes: { default: '444', both: '444' },
      failures: [],
      warnings: [],
    });
  }
  t.strictSame(renderParts([{ files: outputs }]).files, expected);
});

t.test('optional and default hold nowhere else', async (t) => {
  const lenient = { jmesPath: 'a', optional: true, default: 'instead' };
  const broken = renderParts([{ value: 'no JSON', files: [file('f', lenient)] }]);
  t.match(broken.failures, [/^ASI_OUT_JSON Invalid JSON used with jmesPath in secret: s0\./]);
  const number = renderParts([{ value: '{"a":1}', files: [file('f', lenient)] }]);
  t.match(number.failures, [/^ASI_OUT_JMES_TYPE/]);
  const nothing = renderParts([{ value: '{"a":null}', files: [file('f', lenient)] }]);
  t.match(nothing.failures, [/^ASI_OUT_JSON_NULL .* In s0: The value is null\.$/]);
  t.strictSame({ ...broken.files, ...number.files, ...nothing.files }, {});
});

t.test('an object that one of its outputs needs is one failure where it does not exist', async (t) => {
  const { files, failures } = renderParts([
    { files: [file('a', { optional: true }), file('b'), file('c')], variables: [{ name: 'D' }] },
    { value: 'x', files: [file('e')] },
  ]);
  t.strictSame(failures, ['ASI_AWS_NOT_FOUND s0 is not there.']);
  t.strictSame(files, { '/secrets/e': 'x' });
});

t.test('an object whose failure is known is left out', async (t) => {
  const templates = [{ path: 't', mode: '0444', parts: [{ object: 0 }] }];
  const { failures } = renderParts([{ unknown: true, files: [file('a')] }], { templates });
  t.strictSame(failures, []);
});

t.test('with type any a part that is no text is JSON in the words of the source', async (t) => {
  const value = '{"n":1.50,"big":12345678901234567890,"o":{ "k" : [1.0] },"s":"text","b":false}';
  const outputs = ['n', 'big', 'o', 's', 'b'].map((jmesPath) => file(jmesPath, { jmesPath, type: 'any' }));
  t.strictSame(renderParts([{ value, files: outputs }]).files, {
    '/secrets/n': '1.50',
    '/secrets/big': '12345678901234567890',
    '/secrets/o': '{ "k" : [1.0] }',
    '/secrets/s': 'text',
    '/secrets/b': 'false',
  });
});

t.test('bytes stay bytes', async (t) => {
  const { files } = renderParts([{ value: new TextEncoder().encode('\uFEFFa\r\n\0'), files: [file('a')] }]);
  t.strictSame(files, { '/secrets/a': '\uFEFFa\r\n\0' });
});

t.test('a value that can not be rendered is reported for fail-over, whatever output it is for', async (t) => {
  const part: Part = {
    files: [file('a', { jmesPath: 'a' }), file('b', { jmesPath: 'b', optional: true })],
    variables: [{ name: 'C', jmesPath: 'c', default: '' }],
    expansions: [{ prefix: '', jmesPath: 'd', optional: true }],
    environment: [{ path: 'e', key: 'E', jmesPath: 'e' }],
    folders: [{ path: '', mode: '0444', slash: '_' }],
  };
  const templates = [
    { path: 't', mode: '0444', parts: ['x', { object: 0, jmesPath: 'f' }, { object: 1, jmesPath: 'z' }] },
  ];
  const config = configOf([part, { files: [file('other', { jmesPath: 'z' })] }], { templates });
  const key = config.objects[0] === undefined ? '' : sourceKey(config.objects[0]);
  const problems = (value: string) => problemsOf(config)(key, new Secret(value)).map(({ code }) => code);
  t.strictSame(problems('{"a":"x","e":"it\'s","f":"x"}'), []);
  t.strictSame(problems('{"a":1,"e":"x","f":"x"}'), ['ASI_OUT_JMES_TYPE']);
  t.strictSame(problems('{}'), ['ASI_OUT_JMES_MISSING', 'ASI_OUT_JMES_MISSING', 'ASI_OUT_JMES_MISSING']);
  t.ok(problems('no JSON').every((code) => code === 'ASI_OUT_JSON' || code === 'ASI_OUT_EXPANSION'));
  t.equal(problems('no JSON').length, 7);
});
