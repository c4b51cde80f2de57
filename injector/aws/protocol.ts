/**
 * Writes requests and reads answers in the two protocols of AWS that the services have: JSON 1.1 (Secrets Manager and Parameter
 * Store), and Query with XML (STS). https://smithy.io/2.0/aws/protocols/index.html
 */
import type { Answer } from './answer.ts';
import { named, ServiceError } from './error.ts';

/** Has the members of an object in an answer. Nothing is known of their values. */
export type Fields = Readonly<Record<string, unknown>>;

/** Returns the members of an object, and none of anything else. */
function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** Returns the members of each object in a list, and nothing if the value is no list. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** Returns the value if it is a text, and undefined otherwise. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Reads the answer to a request of JSON 1.1. Throws a {@link ServiceError}, or UnreadableAnswer if it is no JSON. */
export function readJson(answer: Answer): Fields {
  const fields = parse(answer.body.toString());
  if (isSuccess(answer)) {
    if (fields === undefined) throw unreadable(answer);
    return fields;
  }
  const { __type: type, code, message, Message } = fields ?? {};
  const name = textOf(answer.headers.get('x-amzn-errortype') ?? type ?? code);
  // The name may have a namespace before a # and the URL of a page after a colon.
  const bare = name?.replace(/^[^#]*#/, '').replace(/[:,].*$/s, '');
  throw serviceError(
    answer,
    { name: bare, message: textOf(message ?? Message) },
    answer.headers.get('x-amzn-requestid'),
  );
}

/**
 * Reads the answer to a request of Query, and returns a function that gives the text of the first element of a name, or
 * undefined. Throws a {@link ServiceError}.
 */
export function readXml(answer: Answer): (name: string) => string | undefined {
  const xml = answer.body.toString();
  const element = (name: string): string | undefined => {
    const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
    return text === undefined ? undefined : unescapeXml(text);
  };
  if (isSuccess(answer)) return element;
  throw serviceError(answer, { name: element('Code'), message: element('Message') }, element('RequestId'));
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function parse(text: string): Fields | undefined {
  if (text === '') return {};
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function unreadable({ status }: Answer): Error {
  return Object.assign(named('UnreadableAnswer'), { status });
}

type Words = { readonly name: string | undefined; readonly message: string | undefined };

function serviceError({ status, headers }: Answer, { name, message = '' }: Words, requestId?: string): ServiceError {
  return new ServiceError({ name, message, status, requestId, retryAfter: headers.get('retry-after') });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Replaces the references of XML to characters. */
function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,4}));/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? all;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
