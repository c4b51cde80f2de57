import t from 'tap';
import { CONFIG_LIMIT } from '../../../injector/contract/encode.ts';
import { ANNOTATIONS } from '../../../webhook/declare/annotation-table.ts';
import { declares } from '../../../webhook/declare/annotations.ts';
import { declare } from '../../../webhook/declare/declare.ts';
import { annotationsOf } from '../support/annotations.ts';
import { CONTEXT } from '../support/context.ts';

t.test('a pod declares something unless it says inject: "false"', async (t) => {
  t.notOk(declares({}));
  t.notOk(declares({ 'example.com/objects': 'a' }));
  t.notOk(declares(annotationsOf({ inject: 'true', status: 'injected' })));
  for (const name of ['objects', 'files', 'env', 'env-from', 'secret-provider-class', 'mount-path', 'misspelt']) {
    t.ok(declares(annotationsOf({ [name]: '' })), name);
    t.ok(declares(annotationsOf({ [name]: '', inject: 'flase' })), 'what is no boolean is for declare to refuse');
    for (const off of ['false', 'False', 'FALSE', 'f', 'F', '0'])
      t.notOk(declares(annotationsOf({ [name]: '', inject: off })), off);
  }
});

t.test('annotations that only say how are refused: what to fetch was forgotten', async (t) => {
  const declared = declare(annotationsOf({ 'mount-path': '/secrets' }), CONTEXT);
  t.match(declared, {
    ok: false,
    refusals: [{ code: 'ASI_ADMIT_EMPTY', message: /^mount-path: nothing says what to fetch/ }],
  });
});

t.test('the least declaration has every default', async (t) => {
  t.strictSame(declare({ 'example.com/x': 'y', ...annotationsOf({ files: 'a: b' }) }, CONTEXT), {
    ok: true,
    declaration: {
      objects: [{ service: 'secretsmanager', name: 'b', files: [{ path: 'a', mode: '0644' }] }],
      searches: [],
      templates: [],
      templateVariables: [],
      region: 'us-west-2',
      identity: { kind: 'web-identity' },
      variables: [],
      synced: [],
      volumes: [],
      mountPath: '/mnt/secrets-store',
      position: { kind: 'first' },
    },
  });
});

t.test('values that are the same text one behind the other are different declarations', async (t) => {
  const declared = [
    { files: 'a: b', 'mount-path': '/c/d' },
    { files: 'a: b/c', 'mount-path': '/d' },
  ].map((own) => declare(annotationsOf(own), CONTEXT));
  t.match(declared, [
    { declaration: { objects: [{ name: 'b' }], mountPath: '/c/d' } },
    { declaration: { objects: [{ name: 'b/c' }], mountPath: '/d' } },
  ]);
});

t.test('everything wrong is refused at once, each with its annotation first', async (t) => {
  const own = {
    objects: '- {}\n- {}',
    files: '/etc: b#\nc: d:e',
    region: 'x',
    mountpath: 'x',
    rotation: '1s',
    cpu: '-1',
  };
  const result = declare(annotationsOf(own), CONTEXT);
  const starts = result.ok ? [] : result.refusals.map(({ message }) => message.split(':')[0]);
  t.strictSame(starts, ['mountpath', 'region', 'rotation', 'cpu', 'objects', 'objects', 'files', 'files', 'files']);
});

t.test('the first of many refusals are shown, and that there are more', async (t) => {
  const files = Array.from({ length: 500 }, (_, index) => `f${index}: x:y`).join('\n');
  const result = declare(annotationsOf({ files }), CONTEXT);
  const messages = result.ok ? [] : result.refusals.map(({ message }) => message);
  t.equal(messages.length, 21);
  t.equal(messages.at(-1), 'and more problems like these; correct these first');
});

t.test("the annotation's region wins over the webhook's, for ARNs too", async (t) => {
  const files = 'a: arn:aws:ssm:eu-west-1:123456789012:parameter/a';
  t.match(declare(annotationsOf({ files, region: 'eu-west-1' }), CONTEXT), { declaration: { region: 'eu-west-1' } });
  t.match(declare(annotationsOf({ files }), CONTEXT), {
    refusals: [{ message: /is an ARN outside region us-west-2; / }],
  });
});

t.test('user input is echoed short and on one line', async (t) => {
  const text = `SECRET\n\u001b[31m\u202e${'x'.repeat(5000)}`;
  const key = `a#b-${'c'.repeat(5000)}`;
  const maps = [text, key].map((value) => JSON.stringify({ [text]: value, [key]: { from: value, [key]: value } }));
  const others = maps.flatMap((map) => [
    { files: map },
    { templates: map },
    { objects: `[${map}]` },
    { 'env-from': `[${map}]` },
  ]);
  for (const name of Object.keys(ANNOTATIONS)) {
    for (const own of [{ [name]: text }, { [text]: 'x' }, ...others]) {
      const result = declare(annotationsOf(own), CONTEXT);
      for (const { message } of result.ok ? [] : result.refusals) {
        t.ok(message.length < 600, `${name}: ${message.length}`);
        t.notMatch(message, /[\p{Cc}\p{Cf}]/u);
      }
    }
  }
});

