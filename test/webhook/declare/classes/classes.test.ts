import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { classNames } from '../../../../webhook/declare/classes/classes.ts';
import type { Declaration } from '../../../../webhook/declare/declaration.ts';
import { type Context, type Declared, declare } from '../../../../webhook/declare/declare.ts';
import type { CsiVolume, ProviderClass } from '../../../../webhook/declare/provider-class.ts';
import { annotationsOf } from '../../support/annotations.ts';
import { CONTEXT } from '../../support/context.ts';

type Case = {
  readonly case?: string;
  readonly about?: string;
  readonly class?: Omit<ProviderClass, 'secretObjects'> | null;
  readonly parameters?: Record<string, string>;
  readonly volumes?: readonly (Partial<CsiVolume> & { readonly name: string })[];
  readonly annotations?: Record<string, string>;
  readonly region?: string | null;
  readonly refused?: readonly string[];
  readonly code?: string;
  readonly declared?: Partial<Declaration>;
};
type SyncedCase = Pick<Case, 'case' | 'about'> & Pick<ProviderClass, 'secretObjects'> & Pick<Declaration, 'synced'>;

const OBJECTS =
  '- {objectName: a/b, objectType: secretsmanager, jmesPath: [{path: u, objectAlias: x}]}\n- {objectName: p, objectType: ssmparameter}';

function fixture<T>(name: string): T {
  return parse(readFileSync(new URL(`../../../fixtures/classes/${name}.yaml`, import.meta.url), 'utf8')) as T;
}

function contextOf({ region, volumes = [], ...one }: Case): Context {
  const written = one.parameters === undefined ? one.class : { provider: 'aws', parameters: one.parameters };
  return {
    region: region === undefined ? 'us-west-2' : (region ?? undefined),
    namespace: 'shop',
    classes: new Map(written ? [['shop', { ...written, secretObjects: [] }]] : []),
    volumes: volumes.map((volume) => ({ className: 'shop', attributes: {}, readOnly: true, ...volume })),
  };
}

function messages(result: Declared): string[] {
  return result.ok ? [] : result.refusals.map(({ message }) => message);
}

t.test('a class is read as by ASCP, and refused in its words and those of the driver', async (t) => {
  for (const one of fixture<Case[]>('classes')) {
    const named = one.volumes ? {} : { 'secret-provider-class': 'shop' };
    const result = declare(annotationsOf({ ...named, ...one.annotations }), contextOf(one));
    const name = [one.case, one.about].filter(Boolean).join(': ');
    const found = messages(result);
    const starts = one.refused ?? [];
    t.strictSame(
      found.map((message, index) => message.slice(0, starts[index]?.length)),
      starts,
      `${name} ${found.join()}`,
    );
    t.ok(
      found.every((message) => message.includes('; ')),
      `${name}: names the fix`,
    );
    if (one.code !== undefined) t.match(result, { refusals: [{ code: one.code }] }, name);
    for (const [key, value] of Object.entries(one.declared ?? {})) {
      t.strictSame(result.ok && result.declaration[key as keyof Declaration], value, `${name}: ${key}`);
    }
  }
});

t.test('the Secrets that the driver would make are listed, and no others', async (t) => {
  for (const { about, case: number, secretObjects, synced } of fixture<SyncedCase[]>('synced')) {
    const classes = new Map([['shop', { provider: 'aws', parameters: { objects: OBJECTS }, secretObjects }]]);
    const result = declare(annotationsOf({ 'secret-provider-class': 'shop' }), { ...CONTEXT, classes });
    t.strictSame(result.ok && result.declaration.synced, synced, [number, about].filter(Boolean).join(': '));
  }
});

t.test('the objects of the Secrets are found beside those of other classes', async (t) => {
  const secretObjects = [{ secretName: 's', type: 'Opaque', data: [{ objectName: 'p', key: 'k' }] }];
  const parameters = { objects: OBJECTS, region: 'eu-west-1' };
  const classes = new Map([['shop', { provider: 'aws', parameters, secretObjects }]]);
  const volumes = [{ name: 'v', className: 'shop', attributes: {}, readOnly: true }];
  const result = declare(annotationsOf({ objects: '- {objectName: p, objectType: ssmparameter}' }), {
    ...CONTEXT,
    classes,
    volumes,
  });
  t.match(result, { declaration: { synced: [{ keys: [{ object: 2 }] }], objects: [{}, {}, { region: 'eu-west-1' }] } });
});

t.test('the classes to look up are those of annotation and volumes, each once', async (t) => {
  const own = annotationsOf({ 'secret-provider-class': 'a, b,../x,,A' });
  t.strictSame(classNames(own, [csiVolume('b'), csiVolume(''), csiVolume('c.d'), csiVolume('c/d')]), ['a', 'b', 'c.d']);
  t.strictSame(classNames({}, []), []);
});

const MANY = Array.from({ length: 17 }, (_, index) => `c${index}`);
const csiVolume = (className: string): CsiVolume => ({ name: className, className, attributes: {}, readOnly: true });

t.test('no class is looked up for an annotation that names more than sixteen', async (t) => {
  const own = annotationsOf({ 'secret-provider-class': MANY.join() });
  t.strictSame(classNames(own, []), []);
  t.match(messages(declare(own, CONTEXT))[0], /names more than 16 classes; /);
});

t.test('no class is looked up where annotation and volumes name more than sixteen together', async (t) => {
  const own = annotationsOf({ 'secret-provider-class': MANY.slice(0, 2).join() });
  const volumes = MANY.slice(1).map(csiVolume);
  t.strictSame(classNames(own, volumes), []);
  t.match(messages(declare(own, { ...CONTEXT, volumes })), [
    /^secret-provider-class: .* 17 classes together, more than 16; /,
  ]);
});

t.test('sixteen classes are looked up, however many volumes name them', async (t) => {
  const names = MANY.slice(1);
  t.strictSame(classNames({}, [...names, ...names].map(csiVolume)), names);
});

t.test('no pod has a long class read a thousand times', async (t) => {
  const objects = `# ${'x'.repeat(200_000)}\n- {objectName: a, objectType: ssmparameter}`;
  const one: Case = {
    parameters: { objects },
    volumes: Array.from({ length: 1000 }, (_, index) => ({ name: `v${index}` })),
  };
  t.match(messages(declare({}, contextOf(one)))[0], /^volume v1 .* more than 256 KiB of text /);
});
