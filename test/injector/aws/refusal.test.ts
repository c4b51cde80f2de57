/** Tests the errors of answers that are refusals, beside the errors of the SDK. The answers are in test/fixtures/refusals. */
import { readFileSync } from 'node:fs';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import t from 'tap';
import { parse } from 'yaml';
import { jsonRefusal } from '../../../injector/aws/refusal.ts';

type Case = {
  readonly answer: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
  readonly ours?: { readonly name: string; readonly message: string };
};

const CASES: Case[] = parse(readFileSync(new URL('../../fixtures/refusals/json.yaml', import.meta.url), 'utf8'));

/** Returns the errors of the clients of both services, which are given this answer. */
function errorsOfSdk({ status, headers = {}, body }: Case): Promise<unknown>[] {
  const response = () => ({ statusCode: status, headers: { ...headers }, body: Buffer.from(body) });
  const settings = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
    requestHandler: { handle: async () => ({ response: response() }) },
  };
  const sent = [
    new SecretsManagerClient(settings).send(new GetSecretValueCommand({ SecretId: 'db' })),
    new SSMClient(settings).send(new GetParametersCommand({ Names: ['/port'] })),
  ];
  return sent.map((each) => each.catch((error) => error));
}

/** Returns what the retries and the report read of an error. Words that nobody wrote are called `UnknownError` by the SDK. */
function read(error: unknown) {
  const { name, message, $fault, $metadata } = error as Error & {
    $fault: string;
    $metadata: { httpStatusCode: number; requestId?: string };
  };
  const words = message === 'UnknownError' ? '' : message;
  return { name, message: words, $fault, status: $metadata.httpStatusCode, id: $metadata.requestId };
}

for (const one of CASES) {
  const { answer, status, headers = {}, body, ours } = one;
  const error = jsonRefusal(body, { status, headers });
  if (ours === undefined) {
    t.test(`${answer}: the error is the SDK's`, async (t) => {
      for (const theirs of await Promise.all(errorsOfSdk(one))) t.strictSame(read(error), read(theirs));
    });
  } else {
    t.test(`${answer}: the error has the status, and no more than was said`, async (t) => {
      t.match(read(error), { ...ours, status });
    });
  }
}

t.test('the headers are in the error, as a server asks for a pause there', async (t) => {
  const headers = { 'retry-after': '7' };
  t.match(jsonRefusal('{}', { status: 503, headers }), { $response: { headers } });
});

for (const text of ['#', ':', '[', '{"a":', '"']) {
  t.test(`half a MiB of ${text} is read, as an answer and as a name`, async (t) => {
    const long = text.repeat(2 ** 19 / text.length);
    t.equal(jsonRefusal(long, { status: 400, headers: {} }).name, 'Unknown');
    t.type(jsonRefusal(JSON.stringify({ __type: long }), { status: 400, headers: {} }).name, 'string');
  });
}