t.test('what is declared again is remembered, unless it is refused or fits no configuration', async (t) => {
  const again = (files: string) => [1, 2].map(() => declare(annotationsOf({ files }), CONTEXT));
  const [once, twice] = again('remembered: app1/db');
  t.equal(once, twice);
  for (const files of ['refused: "x:y"', `large: {from: s, default: "${'x'.repeat(CONFIG_LIMIT)}"}`]) {
    const [first, second] = again(files);
    t.not(first, second);
    t.strictSame(first, second);
  }
});

t.test('YAML with a thousand errors leaves the stacks of other errors as they were', async (t) => {
  const before = Error.stackTraceLimit;
  const result = declare(annotationsOf({ files: `"${'""'.repeat(1000)}: b` }), CONTEXT);
  t.match(result, { refusals: [{ message: /^files: is not YAML: line 1: / }] });
  t.equal(Error.stackTraceLimit, before);
});

t.test('hostile sizes get an answer', async (t) => {
  const codes = (own: Record<string, string>): string[] => {
    const result = declare(annotationsOf(own), CONTEXT);
    return result.ok ? ['ok'] : result.refusals.map(({ code }) => code);
  };
  const many = Array.from({ length: 10_000 }, (_, index) => `{objectName: s${index}, objectType: ssmparameter}`);
  const short = Array.from({ length: 2800 }, (_, index) => `f${index}: s${index}`).join('\n');
  const lol = Array.from({ length: 30 }, (_, i) => `- &a${i + 1} {<<: [${Array(9).fill(`*a${i}`)}]}`).join('\n');
  const aliases = `- &a {objectName: a, objectType: ssmparameter}\n${'- *a\n'.repeat(10_000)}`;
  t.strictSame(codes({ objects: `[${many.join()}]` }), ['ASI_ADMIT_TOO_LARGE']);
  t.strictSame(codes({ objects: 'x'.repeat(2 ** 20) }), ['ASI_ADMIT_TOO_LARGE']);
  t.strictSame(codes({ objects: `[${many.slice(0, 1100).join()}]` }), ['ok']);
  t.strictSame(codes({ files: short }), ['ok']);
  t.strictSame(codes({ objects: `- &a0 {objectName: a}\n${lol}` }), ['ASI_ADMIT_INVALID_OBJECTS']);
  t.strictSame(codes({ objects: aliases }), ['ASI_ADMIT_INVALID_OBJECTS']);
  t.strictSame(codes({ objects: '- &a {<<: *a}' }), ['ASI_ADMIT_INVALID_OBJECTS']);
  for (const deep of ['[', '{a: ', '- ', '? ', '&a ', '}', 'a: b: ', '!!x ', '"']) {
    t.equal(codes({ objects: deep.repeat(50_000 / deep.length) })[0], 'ASI_ADMIT_INVALID_OBJECTS', deep);
  }
  t.strictSame(codes({ objects: `[${'a,'.repeat(100_000)}]` }), ['ASI_ADMIT_INVALID_OBJECTS']);
  t.strictSame(codes({ files: ':\n'.repeat(100_000) }), ['ASI_ADMIT_INVALID_VALUE']);
  t.strictSame(codes({ files: '}'.repeat(200_000) }), ['ASI_ADMIT_INVALID_VALUE']);
  t.strictSame(codes({ files: `a: b#${'('.repeat(200_000)}` }), ['ASI_ADMIT_INVALID_REFERENCE']);
  const foreign = Array.from({ length: 1500 }, (_, index) => `{objectNameee${index}: a}`);
  t.equal(codes({ objects: `[${foreign.join()}]` }).length, 21);
  t.equal(
    codes({
      files: `{${foreign
        .slice(0, 900)
        .map((entry, index) => `f${index}: ${entry}`)
        .join()}}`,
    }).length,
    21,
  );
  t.equal(
    codes({
      env: `{${foreign
        .slice(0, 900)
        .map((_, index) => `F${index}: {from: a, default: "'"}`)
        .join()}}`,
    }).length,
    21,
  );
  t.equal(codes({ 'env-from': `[${foreign.join()}]`, 'env-file': 'x' }).length, 21);
  t.strictSame(codes({ objects: `- {tags: {${foreign.map((_, index) => `t${index}: x`).join()}}}` }), ['ok']);
});
