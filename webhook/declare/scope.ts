/** Where the declared secrets are, and how their files are named: what a pod or a class says once for all of them. */

import type { Source } from '../../injector/contract/source.ts';
import { type Refusal, refusal } from '../errors.ts';
import type { Declaration } from './declaration.ts';
import type { Values } from './options.ts';
import type { Output, Reading } from './outputs.ts';
import type { Translation } from './paths.ts';

export type Scope = {
  /** ARNs must be there; absent where nobody knows it. */
  readonly region: string | undefined;
  readonly failoverRegion: string | undefined;
  readonly translation: Translation;
  /** Mode of files that declare none. */
  readonly mode: string;
};

/** Whose `objects` they are. */
export type Owner = Scope & {
  /** What every refusal starts with. */
  readonly annotation: string;
  /** The volume that gets the files; absent: that of the annotations. */
  readonly directory?: string;
  /** An annotation: ours to extend. A class is read as ASCP does, which ignores the keys that it does not know. */
  readonly strict: boolean;
};

/** Returns the source with its failover where there is a second region: the same name, or the ARN of the replica there. */
export function withFailover(source: Source, { region, failoverRegion }: Scope): Source {
  if (failoverRegion === undefined) return source;
  const { service: _, ...same } = source;
  const name = source.name.startsWith('arn:') ? source.name.replace(`:${region}:`, `:${failoverRegion}:`) : source.name;
  return { ...source, failover: { ...same, name, region: failoverRegion } };
}

/** Returns ASCP's words for a second region that is the first one, with the fix; undefined where the two differ. */
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
