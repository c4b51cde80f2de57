import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import type { Declaration } from '../../../../webhook/declare/declaration.ts';
import { declare } from '../../../../webhook/declare/declare.ts';
import { annotationsOf } from '../../support/annotations.ts';
import { CONTEXT } from '../../support/context.ts';
import { compareSaid } from '../../support/said.ts';

type Case = {
  readonly case?: string;
  readonly about?: string;
  readonly objects: string;
  readonly pathTranslation?: string;
  readonly failoverRegion?: string | null;
  readonly refused?: string;
  /** The number of refusals after the first. */
  readonly more?: number;
  /** The beginning of a refusal that does not begin with `objects: `. */
  readonly lead?: string;
  readonly code?: string;
  /** A text that no refusal may show. */
  readonly never?: string;
  readonly files?: readonly string[];
  readonly result?: Declaration['objects'];
  readonly searches?: Declaration['searches'];
};
type PathCase = Omit<Case, 'objects'> & { readonly name: string; readonly alias?: string; readonly part?: string };

function fixture<T>(name: string): T {
  return parse(readFileSync(new URL(`../../../fixtures/objects/${name}.yaml`, import.meta.url), 'utf8')) as T;
}

/** Declares the objects, compares the result, and returns what each refusal says. */
function check(t: Test, expected: Omit<Case, 'objects'>, objects: string, lead: string): string[] {
  const { pathTranslation, failoverRegion, more = 0 } = expected;
  const own = {
    objects,
    ...(pathTranslation !== undefined && { 'path-translation': pathTranslation }),
    ...(failoverRegion && { 'failover-region': failoverRegion }),
  };
  const result = declare(annotationsOf(own), CONTEXT);
  const name = [expected.case, expected.about].filter(Boolean).join(': ');
  if (expected.refused !== undefined) {
    const refusals = result.ok ? [] : result.refusals;
    t.equal(refusals.length, 1 + more, `${name}: so many refusals`);
    const message = refusals[0]?.message ?? JSON.stringify(result);
    t.equal(message.slice(0, lead.length + expected.refused.length), lead + expected.refused, name);
    t.match(message, /; /, `${name}: names the fix`);
    if (expected.never !== undefined) t.notMatch(message, expected.never, `${name}: shows no value`);
    if (expected.code !== undefined) t.equal(refusals[0]?.code, expected.code, name);
    return refusals.map(({ message }) => message);
  }
  t.ok(result.ok, `${name}: ${JSON.stringify(result)}`);
  const found = result.ok ? result.declaration.objects : [];
  if (expected.searches !== undefined) t.strictSame(result.ok && result.declaration.searches, expected.searches, name);
  if (expected.result !== undefined) t.strictSame(found, expected.result, name);
  const paths = found.flatMap((object) => object.files ?? []).map(({ path }) => path);
  if (expected.files !== undefined) t.strictSame(paths, expected.files, `${name} ${JSON.stringify(result)}`);
  return [];
}

t.test('an object is accepted and refused as by ASCP, in its words', async (t) => {
  const said = fixture<Case[]>('validation').flatMap((one) => check(t, one, one.objects, 'objects: '));
  compareSaid(t, 'objects/validation', said);
});

t.test('an object of a second region is accepted and refused as by ASCP, in its words', async (t) => {
  const said = fixture<Case[]>('failover').flatMap((one) =>
    check(t, { failoverRegion: 'us-east-2', ...one }, one.objects, one.lead ?? 'objects: '),
  );
  compareSaid(t, 'objects/failover', said);
});

t.test('an object may be optional, have a default, be expanded, or be a search', async (t) => {
  const said = fixture<Case[]>('extensions').flatMap((one) => check(t, one, one.objects, 'objects: '));
  compareSaid(t, 'objects/extensions', said);
});

t.test('an object that occurs twice is refused as by ASCP, and where it would overwrite', async (t) => {
  const said = fixture<Case[]>('duplicates').flatMap((one) => check(t, one, one.objects, 'objects: '));
  compareSaid(t, 'objects/duplicates', said);
});

t.test('a file is named as by ASCP, and never outside the volume', async (t) => {
  const said = fixture<PathCase[]>('paths').flatMap(({ name, alias, part, ...expected }) => {
    const type = name.startsWith('arn:') ? {} : { objectType: 'secretsmanager' };
    const parts = part === undefined ? {} : { jmesPath: [{ path: 'p', objectAlias: part }] };
    const object = { objectName: name, ...type, ...(alias === undefined ? {} : { objectAlias: alias }), ...parts };
    return check(t, expected, stringify([object]), '');
  });
  compareSaid(t, 'objects/paths', said);
});

t.test('everything that is wrong in a list is refused at once, what ASCP finds first first', async (t) => {
  type Mistakes = { readonly about: string; readonly objects: string; readonly refused: readonly string[] };
  const said = fixture<Mistakes[]>('many-mistakes').flatMap(({ about, objects, refused }) => {
    const result = declare(annotationsOf({ objects }), CONTEXT);
    const messages = result.ok ? [] : result.refusals.map(({ message }) => message);
    const begins = messages.map((message, index) => message.slice(0, `objects: ${refused[index] ?? ''}`.length));
    t.strictSame(
      begins,
      refused.map((text) => `objects: ${text}`),
      about,
    );
    return messages;
  });
  compareSaid(t, 'objects/many-mistakes', said);
});

t.test('a list of very many mistakes is refused with the first of them', async (t) => {
  const result = declare(annotationsOf({ objects: '- {objectName: a, filePermission: x}\n'.repeat(500) }), CONTEXT);
  t.equal(result.ok ? 0 : result.refusals.length, 21);
});

t.test('a parameter with a "/" in its name and none before it is warned of', async (t) => {
  const objects = '- {objectName: a/b, objectType: ssmparameter}\n- {objectName: /a/c, objectType: ssmparameter}';
  t.match(declare(annotationsOf({ objects }), CONTEXT), {
    ok: true,
    declaration: { warnings: ['objects: the name of a parameter with a "/" starts with one; write /a/b'] },
  });
});

t.test('a scalar is the text that Go makes of it', async (t) => {
  for (const [source, text] of fixture<[string, string][]>('scalars')) {
    const objects = `- objectName: a\n  objectType: secretsmanager\n  objectVersion: ${source}\n`;
    const result = declare(annotationsOf({ objects }), CONTEXT);
    const object = result.ok ? result.declaration.objects[0] : undefined;
    t.equal(object?.name, 'a', `${source} is accepted`);
    t.equal(object?.version ?? '', text, `${source} is ${text}`);
  }
});

t.test('an alias of 300 bytes is refused, one of 255 is not', async (t) => {
  const withAlias = (alias: string) =>
    declare(
      annotationsOf({ objects: stringify([{ objectName: 'a', objectType: 'ssmparameter', objectAlias: alias }]) }),
      CONTEXT,
    );
  t.match(withAlias('é'.repeat(150)), { refusals: [{ code: 'ASI_ADMIT_INVALID_FILE_NAME' }] });
  t.match(withAlias('x'.repeat(255)), { ok: true });
});

t.test('where nobody knows the region, only that is refused', async (t) => {
  const objects = '- objectName: arn:aws:ssm:eu-west-1:123456789012:parameter/a';
  t.match(declare(annotationsOf({ objects }), { ...CONTEXT, region: undefined }), {
    refusals: [{ code: 'ASI_ADMIT_NO_REGION' }],
  });
});
