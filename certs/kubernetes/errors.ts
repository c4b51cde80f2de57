/** What the API server's refusals mean. */

/** An answer with a status that is no success. Its message holds what the API server says of it. */
export class ApiError extends Error {
  readonly code: number;

  constructor(code: number, body: string) {
    const reason = reasonIn(body);
    super(`the API server answered ${code}${reason ? `: ${reason}` : ''}`);
    this.name = 'ApiError';
    this.code = code;
  }
}

/** Whether it is an answer of the API server's with one of these statuses. */
export function isAnswer(error: unknown, ...codes: readonly number[]): error is ApiError {
  return error instanceof ApiError && codes.includes(error.code);
}

/** What was asked for, and undefined where the API server says 404: of the object, or of its whole kind. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAnswer(error, 404)) return undefined;
    throw error;
  }
}

/** An error in one line, with what is behind it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, code, cause } = error as NodeJS.ErrnoException;
  // Where all addresses of a host fail, the error that holds theirs has no message.
  return [message.split('\n')[0] || code, cause instanceof Error && cause.message].filter(Boolean).join(': ');
}

/** Of a Status object; what is in front of an API server may answer in plain text, which is not repeated. */
function reasonIn(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body);
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
