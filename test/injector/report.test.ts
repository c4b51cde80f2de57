import { inspect } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { RegionError } from '../../injector/aws/error.ts';
import { exitCode, FAILURES, type Failure, type FailureCode } from '../../injector/errors.ts';
import { explainFetch } from '../../injector/explain/explain.ts';
import { createLog } from '../../injector/log.ts';
import { describe, report, unexpected } from '../../injector/report.ts';
import { Secret } from '../../injector/secret.ts';

const who = {
  region: 'cn-north-1',
  identity: { kind: 'web-identity' as const, roleArn: 'arn:aws-cn:iam::1:role/r', tokenFile: '/token' },
};

const failure = (code: FailureCode, subject = 'app1/db'): Failure => ({
  code,
  subject,
  headline: `${subject} failed.`,
});

t.test('one failure is one line: what, why, what to do, code', async (t) => {
  const { cause, fix } = FAILURES.ASI_AWS_TLS;
  t.equal(report([failure('ASI_AWS_TLS')]), `app1/db failed. ${cause} ${fix} [ASI_AWS_TLS]`);
});

t.test('several are named first, then explained a line each', async (t) => {
  const lines = report([failure('ASI_AWS_TLS'), failure('ASI_AWS_KMS', 'x')]).split('\n');
  t.equal(lines[0], '2 failures: app1/db [ASI_AWS_TLS], x [ASI_AWS_KMS]');
  t.equal(lines.length, 3);
});

t.test('a report of anything fits, in whole characters, and counts what is left out', async (t) => {
  // U+FFFD may be anybody's own character; here it would look like half of one.
  const subject = fc.string({ unit: 'grapheme', maxLength: 2000 }).map((text) => text.replaceAll(/[\n\uFFFD]/g, ''));
  fc.assert(
    fc.property(fc.array(subject, { minLength: 1, maxLength: 60 }), (subjects) => {
      const text = report(subjects.map((subject) => failure('ASI_AWS_DENIED', subject)));
      t.ok(Buffer.byteLength(text) <= 4096);
      t.notMatch(text, '\uFFFD');
      const left = Number(/… and (\d+) more, see/.exec(text)?.[1] ?? 0);
      const lines = text.split('\n').length - (subjects.length > 1 ? 1 : 0) - (left > 0 ? 1 : 0);
      t.equal(lines + left, subjects.length);
    }),
  );
});

t.test('the names of what failed stand in the first 800 bytes', async (t) => {
  const failures = Array.from({ length: 50 }, (_, index) => failure('ASI_AWS_DENIED', `${'n'.repeat(200)}${index}`));
  const [summary, first] = report(failures).split('\n');
  t.match(summary, /^50 failures: .*, … \d+ more$/);
  t.ok(Buffer.byteLength(summary ?? '') + 80 + Buffer.byteLength(first ?? '') < 1000);
});

t.test('a wrong configuration outweighs a permanent failure, that a transient one', async (t) => {
  t.equal(exitCode([]), 0);
  t.equal(exitCode([failure('ASI_AWS_THROTTLED')]), 20);
  t.equal(exitCode([failure('ASI_AWS_THROTTLED'), failure('ASI_AWS_DENIED')]), 10);
  t.equal(exitCode([failure('ASI_AWS_DENIED'), failure('ASI_CFG_PATH')]), 2);
});

t.test("AWS's words are one clean line of bounded length", async (t) => {
  const hostile = Object.assign(new Error(`a\n\u001b[31mred\u0000\u202E${'x'.repeat(5000)}`), {
    name: 'AccessDeniedException',
    $fault: 'client',
    $metadata: { httpStatusCode: 400, requestId: 'id\r\nX' },
  });
  const error = new RegionError('eu-west-1', 'request', hostile);
  const line = describe(explainFetch({ service: 'ssm', name: '/a\nb' }, error, who));
  t.notMatch(line, /[\p{Cc}\p{Cf}]/u);
  t.ok(line.length < 1200);
  t.match(line, '(request id X): a [31mred xxx');
});

t.test("AWS's code is reported also if it comes without words", async (t) => {
  const bare = Object.assign(new Error(''), {
    name: 'DecryptionFailure',
    $fault: 'client',
    $metadata: { httpStatusCode: 400, requestId: 'id' },
  });
  const error = new RegionError('eu-west-1', 'request', bare);
  t.match(
    describe(explainFetch({ service: 'secretsmanager', name: 'a' }, error, who)),
    'DecryptionFailure (request id)',
  );
});

t.test('an error that is no AWS answer never brings its words along', async (t) => {
  const parse = Object.assign(new Error('Unexpected token "canary"'), { $metadata: { httpStatusCode: 200 } });
  const error = new RegionError('eu-west-1', 'request', parse);
  const line = describe(explainFetch({ service: 'secretsmanager', name: 'a' }, error, who));
  t.notMatch(line, 'canary');
  t.match(line, 'the answer is not what AWS sends');
});

