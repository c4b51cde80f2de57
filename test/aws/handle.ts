import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call.ts';
import { AwsError } from './error.ts';
import type { FaultEffect, Faults, ServiceName } from './faults.ts';
import { authenticate, type Signed } from './iam/authenticate.ts';
import { denial } from './iam/policy.ts';
import { iam } from './iam/providers.ts';
import { authorizationOf, type SignedRequest } from './iam/sigv4.ts';
import { parseHost } from './network/host.ts';
import { giveCredentials, subjectOf } from './pod-identity/pod-identity.ts';
import {
  type Answer,
  answer,
  isUnsigned,
  malformed,
  plainNames,
  type Question,
  recognise,
  refusal,
} from './protocol.ts';
import { findSecret } from './secrets-manager/store.ts';
import { resolveArn } from './ssm/store.ts';
import { sts } from './sts/sts.ts';
import type { World } from './world.ts';

/** Has what a request meets on its way. */
export type Machine = {
  world: World;
  faults: Faults;
  latency: { [service in ServiceName]?: number | undefined };
  /** Returns whether the Parameter Store's rate lets a call of this account and region pass. */
  mayPass: (key: string) => boolean;
  calls: Call[];
  onCall: ((call: Call) => void) | undefined;
};

/** Answers one request to AWS, and records it. A name of AWS's own is one service's. */
export async function handle(
  machine: Machine,
  request: SignedRequest,
  connection: number,
): Promise<Answer & { requestId: string }> {
  const asked = recognise(request);
  const host = parseHost(request.headers.get('host')?.[0] ?? '');
  const question = host === undefined || host.service === asked?.service ? asked : undefined;
  const call = record(request, question, connection);
  machine.calls.push(call);
  const found = question === undefined ? nothing : await respond(machine, question, request, call);
  return { ...conclude(machine, call, found), requestId: call.requestId };
}

/** Answers one request to the Pod Identity agent of the node, and records it. */
export async function handleAgent(machine: Machine, request: SignedRequest, connection: number): Promise<Answer> {
  const operation = 'AssumeRoleForPodIdentity';
  const call: Call = { ...record(request, undefined, connection), service: 'pod-identity', operation };
  call.names = subjectOf(request);
  machine.calls.push(call);
  const effect = await meet(machine, call, call.names);
  const broken = breakConnection(effect, { kind: 'response', status: 200, type: 'application/json', body: '{"Acc' });
  if (broken !== undefined) return conclude(machine, call, broken);
  const { principal, sessionName, ...answer } = giveCredentials(machine.world, request, {
    requestId: call.requestId,
    effect,
  });
  call.principal = principal;
  call.sessionName = sessionName;
  return conclude(machine, call, answer);
}

function conclude(machine: Machine, call: Call, answer: Answer): Answer {
  call.outcome = answer.kind === 'response' ? answer.status : answer.kind;
  call.error = answer.kind === 'response' ? answer.error : undefined;
  machine.onCall?.(call);
  return answer;
}

const nothing: Answer = {
  kind: 'response',
  status: 404,
  type: 'text/plain',
  body: '',
  error: 'UnknownOperationException',
};

async function respond(machine: Machine, question: Question, request: SignedRequest, call: Call): Promise<Answer> {
  const effect = await meet(machine, call, plainNames(question));
  const broken = breakConnection(effect, malformed(question));
  if (broken !== undefined) return broken;
  try {
    return answer(question, run(machine, question, request, { call, effect }), call.requestId);
  } catch (error) {
    const known = error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), 500);
    return refusal(question, known, call.requestId);
  }
}

/** The fault that strikes a call, after the time that its answer takes. */
async function meet(machine: Machine, call: Call, names: string[]): Promise<FaultEffect | undefined> {
  const { service, operation, region } = call;
  const effect = machine.faults.strike({ service, operation, names, region });
  const latency = service === 'unknown' ? 0 : (machine.latency[service] ?? 0);
  const wait = latency + (effect?.kind === 'delay' ? effect.ms : 0);
  if (wait > 0) await sleep(wait, undefined, { ref: false });
  return effect;
}

