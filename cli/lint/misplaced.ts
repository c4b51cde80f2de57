/** Finds our annotations where no pod gets them, at their places in files. */
import { misplacedIn } from '../../webhook/workload/misplaced.ts';
import { type Described, describeObject } from '../manifests/find.ts';
import { type Finding, mistakeMessage } from './findings.ts';
import { locateKey } from './locate.ts';

/** Returns a finding for everything that is misplaced in a part of an object. `namespace` is that of an object which names none. */
export function findMisplaced(described: Described, namespace: string): Finding[] {
  const { owner, path } = described;
  const { manifest } = owner;
  return misplacedIn(described).map(({ code, what, map, key }) => ({
    file: manifest.file,
    document: manifest.number,
    ...locateKey(manifest, [...path, 'metadata', map], key),
    severity: 'error',
    code,
    message: mistakeMessage(code, what),
    object: describeObject(owner, namespace),
  }));
}
