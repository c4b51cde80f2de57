/** Finds annotations that no pod gets: on a workload beside its template, and as labels. */

import { isMembers } from '../../injector/contract/members.ts';
import { ANNOTATIONS } from '../declare/annotation-table.ts';
import { PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import type { Described } from './find.ts';

/** The catalogue of these mistakes. docs/errors.md lists it. */
export const MISPLACED = {
  ASI_LINT_WRONG_PLACE: {
    cause: 'The annotation is on an object whose pods do not get it, or it is a label. It has no effect.',
    fix: 'Move it to metadata.annotations of the pod template: spec.template in a Deployment, spec.jobTemplate.spec.template in a CronJob.',
  },
} as const;

export type Misplaced = {
  readonly code: keyof typeof MISPLACED;
  /** Says what is wrong, as a whole sentence without the fix. */
  readonly what: string;
  readonly map: 'annotations' | 'labels';
  readonly key: string;
};

/** Returns what is misplaced in one part of an object. */
export function misplacedIn({ owner, path, isPod, metadata }: Described): Misplaced[] {
  const annotations = keysOf(metadata['annotations']);
  const place = [...path.slice(owner.path.length), 'metadata'].join('.');
  const inVain = isPod ? [] : annotations.filter(isNameOfOurs);
  const labels = keysOf(metadata['labels']).filter(isNameOfOurs);
  return [
    ...inVain.map((key) =>
      wrongPlace('annotations', key, `is in ${place} of the ${owner.kind}, where no pod gets it.`),
    ),
    ...labels.map((key) => wrongPlace('labels', key, 'is a label, and only annotations are read.')),
  ];
}

function wrongPlace(map: Misplaced['map'], key: string, what: string): Misplaced {
  return { code: 'ASI_LINT_WRONG_PLACE', what: `${echo(key)} ${what}`, map, key };
}

/** Returns whether the key is a name of an annotation. The label `exempt` of a namespace is none, and others may make up names, too. */
function isNameOfOurs(key: string): boolean {
  return key.startsWith(PREFIX) && Object.hasOwn(ANNOTATIONS, key.slice(PREFIX.length));
}

function keysOf(map: unknown): string[] {
  return Object.keys(isMembers(map) ? map : {});
}
