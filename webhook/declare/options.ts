/** The annotations that say how the secrets get into the pod. */
import { type Refusal, refusal } from '../errors.ts';
import type { AnnotationName } from './annotations.ts';
import type { PodDefaults } from './classes/parameters.ts';
import type { Declaration } from './declaration.ts';
import type { Output, Reading } from './outputs.ts';
import { pathTranslation } from './paths.ts';
import { ok, type Result } from './result.ts';
import { failoverProblem, type Scope } from './scope.ts';
import * as values from './values.ts';

/** Reads one annotation. Returns undefined if it is absent or wrong; a refusal is then noted, which quotes the text unless `shown` is false. */
export type Read = <T>(name: AnnotationName, parse: (text: string) => Result<T>, shown?: boolean) => T | undefined;

type Own = ReadonlyMap<string, string>;

/** What classes may say too: as written, but only what is right. `region` is the webhook's own. */
export function readPodDefaults(own: Own, read: Read, region: string | undefined): PodDefaults {
  const parameters = {
    ...given('region', read('region', values.parseRegion)),
    ...given('failoverRegion', read('failover-region', values.parseRegion)),
    ...given('pathTranslation', read('path-translation', asWritten(pathTranslation), false)),
    ...given('usePodIdentity', read('use-pod-identity', asWritten(values.parseBoolean))),
    ...given('preferredAddressType', read('preferred-address-type', values.parseAddressType)),
  };
  const mode = read('file-permission', values.parseFileMode) ?? '0644';
  return { parameters, region: own.has('region') ? undefined : region, mode };
}

function asWritten<T>(parse: (text: string) => Result<T>): (text: string) => Result<string> {
  return (text) => {
    const parsed = parse(text);
    return parsed.ok ? ok(text) : parsed;
  };
}

/** When the second region is asked, if there is one. */
export function readFailoverMode(
  read: Read,
  { region, failoverRegion }: Scope,
  classes: readonly Reading[],
): Pick<Declaration, 'failoverMode'> | Refusal {
  const mode = read('failover-mode', values.parseFailoverMode);
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

/** The role of another account. */
export function readAssumed(own: Own, read: Read): Pick<Declaration, 'assume'> | Refusal {
  const roleArn = read('role-arn', values.parseRoleArn);
  const externalId = read('external-id', values.parseExternalId, false);
  if (own.has('external-id') && !own.has('role-arn')) {
    return refusal('ASI_ADMIT_INVALID_VALUE', 'external-id: it is for role-arn, which is not there; add role-arn');
  }
  return roleArn === undefined ? {} : { assume: { roleArn, ...given('externalId', externalId) } };
}

export function readOptions(
  read: Read,
): Pick<Declaration, 'mountPath' | 'containers' | 'position' | 'retryTimeoutSeconds' | 'batch' | 'overrides'> {
  return {
    mountPath: read('mount-path', values.parseMountPath) ?? '/mnt/secrets-store',
    ...given('containers', read('containers', values.parseContainers)),
    position: read('position', values.parsePosition) ?? { kind: 'first' },
    ...given('retryTimeoutSeconds', read('retry-timeout', values.parseDuration)),
    ...given('batch', read('batch', values.parseBoolean)),
    overrides: {
      ...given('cpu', read('cpu', values.parseCpu)),
      ...given('memory', read('memory', values.parseMemory)),
      ...given('runAsUser', read('run-as-user', values.parseUser)),
      ...given('runAsGroup', read('run-as-group', values.parseGroup)),
      ...given('logLevel', read('log-level', values.parseLogLevel)),
    },
  };
}

export function given<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]: V });
}