/** Applies the effects below the services, after which no AWS code ever sees the call. */
function breakConnection(effect: FaultEffect | undefined, malformedAnswer: Answer): Answer | undefined {
  if (effect?.kind === 'reset' || effect?.kind === 'hang') return { kind: effect.kind };
  if (effect?.kind === 'wire') return effect;
  if (effect?.kind === 'body') {
    const { status = 200, type = 'application/x-amz-json-1.1', body } = effect;
    return { kind: 'response', status, type, body };
  }
  if (effect?.kind === 'malformed') return malformedAnswer;
  if (effect?.kind === 'status') return { kind: 'response', status: effect.status, type: 'text/plain', body: '' };
  return undefined;
}

function run(
  machine: Machine,
  question: Question,
  request: SignedRequest,
  { call, effect }: { call: Call; effect: FaultEffect | undefined },
): object {
  const { world } = machine;
  const signed = isUnsigned(question) ? undefined : authenticate(world, question.service, request);
  call.principal = signed?.caller.arn;
  call.sessionName ??= signed?.caller.sessionName;
  refuse(world, question, effect, signed);
  if (question.protocol === 'query') {
    const operation = (question.service === 'iam' ? iam : sts)[question.operation];
    if (operation === undefined) {
      throw new AwsError('InvalidAction', `Could not find operation ${question.operation} for version 2011-06-15`);
    }
    return operation.run({ world, form: question.form, caller: signed?.caller });
  }
  if (signed === undefined || question.run === undefined) throw new AwsError('UnknownOperationException', '');
  if (question.input === undefined) throw new AwsError('SerializationException', '');
  const location = { account: signed.caller.account, region: signed.region };
  if (/^GetParameters?$/.test(question.operation) && !machine.mayPass(`${location.account}/${location.region}`))
    throttled('ssm');
  return question.run({ world, caller: signed.caller, location, requestId: call.requestId }, question.input);
}

/** The effects that are AWS's own answers. */
function refuse(world: World, question: Question, effect: FaultEffect | undefined, signed: Signed | undefined): void {
  const { service, operation } = question;
  if (effect?.kind === 'throttle') throttled(service);
  if (effect?.kind === 'error') throw new AwsError(effect.code, effect.message ?? '', effect.status ?? 400);
  if (effect?.kind !== 'access-denied') return;
  if (service === 'sts' || signed === undefined) {
    throw new AwsError('AccessDenied', `Not authorized to perform sts:${operation}`, 403);
  }
  const location = { account: signed.caller.account, region: signed.region };
  const name = plainNames(question)[0] ?? '*';
  const arn = service === 'ssm' ? resolveArn(location, name) : findSecret(world.secrets, location, name)?.arn;
  throw denial(signed.caller, `${service}:${operation}`, arn ?? name);
}

function throttled(service: ServiceName): never {
  throw new AwsError(service === 'sts' ? 'Throttling' : 'ThrottlingException', 'Rate exceeded');
}

function record(request: SignedRequest, question: Question | undefined, connection: number): Call {
  return {
    service: question?.service ?? 'unknown',
    operation: question?.operation ?? `${request.method} ${request.target}`,
    names: question?.names ?? [],
    region: regionOf(request),
    principal: undefined,
    sessionName: question?.sessionName,
    userAgent: request.headers.get('user-agent')?.[0] ?? '',
    connection,
    host: request.headers.get('host')?.[0] ?? '',
    requestId: randomUUID(),
    at: new Date(),
    outcome: undefined,
    error: undefined,
  };
}

function regionOf(request: SignedRequest): string | undefined {
  const region = parseHost(request.headers.get('host')?.[0] ?? '')?.region;
  try {
    return authorizationOf(request)?.scope.region ?? region;
  } catch {
    return region;
  }
}
