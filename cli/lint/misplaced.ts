/** Finds our annotations where no pod gets them: on a workload beside its template, on other objects, and as labels. */
import { ANNOTATIONS } from '../../webhook/declare/annotation-table.ts';
import { PREFIX } from '../../webhook/declare/annotations.ts';
import { type Described, describeObject, isMembers } from '../manifests/find.ts';
import { type Finding, mistakeMessage } from './findings.ts';
import { locateKey } from './locate.ts';

/**
 * Returns a finding for each annotation of ours that no pod gets, and for each label that should be an annotation. `namespace`
 * is that of an object which names none.
 */
export function misplacedIn({ owner, path, isPod, metadata }: Described, namespace: string): Finding[] {
  const { manifest, kind } = owner;
  const where = [...path.slice(owner.path.length), 'metadata'].join('.');
  const annotations = isPod ? [] : ownKeys(metadata['annotations']);
  const places = [
    ...annotations.map((key) => ({
      key,
      map: 'annotations',
      what: `is in ${where} of the ${kind}, where no pod gets it.`,
    })),
    ...ownKeys(metadata['labels']).map((key) => ({
      key,
      map: 'labels',
      what: 'is a label, and only annotations are read.',
    })),
  ];
  return places.map(({ key, map, what }) => ({
    file: manifest.file,
    document: manifest.number,
    ...locateKey(manifest, [...path, 'metadata', map], key),
    severity: 'error',
    code: 'ASI_LINT_WRONG_PLACE',
    message: mistakeMessage('ASI_LINT_WRONG_PLACE', `${key} ${what}`),
    object: describeObject(owner, namespace),
  }));
}

/** Returns the keys that are names of annotations. The label `exempt` of a namespace is none, and others may make up names, too. */
function ownKeys(map: unknown): string[] {
  if (!isMembers(map)) return [];
  return Object.keys(map).filter(
    (key) => key.startsWith(PREFIX) && Object.hasOwn(ANNOTATIONS, key.slice(PREFIX.length)),
  );
}
