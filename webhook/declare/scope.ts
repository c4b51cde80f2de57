/** Describes the scope of a pod or of a class: the regions of its secrets, and how their files are named. */

import type { Source } from '../../injector/contract/source.ts';
import { type Refusal, refusal } from '../errors.ts';
import type { Declaration } from './declaration.ts';
import type { Values } from './options.ts';
import type { Output, Reading } from './outputs.ts';
import type { Translation } from './paths.ts';

export type Scope = {
  /** ARNs must be in this region. If it is undefined, they are not compared. */
  readonly region: string | undefined;
  readonly failoverRegion: string | undefined;
  readonly translation: Translation;
  /** Files that declare no mode get this one. */
  readonly mode: string;
};

/** The annotation or the class that has a list `objects`. */
export type Owner = Scope & {
  /** Every refusal starts with this name of the annotation or the class. */
  readonly annotation: string;
  /** The files go into this volume. Without it, they go into the volume of the annotations. */
  readonly directory?: string;
  /** True for the annotation: it may have our keys, and unknown ones are refused. A class may have unknown keys, which ASCP ignores. */
  readonly strict: boolean;
};

/** Returns the source with a failover, if the scope has a second region. It has the same name, or the ARN of the replica there. */
export function withFailover(source: Source, { region, failoverRegion }: Scope): Source {
  if (failoverRegion === undefined) return source;
  const { service: _, ...same } = source;
  const name = source.name.startsWith('arn:') ? source.name.replace(`:${region}:`, `:${failoverRegion}:`) : source.name;
  return { ...source, failover: { ...same, name, region: failoverRegion } };
}

/** Returns ASCP's words for a second region that is the first one, with the fix; undefined if the two differ. */
export function failoverProblem(region: string | undefined, failoverRegion: string | undefined): string | undefined {
  if (region === undefined || region !== failoverRegion) return undefined;
  return `${region}: failover region cannot be the same as the primary region; name another, or remove it`;
}

/**
 * Returns the declared mode if it is not the default, `both`. Refuses a second region that is the first one, and a mode without a
 * second region: neither the pod nor an object of `classes` names one.
 */
export function failoverMode(
  mode: Values['failover-mode'],
  { region, failoverRegion }: Scope,
  classes: readonly Reading[],
): Pick<Declaration, 'failoverMode'> | Refusal {
  const same = failoverProblem(region, failoverRegion);
  if (same !== undefined) return refusal('ASI_ADMIT_INVALID_VALUE', `failover-region: ${same}`);
  const none = classes.every(({ outputs, refusals }) => refusals.length === 0 && !outputs.some(hasFailover));
  if (mode !== undefined && failoverRegion === undefined && none) {
    return refusal('ASI_ADMIT_INVALID_VALUE', 'failover-mode: no second region is declared; add failover-region');
  }
  return mode === 'on-error' ? { failoverMode: mode } : {};
}

function hasFailover({ source }: Output): boolean {
  return source.failover !== undefined;
}
