/** Fetches and renders what a configuration declares by the injector's own code, with the credentials of a developer. */
import type { Access } from '../../injector/aws/access.ts';
import { type Calls, createCalls } from '../../injector/aws/calls.ts';
import { type Clients, createClients } from '../../injector/aws/clients.ts';
import { CLOCK } from '../../injector/aws/clock.ts';
import { trustMachine } from '../../injector/aws/trust.ts';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import type { Failure } from '../../injector/errors.ts';
import { fetchAll } from '../../injector/fetch/fetch.ts';
import type { Fetched } from '../../injector/fetch/results.ts';
import { plan } from '../../injector/plan/plan.ts';
import { createRedactor, type Redactor } from '../../injector/redactor.ts';
import { problemsOf, type Rendered, render } from '../../injector/render/render.ts';
import { describe } from '../../injector/report.ts';
import type { Developer } from './developer.ts';

export type Resolved =
  | { readonly ok: true; readonly fetched: Fetched; readonly rendered: Rendered }
  /** Says why not all of it can be had, a sentence each, without a secret. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** After so many milliseconds nothing is tried again. A developer who waits can try again, too. */
const PATIENCE = 30_000;

/** Returns everything that the configuration declares, or what stands in the way. `warn` is given a line for people. */
export async function resolve(
  declared: InjectorConfig,
  developer: Developer,
  warn: (line: string) => void,
): Promise<Resolved> {
  const config = asDeveloper(declared, developer);
  const planned = plan(config);
  const redactor = createRedactor();
  if (planned.failures.length > 0) return refused(planned.failures, redactor);
  const access = createAccess(config, developer, redactor);
  const deadline = CLOCK.now() + PATIENCE;
  const safely = (line: string) => warn(redactor.redact(line));
  const fetched = await fetchAll(planned.plan, {
    config,
    calls: withFewTries(createCalls(access, CLOCK, deadline)),
    clock: CLOCK,
    deadline,
    problems: problemsOf(config),
    report: () => {},
    warn: safely,
  });
  const rendered = render(config, fetched);
  rendered.warnings.forEach(safely);
  const failures = [...fetched.failures, ...rendered.failures];
  return failures.length > 0 ? refused(failures, redactor) : { ok: true, fetched, rendered };
}

/**
 * Puts the developer in the place of the pod's role. The endpoints and the proxy of the cluster are left out, as they are for its
 * network, and so is a second role that only the pod's may assume.
 */
function asDeveloper(declared: InjectorConfig, developer: Developer): InjectorConfig {
  const { aws: _aws, assume: _assume, rotation: _rotation, ...others } = declared;
  const { arn: roleArn, useFipsEndpoint, useDualstackEndpoint } = developer;
  return {
    ...others,
    identity: { kind: 'web-identity', roleArn, tokenFile: declared.identity.tokenFile },
    aws: { useFipsEndpoint, useDualstackEndpoint },
  };
}

/** Certificates are checked as everywhere on this machine: NODE_EXTRA_CA_CERTS adds some. */
function createAccess(config: InjectorConfig, { credentials, endpoints }: Developer, redactor: Redactor): Access {
  const regions = new Map<string, Clients>();
  const open = async (region: string): Promise<Clients> => {
    // A developer's endpoint is that of every region.
    const here = { ...config, aws: { ...config.aws, region, endpoints } };
    const clients =
      regions.get(region) ?? createClients({ config: here, region, trust: trustMachine, credentials }, redactor);
    regions.set(region, clients);
    return clients;
  };
  return { untilDeadline: open, fewTries: open };
}

/** A pod waits until IAM has copied a new role everywhere. A developer reads what is wrong at once. */
function withFewTries({ fewTries }: Calls): Calls {
  return { untilDeadline: fewTries, fewTries };
}

function refused(failures: readonly Failure[], { redact }: Redactor): Resolved {
  return { ok: false, problems: failures.map((failure) => redact(describe(failure))) };
}
