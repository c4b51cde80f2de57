/** Tests the request for the credentials of the pod's own role, by answers that are texts. */
import t from 'tap';
import { factsOf } from '../../../injector/aws/error.ts';
import type { Send } from '../../../injector/aws/send.ts';
import { assumeWithWebIdentity } from '../../../injector/aws/web-identity.ts';
import { causeOf } from '../../../injector/explain/error.ts';

const ROLE = 'arn:aws:iam::123456789012:role/app1';

type Sent = Parameters<Send>[0];

/** Asks an STS that answers with this status and text, and returns what it was sent. */
async function ask(status: number, text: string, headers: Record<string, string> = {}) {
  const sent: Sent[] = [];
  const steps: string[] = [];
  const body = async function* () {
    yield Buffer.from(text);
  };
  const result = await assumeWithWebIdentity({
    url: new URL('https://sts.eu-west-1.amazonaws.com'),
    roleArn: ROLE,
    sessionName: 'shop.app1',
    token: async () => 'a+b/c=',
    send: async (request) => {
      sent.push(request);
      steps.push('sent');
      return { status, headers, body: body() };
    },
    onSent: () => void steps.push('onSent'),
  }).catch((error) => error);
  return { result, sent, steps };
}

const answer = (fields: string) =>
  `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>${fields}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

const KEYS = '<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>a/b+c</SecretAccessKey>';

t.test('the credentials of the answer are returned', async (t) => {
  const { result } = await ask(200, answer(`${KEYS}<SessionToken>t&amp;k==</SessionToken>`));
  t.same(result, { accessKeyId: 'ASIA1', secretAccessKey: 'a/b+c', sessionToken: 't&k==' });
});

t.test('the request names role, session and token, and is sent before the callback', async (t) => {
  const { sent, steps } = await ask(200, answer(KEYS));
  t.match(sent, [{ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }]);
  t.same(Object.fromEntries(new URLSearchParams(String(sent[0]?.body))), {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: ROLE,
    RoleSessionName: 'shop.app1',
    WebIdentityToken: 'a+b/c=',
  });
  t.same(steps, ['sent', 'onSent']);
});

t.test('an answer without a token, or with one that is no header, has no credentials', async (t) => {
  for (const token of ['', '<SessionToken></SessionToken>', '<SessionToken>a b</SessionToken>']) {
    t.equal((await ask(200, answer(KEYS + token))).result.name, 'MalformedAnswer', token);
  }
});

t.test('a refusal has the code, the status, the words and the request of STS', async (t) => {
  const text =
    '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code><Message>No &quot;provider&quot; &lt;x&gt;</Message></Error></ErrorResponse>';
  const { result } = await ask(400, text, { 'x-amzn-requestid': 'r-1' });
  t.same(factsOf(result), { name: 'InvalidIdentityToken', code: undefined, status: 400 });
  t.equal(causeOf(result, 'sts'), 'InvalidIdentityToken (request r-1): No "provider" <x>.');
});

t.test('an error that is not of STS is known by its status, and its body is not quoted', async (t) => {
  for (const status of [302, 404, 503]) {
    const { result } = await ask(status, '<html>secret</html>');
    t.equal(factsOf(result).status, status);
    t.notMatch(causeOf(result, 'sts'), 'secret');
  }
});

t.test('an answer of more than 64 KiB is given up', async (t) => {
  t.match((await ask(200, 'x'.repeat(64 * 1024 + 1))).result, { name: 'AnswerTooLarge', limit: 64 * 1024 });
});

t.test('a pause that STS asks for is kept with the error', async (t) => {
  const { result } = await ask(503, '', { 'retry-after': '7' });
  t.equal(result.$response.headers['retry-after'], '7');
});
