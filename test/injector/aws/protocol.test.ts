/** Tests how errors of AWS are read from its answers, in both protocols. */
import t from 'tap';
import { readJson, readXml } from '../../../injector/aws/protocol.ts';

function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
  return { status, headers: new Map(Object.entries(headers)), body: Buffer.from(body), isReusable: true };
}

/** Returns what the function throws, or undefined. */
function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

const jsonErrors: [what: string, body: string, headers: Record<string, string>, error: object][] = [
  ['a type', '{"__type":"DecryptionFailure","Message":"no"}', {}, { name: 'DecryptionFailure', message: 'no' }],
  ['a type with a namespace', '{"__type":"com.amazonaws#InvalidKeyId"}', {}, { name: 'InvalidKeyId', message: '' }],
  ['a header', '{"message":"no"}', { 'x-amzn-errortype': 'Throttled:http://x/' }, { name: 'Throttled', message: 'no' }],
  ['a request id', '{}', { 'x-amzn-requestid': 'id-1' }, { name: 'Error', requestId: 'id-1', status: 400 }],
  ['a pause', '{}', { 'retry-after': '7' }, { retryAfter: 7 }],
  ['no JSON', '<html>busy</html>', {}, { name: 'Error', message: '', status: 400 }],
  ['other kinds of values', '{"__type":5,"message":{}}', {}, { name: 'Error', message: '' }],
];
for (const [what, body, headers, error] of jsonErrors) {
  t.test(`an error in JSON with ${what} is read`, async (t) => {
    t.match(
      thrownBy(() => readJson(answer(400, body, headers))),
      error,
    );
  });
}

t.test('an answer that is no JSON is named, without its words', async (t) => {
  t.throws(() => readJson(answer(200, '{"SecretString":"canary')), { name: 'UnreadableAnswer', status: 200 });
});

t.test('an answer that is no object has no members', async (t) => {
  for (const body of ['', 'null', '5', '"x"', '[]']) t.strictSame(Object.keys(readJson(answer(200, body))), [], body);
});

t.test('an error in XML is read, with its references to characters', async (t) => {
  const xml =
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>' +
    '<Message>&lt;role&gt; &amp;amp; &#39;x&#x27; &bad;</Message></Error><RequestId>id-1</RequestId></ErrorResponse>';
  const error = { name: 'AccessDenied', message: "<role> &amp; 'x' &bad;", requestId: 'id-1', status: 403 };
  t.match(
    thrownBy(() => readXml(answer(403, xml))),
    error,
  );
});

t.test('an element that is absent is undefined', async (t) => {
  const element = readXml(answer(200, '<Credentials><AccessKeyId>A</AccessKeyId></Credentials>'));
  t.strictSame([element('AccessKeyId'), element('SessionToken')], ['A', undefined]);
});
