import type { Duplex } from 'node:stream';
import { matches } from './iam/policy.ts';

/** `pod-identity` is the EKS Pod Identity agent, whose one operation is AssumeRoleForPodIdentity. */
export type ServiceName = 'sts' | 'iam' | 'secretsmanager' | 'ssm' | 'pod-identity';

export type FaultEffect =
  /** An HTTP status with an empty body, as a load balancer gives it: 500, 502, 503. */
  | { kind: 'status'; status: number }
  /** ThrottlingException, Rate exceeded. */
  | { kind: 'throttle' }
  /** AccessDeniedException in AWS's words. */
  | { kind: 'access-denied' }
  /** Any AWS error. */
  | { kind: 'error'; code: string; message?: string | undefined; status?: number | undefined }
  /** The connection is reset. */
  | { kind: 'reset' }
  /** Never answers; the connection stays open. */
  | { kind: 'hang' }
  /** Status 200 and a body that is neither JSON nor XML. */
  | { kind: 'malformed' }
  /** A body of the test's own. */
  | { kind: 'body'; body: string | Uint8Array; status?: number | undefined; type?: string | undefined }
  /** Whatever the test writes to the connection, headers and all, until the client closes it. */
  | { kind: 'wire'; write: (socket: Duplex) => void }
  /** A right answer, this much later. */
  | { kind: 'delay'; ms: number };

export type Fault = {
  effect: FaultEffect;
  /** Default: all services. */
  service?: ServiceName | undefined;
  /** An operation like GetSecretValue. Default: all operations. */
  operation?: string | undefined;
  /**
   * Matches calls that name this secret, parameter (without selector), role ARN or, of
   * the Pod Identity agent, NAMESPACE/SERVICEACCOUNT; `*` and `?` are wildcards. Default: all.
   */
  name?: string | undefined;
  /**
   * The region that a signed call is signed for, else that of the regional host name that it came to. A call of neither, as
   * an unsigned one to an endpoint of one's own, is in no region and is not matched. Default: all.
   */
  region?: string | undefined;
  /** The fault hits so many matching calls. Default: no limit. */
  times?: number | undefined;
  /** It begins this many milliseconds from now. Default 0. */
  afterMs?: number | undefined;
  /** It ends this many milliseconds after its beginning. Default: never. */
  forMs?: number | undefined;
};

/** Is what a fault is matched against. `names` come without selectors. */
type Target = { service: string; operation: string; names: string[]; region: string | undefined };

export type Faults = {
  add(fault: Fault): () => void;
  /** The effect that hits this call, which counts as one of its `times`. */
  strike(target: Target): FaultEffect | undefined;
};

type Active = { fault: Fault; from: number; until: number; left: number };

/** A list of faults; the first that matches wins. */
export function createFaults(now: () => Date): Faults {
  const active = new Set<Active>();
  return {
    add(fault) {
      const from = now().getTime() + (fault.afterMs ?? 0);
      const entry = { fault, from, until: from + (fault.forMs ?? Infinity), left: fault.times ?? Infinity };
      active.add(entry);
      return () => active.delete(entry);
    },
    strike(target) {
      const time = now().getTime();
      const hit = [...active].find(
        ({ fault, from, until, left }) => left > 0 && time >= from && time < until && hits(fault, target),
      );
      if (hit === undefined) return undefined;
      hit.left -= 1;
      return hit.fault.effect;
    },
  };
}

function hits({ service, operation, name, region }: Fault, target: Target): boolean {
  return (
    (service === undefined || service === target.service) &&
    (operation === undefined || operation === target.operation) &&
    (region === undefined || region === target.region) &&
    (name === undefined || target.names.some((candidate) => matches(name, candidate)))
  );
}

/** Calls a second per key, with a burst of one second's worth. Returns whether a call may pass. */
export function createLimiter(perSecond: number, now: () => Date): (key: string) => boolean {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (key) => {
    const at = now().getTime();
    const before = buckets.get(key) ?? { tokens: perSecond, at };
    const tokens = Math.min(perSecond, before.tokens + ((at - before.at) / 1000) * perSecond);
    buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
    return tokens >= 1;
  };
}
