/** Tests what is true of every declaration, whatever it says: there is an answer, and nothing accepted breaks the contract. */
import fc from 'fast-check';
import t from 'tap';
import * as v from 'valibot';
import { InjectorConfig } from '../../../injector/contract/config.ts';
import { ANNOTATIONS } from '../../../webhook/declare/annotation-table.ts';
import type { Declaration } from '../../../webhook/declare/declaration.ts';
import { declare } from '../../../webhook/declare/declare.ts';
import { annotationsOf } from '../support/annotations.ts';
import { CONTEXT } from '../support/context.ts';

const SHAPE = v.pick(InjectorConfig, ['objects', 'searches', 'templates', 'templateVariables', 'region']);

function fitsContract({ objects, searches, templates, templateVariables, region }: Declaration): boolean {
  return v.is(SHAPE, { objects, searches, templates, templateVariables, region });
}

const YAMLISH = fc.array(
  fc.constantFrom(
    '- ',
    'objectName: ',
    'a',
    '/',
    '..',
    '\n',
    '  ',
    'objectType: ssmparameter',
    '[',
    '{',
    '&a ',
    '*a',
    '<<: ',
    '#',
    ':',
    '?',
    '\0',
    '"',
    'jmesPath:\n  - path: a',
    'optional: true',
    'expand: yes',
    'default: ',
    'path: /a/',
    'tags: {a: b}',
    'failoverObject: ',
    'from: ',
    'template: ',
    '{{ ',
    ' | json }}',
    'é',
  ),
  { maxLength: 30 },
);
const TEXT = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  YAMLISH.map((parts) => parts.join('')),
);

t.test('whatever the annotations, there is an answer, and what is accepted fits the contract', async () => {
  const own = fc.dictionary(fc.constantFrom(...Object.keys(ANNOTATIONS), '__proto__', 'x'), TEXT, { maxKeys: 4 });
  fc.assert(
    fc.property(own, (annotations) => {
      const result = declare(annotationsOf(annotations), CONTEXT);
      if (!result.ok)
        return result.refusals.length > 0 && result.refusals.every(({ message }) => !message.includes('\n'));
      return fitsContract(result.declaration);
    }),
    { numRuns: 2000 },
  );
});

t.test('whatever the class, there is an answer, and what is accepted fits the contract', async () => {
  const key = fc.constantFrom('objects', 'region', 'failoverRegion', 'pathTranslation', 'usePodIdentity', '__proto__');
  const value = fc.oneof(
    TEXT,
    fc.constantFrom('eu-west-1', 'True', '1', '- {objectName: a, objectType: ssmparameter}'),
  );
  const parameters = fc.dictionary(key, value, { maxKeys: 4 });
  fc.assert(
    fc.property(parameters, parameters, (own, attributes) => {
      const classes = new Map([['shop', { provider: 'aws', parameters: own, secretObjects: [] }]]);
      const volumes = [{ name: 'v', className: 'shop', attributes, readOnly: true }];
      const result = declare(annotationsOf({ 'secret-provider-class': 'shop' }), { ...CONTEXT, classes, volumes });
      return result.ok ? fitsContract(result.declaration) : result.refusals.length > 0;
    }),
    { numRuns: 2000 },
  );
});

t.test('no accepted file leaves the volume', async () => {
  const name = fc.stringMatching(/^[a./]{1,8}$/);
  const translation = fc.constantFrom('False', '_', '.', '/');
  fc.assert(
    fc.property(name, name, translation, (objectAlias, part, pathTranslation) => {
      const jmesPath = [{ path: 'p', objectAlias: part }];
      const objects = JSON.stringify([{ objectName: 'n', objectType: 'ssmparameter', objectAlias, jmesPath }]);
      const result = declare(annotationsOf({ objects, 'path-translation': pathTranslation }), CONTEXT);
      const files = result.ok ? result.declaration.objects.flatMap((object) => object.files ?? []) : [];
      return files.every(({ path }) => path.split('/').every((element) => !['', '.', '..'].includes(element)));
    }),
    { numRuns: 2000 },
  );
});