t.test('a secret never prints itself', async (t) => {
  const secret = new Secret('canary');
  const printed = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect([secret], { showHidden: true }),
  ];
  t.notMatch(printed.join(), 'canary');
  t.match(printed[3], '[redacted]');
});

t.test('log lines are JSON, one line each, from the level on', async (t) => {
  const lines: string[] = [];
  const now = () => new Date('2026-11-21T12:00:00Z');
  const output = { now, write: (line: string) => lines.push(line), redact: (text: string) => text };
  const json = createLog({ level: 'info' }, output);
  json('debug', 'hidden');
  json('warn', 'a\nb', { n: 1 });
  t.strictSame(lines, ['{"time":"2026-11-21T12:00:00.000Z","level":"warn","message":"a\\nb","n":1}\n']);
});

t.test('a single failure that is too long is cut in whole characters', async (t) => {
  for (const start of ['', 'x']) {
    const text = report([{ ...failure('ASI_AWS_TLS'), headline: `${start}${'é'.repeat(5000)}` }]);
    t.equal(Buffer.byteLength(text), start === '' ? 4095 : 4096);
    t.match(text, /^x?é+…$/);
  }
});

/** Returns a failure whose line has so many bytes. */
const ofBytes = (bytes: number, headline = '') => {
  const short = { code: 'ASI_AWS_TLS', subject: 's', headline: `${headline}x` } as const;
  return { ...short, headline: `${headline}${'x'.repeat(bytes - Buffer.byteLength(describe(short)) + 1)}` };
};

t.test('a line of 4,096 bytes is whole, and a longer one is cut within them', async (t) => {
  t.equal(report([ofBytes(4096)]), describe(ofBytes(4096)));
  const cut = report([ofBytes(4097)]);
  t.equal(Buffer.byteLength(cut), 4096);
  t.equal(cut, `${describe(ofBytes(4097)).slice(0, 4093)}…`);
  t.match(report([ofBytes(5000, 'é'.repeat(2047))]), /^(é){2046}…$/, 'no half of a character is left');
});

t.test('lines fill the report to its last byte, and those that do not fit are counted', async (t) => {
  const first = '2 failures: s [ASI_AWS_TLS], s [ASI_AWS_TLS]';
  const rest = "… and 1 more, see the container's log.";
  const room = 4096 - first.length - 1 - 1000 - 1 - 1;
  t.strictSame(report([ofBytes(1000), ofBytes(room)]).split('\n'), [
    first,
    describe(ofBytes(1000)),
    describe(ofBytes(room)),
  ]);
  t.strictSame(report([ofBytes(1000), ofBytes(room + 1)]).split('\n'), [first, describe(ofBytes(1000)), rest]);
  const tight = 4096 - first.length - 1 - 1 - Buffer.byteLength(rest) - 1;
  t.strictSame(report([ofBytes(tight), ofBytes(1000)]).split('\n'), [first, describe(ofBytes(tight)), rest]);
  t.strictSame(report([ofBytes(tight + 1), ofBytes(1000)]).split('\n'), [first, rest.replace('1', '2')]);
});

t.test('the first line has 400 bytes of names, each with a hundred bytes of a subject', async (t) => {
  const many = (count: number, subject: string) =>
    report(Array(count).fill(failure('ASI_AWS_TLS', subject))).split('\n')[0];
  const long = `${'s'.repeat(97)}… [ASI_AWS_TLS]`;
  t.equal(many(3, 's'.repeat(101)), `3 failures: ${long}, ${long}, ${long}`);
  t.equal(many(4, 's'.repeat(101)), `4 failures: ${long}, ${long}, ${long}, … 1 more`);
  t.equal(
    many(5, 's'.repeat(100)),
    `5 failures: ${Array(3)
      .fill(`${'s'.repeat(100)} [ASI_AWS_TLS]`)
      .join(', ')}, … 2 more`,
  );
  const ends = (last: number) =>
    report([100, 100, 100, last].map((length) => failure('ASI_AWS_TLS', 's'.repeat(length)))).split('\n')[0] ?? '';
  t.match(ends(26), /, s{26} \[ASI_AWS_TLS\]$/);
  t.equal(ends(26).length, 400);
  t.match(ends(27), /, … 1 more$/);
});

t.test('an error that no code expects is named by its kind, in eighty characters', async (t) => {
  const error = (more: object) => Object.assign(new Error('hunter2'), more);
  const headline = (kind: string) => `The injector stopped: ${kind}.`;
  t.strictSame(unexpected(error({ code: 'EIO' })), {
    code: 'ASI_UNEXPECTED',
    subject: 'injector',
    headline: headline('Error EIO'),
  });
  t.equal(unexpected('x').headline, headline('Error'));
  t.equal(unexpected(error({ name: 'N'.repeat(81) })).headline, headline(`${'N'.repeat(80)}…`));
});
