/** Errors of requests to the API server. */

/** An answer with a status that is not a success. Its message holds the API server's reason. */
export class ApiError extends Error {
  readonly code: number;

  constructor(code: number, body: string) {
    const reason = reasonIn(body);
    super(`the API server answered ${code}${reason ? `: ${reason}` : ''}`);
    this.name = 'ApiError';
    this.code = code;
  }
}

/** Returns whether the error is an answer of the API server with one of these statuses. */
export function isAnswer(error: unknown, ...codes: readonly number[]): error is ApiError {
  return error instanceof ApiError && codes.includes(error.code);
}

/** Returns what was asked for, or undefined where the API server answers 404: the object, or its whole kind, is not there. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAnswer(error, 404)) return undefined;
    throw error;
  }
}

/** Returns an error and its cause in one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, code, cause } = error as NodeJS.ErrnoException;
  // If all addresses of a host fail, the error that has theirs has no message.
  return [message.split('\n')[0] || code, cause instanceof Error && cause.message].filter(Boolean).join(': ');
}

/** Returns the message of a Status object. A proxy in front of an API server may answer in plain text, which is not repeated. */
function reasonIn(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body);
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
