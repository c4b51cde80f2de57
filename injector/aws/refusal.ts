/** Makes the errors of answers that are refusals. They have the properties of the SDK's errors, and only those that are read. */
import type { Answer } from './exchange.ts';

type Head = Pick<Answer, 'status' | 'headers'>;

/** Returns the error with AWS's name and words. Without a name it is `Unknown`, as with the SDK. */
export function refusal(name: string, words: string, { status, headers }: Head): Error {
  return Object.assign(new Error(words), {
    name: name || 'Unknown',
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status, requestId: headers['x-amzn-requestid'] },
    $response: { headers },
  });
}

/** Returns the error that an answer in JSON 1.1 has. Whatever the text is, it takes a time that grows with its length only. */
export function jsonRefusal(text: string, head: Head): Error {
  const { __type, code, message, Message } = membersOf(text);
  const name = __type ?? code ?? head.headers['x-amzn-errortype'];
  const words = message ?? Message;
  return refusal(bareName(name), typeof words === 'string' ? words : '', head);
}

/** Returns the name without the namespace before `#`, and without the URL after `:` that some servers write. */
function bareName(name: unknown): string {
  return typeof name === 'string' ? (/^(?:[^#,:]*#)?([^#,:]*)/.exec(name)?.[1] ?? '') : '';
}

function membersOf(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
