import type { Duplex } from 'node:stream';
import type { Operation } from './context.ts';
import type { AwsError } from './error.ts';
import type { ServiceName } from './faults.ts';
import { IAM_VERSION } from './iam/providers.ts';
import type { SignedRequest } from './iam/sigv4.ts';
import { secretsManager } from './secrets-manager/secrets-manager.ts';
import { ssm } from './ssm/ssm.ts';
import { splitSelector } from './ssm/store.ts';
import { type Element, sts } from './sts/sts.ts';

/** A request that was recognised: whose protocol it speaks and what it asks. */
export type Question = {
  service: ServiceName;
  operation: string;
  /** SecretIds, parameter names with their selectors, paths, or the role's ARN, as asked. */
  names: string[];
  sessionName: string | undefined;
} & ({ protocol: 'json'; input: unknown; run: Operation | undefined } | { protocol: 'query'; form: URLSearchParams });

/** Is what is sent: a response, or nothing. */
export type Answer =
  | { kind: 'response'; status: number; type: string; body: string | Uint8Array; error?: string }
  | { kind: 'wire'; write: (socket: Duplex) => void }
  | { kind: 'reset' }
  | { kind: 'hang' };

const JSON_SERVICES: { [target: string]: { service: ServiceName; operations: { [name: string]: Operation } } } = {
  secretsmanager: { service: 'secretsmanager', operations: secretsManager },
  AmazonSSM: { service: 'ssm', operations: ssm },
};

/** Reads which service and operation a request is for; undefined for what is none of ours. */
export function recognise(request: SignedRequest): Question | undefined {
  if (request.method !== 'POST') return undefined;
  const type = request.headers.get('content-type')?.[0] ?? '';
  const [target = '', operation = ''] = request.headers.get('x-amz-target')?.[0]?.split('.') ?? [];
  const service = JSON_SERVICES[target];
  if (service !== undefined && type.startsWith('application/x-amz-json-1.1')) {
    const input = parse(request.body);
    const run = service.operations[operation];
    return { ...service, protocol: 'json', operation, input, run, names: namesIn(input), sessionName: undefined };
  }
  return type.startsWith('application/x-www-form-urlencoded') ? recogniseQuery(request.body) : undefined;
}

function recogniseQuery(body: Buffer): Question {
  const form = new URLSearchParams(body.toString());
  const role = form.get('RoleArn');
  return {
    service: form.get('Version') === IAM_VERSION ? 'iam' : 'sts',
    protocol: 'query',
    operation: form.get('Action') ?? '',
    form,
    names: role === null ? [] : [role],
    sessionName: form.get('RoleSessionName') ?? undefined,
  };
}

/** The names that faults are matched against: parameters without their selectors. */
export function plainNames({ service, names }: Question): string[] {
  return service === 'ssm' ? names.map((name) => splitSelector(name).locator) : names;
}

/** Returns whether the service takes this operation without a signature. */
export function isUnsigned(question: Question): boolean {
  return question.protocol === 'query' && sts[question.operation]?.signed === false;
}

/** Returns a result in the service's protocol. */
export function answer(question: Question, result: object, requestId: string): Answer {
  if (question.protocol === 'json') return json(200, JSON.stringify(result));
  const { operation } = question;
  const content = { [`${operation}Result`]: result as Element, ResponseMetadata: { RequestId: requestId } };
  return xmlAnswer(200, element(`${operation}Response`, content));
}

/** Returns a refusal in the service's protocol. */
export function refusal(question: Question, error: AwsError, requestId: string): Answer {
  const { code, message, status } = error;
  if (question.protocol === 'query') {
    const Type = status >= 500 ? 'Receiver' : 'Sender';
    const content = { Error: { Type, Code: code, Message: message }, RequestId: requestId };
    return { ...xmlAnswer(status, element('ErrorResponse', content)), error: code };
  }
  const member = question.service === 'secretsmanager' ? 'Message' : 'message';
  const text = message === '' ? {} : { [member]: message };
  return { ...json(status, JSON.stringify({ __type: code, ...text })), error: code };
}

/** A body that no client can read, with the status of success. */
export function malformed(question: Question): Answer {
  if (question.protocol === 'query') return xmlAnswer(200, `<${question.operation}Response><Cred`);
  return json(200, '{"ARN":"arn:aws:');
}

function json(status: number, body: string) {
  return { kind: 'response', status, type: 'application/x-amz-json-1.1', body } as const;
}

function xmlAnswer(status: number, body: string) {
  return { kind: 'response', status, type: 'text/xml', body } as const;
}

function element(name: string, content: Element): string {
  return `<${name} xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${xml(content)}</${name}>`;
}

function xml(value: string | Element): string {
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return Object.entries(value)
    .flatMap(([name, content]) => [content].flat().map((one) => `<${name}>${xml(one)}</${name}>`))
    .join('');
}

/** Undefined where it is not JSON: the service then answers SerializationException. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

function namesIn(input: unknown): string[] {
  if (typeof input !== 'object' || input === null) return [];
  const members = new Map<string, unknown>(Object.entries(input));
  const named = ['SecretId', 'SecretIdList', 'Names', 'Name', 'Path'].map((member) => members.get(member));
  return named.flat().filter((name) => typeof name === 'string');
}
