/** Hostile SecretProviderClasses, which the bench's cluster has. */
import { NAMESPACE } from '../webhook/cluster.ts';
import { hostileReview, many } from './review.ts';
import { type Attack, oneByOne } from './target.ts';

/** The class that CSI volumes of hostile pods name. */
export const CSI_CLASS = 'keys';

/** A hostile class has so many keys of Secrets. */
export const CLASS_KEYS = 8000;

const OBJECT = '{objectName: a, objectType: secretsmanager}';
const key = (index: number) => ({ objectName: 'a', key: `k${index}` });

const PARAMETERS: Readonly<Record<string, string>> = {
  'alias-names': `- &o {objectName: &t "${'a'.repeat(30_000)}", objectType: secretsmanager}\n${many(
    3000,
    (index) => `- {objectName: *t, objectType: secretsmanager, objectAlias: y${index}}`,
  ).join('\n')}`,
  'alias-paths': `- {objectName: a, objectType: secretsmanager, jmesPath: [{path: &t "${'a.'.repeat(8000)}a", objectAlias: x}]}\n${many(
    3000,
    (index) => `- {objectName: a${index}, objectType: secretsmanager, jmesPath: [{path: *t, objectAlias: y${index}}]}`,
  ).join('\n')}`,
  'alias-maps': `- &o ${OBJECT}\n${'- *o\n'.repeat(200_000)}`,
  'many-objects': many(20_000, (index) => `- {objectName: a${index}, objectType: secretsmanager}`).join('\n'),
  brackets: '['.repeat(1_000_000),
};

/** Returns the objects as the API server lists them. */
export function hostileClasses(): object[] {
  const classOf = (name: string, parameters: object, secretObjects: object[]) => ({
    metadata: { namespace: NAMESPACE, name },
    spec: { provider: 'aws', parameters, secretObjects },
  });
  return [
    classOf(CSI_CLASS, { objects: `- ${OBJECT}` }, [{ secretName: 's', type: 'Opaque', data: many(CLASS_KEYS, key) }]),
    ...Object.entries(PARAMETERS).map(([name, objects]) => classOf(name, { objects }, [])),
  ];
}

/** Returns a pod for each hostile class as an attack. */
export function classAttacks(): Attack[] {
  return [CSI_CLASS, ...Object.keys(PARAMETERS)].map((name) =>
    oneByOne(`the class ${name}`, () => hostileReview({ annotations: { 'secret-provider-class': name } })),
  );
}
