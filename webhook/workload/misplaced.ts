/** Finds annotations that no pod gets: on a workload beside its template, as labels, and with another domain than ours. */
import { ANNOTATIONS } from '../declare/annotation-table.ts';
import { isOurs, PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import { nearest } from '../declare/spelling.ts';
import { type Described, isMembers } from './find.ts';

/** The catalogue of these mistakes. docs/errors.md lists it. */
export const MISPLACED = {
  ASI_LINT_WRONG_PLACE: {
    cause: 'The annotation is on an object whose pods do not get it, or it is a label. It has no effect.',
    fix: 'Move it to metadata.annotations of the pod template: spec.template in a Deployment, spec.jobTemplate.spec.template in a CronJob.',
  },
  ASI_LINT_OTHER_DOMAIN: {
    cause: 'The annotation looks like one of the injector, but its domain is another. It has no effect.',
    fix: 'Begin its name with aws-secrets-injector.dev/.',
  },
} as const;

export type Misplaced = {
  readonly code: keyof typeof MISPLACED;
  /** What is wrong, as a whole sentence without the fix. */
  readonly what: string;
  readonly map: 'annotations' | 'labels';
  readonly key: string;
};

/**
 * Matches keys that look like ours. The match conditions of the chart send workloads with such keys, so both have the same
 * expression. A domain of somebody else that begins like ours is not known.
 */
const LIKE_OURS = /^[^/]*aws[-._]?secrets?[-._]?inject[^/]*\//i;

/** Returns what is misplaced in one part of an object. */
export function misplacedIn({ owner, path, isPod, metadata }: Described): Misplaced[] {
  const annotations = keysOf(metadata['annotations']);
  const place = [...path.slice(owner.path.length), 'metadata'].join('.');
  const inVain = isPod ? [] : annotations.filter(isNameOfOurs);
  const labels = keysOf(metadata['labels']).filter(isNameOfOurs);
  const foreign = annotations.filter((key) => LIKE_OURS.test(key) && !isOurs(key));
  return [
    ...inVain.map((key) =>
      wrongPlace('annotations', key, `is in ${place} of the ${owner.kind}, where no pod gets it.`),
    ),
    ...labels.map((key) => wrongPlace('labels', key, 'is a label, and only annotations are read.')),
    ...foreign.map(otherDomain),
  ];
}

function wrongPlace(map: Misplaced['map'], key: string, what: string): Misplaced {
  return { code: 'ASI_LINT_WRONG_PLACE', what: `${echo(key)} ${what}`, map, key };
}

function otherDomain(key: string): Misplaced {
  const name = key.slice(key.indexOf('/') + 1);
  const meant = nearest(name, Object.keys(ANNOTATIONS));
  const suggestion = meant === undefined ? '' : `; ${PREFIX}${meant} may be meant`;
  const what = `${echo(key)} is no annotation of the injector${suggestion}.`;
  return { code: 'ASI_LINT_OTHER_DOMAIN', what, map: 'annotations', key };
}

/** Returns whether the key is a name of an annotation. The label `exempt` of a namespace is none, and others may make up names, too. */
function isNameOfOurs(key: string): boolean {
  return key.startsWith(PREFIX) && Object.hasOwn(ANNOTATIONS, key.slice(PREFIX.length));
}

function keysOf(map: unknown): string[] {
  return isMembers(map) ? Object.keys(map) : [];
}
