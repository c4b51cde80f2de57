/** Tests when a new certificate takes over, to the millisecond, and what is said about it. */
import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { issueAuthority, issueLeaf } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { createGracePeriod } from '../../../certs/folder/grace-period.ts';
import { splitBundle } from '../../../certs/pem/bundle.ts';
import { createHandover, OVERLAP_MS } from '../../../certs/serving/handover.ts';
import { createServing } from '../../../certs/serving/serving.ts';
import { memoryLog } from '../support/memory.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const one = await issueAuthority(NOW, POLICY);
const two = await issueAuthority(NOW, POLICY);
const ofOne = await issueLeaf(NOW, one, ['hook.injector.svc'], POLICY);
const againOfOne = await issueLeaf(NOW, one, ['hook.injector.svc'], POLICY);
const ofTwo = await issueLeaf(NOW, two, ['hook.injector.svc'], POLICY);
const both = `${one.cert}\n${two.cert}`;
const later = (milliseconds: number, from: Date = NOW) => new Date(from.getTime() + milliseconds);
const { validFromDate, validToDate } = new X509Certificate(ofOne.cert);

t.test('a certificate of another CA takes over ten minutes after every caBundle has that CA', async (t) => {
  t.equal(OVERLAP_MS, 600_000);
  const handover = createHandover(OVERLAP_MS);
  handover.note(NOW, [both, both]);
  t.notOk(handover.isDue(later(599_999), ofOne.cert, ofTwo.cert));
  handover.note(later(599_999), [both, both]);
  t.ok(handover.isDue(later(600_000), ofOne.cert, ofTwo.cert));
  t.ok(handover.isDue(NOW, ofOne.cert, againOfOne.cert), 'one of the same CA takes over at once');
});

t.test('a CA counts only while every caBundle has it, and anew when it comes back', async (t) => {
  const handover = createHandover(OVERLAP_MS);
  handover.note(NOW, [both, one.cert]);
  t.strictSame([handover.isTrusted(ofOne.cert), handover.isTrusted(ofTwo.cert)], [true, false]);
  handover.note(NOW, [both, both]);
  handover.note(later(1), [both, one.cert]);
  handover.note(later(2), [both, both]);
  t.notOk(handover.isDue(later(600_001), ofOne.cert, ofTwo.cert));
  t.ok(handover.isDue(later(600_002), ofOne.cert, ofTwo.cert));
  handover.note(later(3), undefined);
  t.notOk(handover.isTrusted(ofOne.cert));
  t.ok(handover.isTrusted(`${ofTwo.cert}\n${ofOne.cert}`) === false, 'nobody knows any CA');
});

t.test('a certificate that is no good any more, or not yet, gives way at once', async (t) => {
  const handover = createHandover(OVERLAP_MS);
  handover.note(NOW, [both]);
  const isDue = (now: Date) => handover.isDue(now, ofOne.cert, ofTwo.cert);
  t.ok(isDue(later(-1, validFromDate)));
  handover.note(NOW, [one.cert]);
  handover.note(later(-60_001, validToDate), [both]);
  t.notOk(isDue(later(-60_001, validToDate)));
  t.ok(isDue(later(-60_000, validToDate)), 'a minute before its end');
  const fresh = createHandover(OVERLAP_MS);
  fresh.note(validFromDate, [both]);
  t.notOk(fresh.isDue(validFromDate, ofOne.cert, ofTwo.cert), 'it is good from its first moment on');
  fresh.note(NOW, [two.cert]);
  t.ok(fresh.isDue(NOW, ofOne.cert, ofTwo.cert), 'nobody trusts it');
});

t.test('a new certificate is handed over with its times, and one that waits is logged once', async (t) => {
  const { log, lines } = memoryLog();
  const served: unknown[] = [];
  const serving = createServing({ log, onPair: (pair) => void served.push(pair) }, OVERLAP_MS);
  serving.note(NOW, [both]);
  for (const pair of [ofOne, ofOne, ofTwo, ofTwo]) serving.offer(NOW, pair);
  const notAfter = (pair: { cert: string }) => new X509Certificate(pair.cert).validToDate;
  t.strictSame(served, [{ ...ofOne, notBefore: validFromDate, notAfter: validToDate }]);
  const waits = 'A new server certificate waits for its CA to spread; the present one stays in use.';
  t.strictSame(lines, [
    ['info', { notAfter: validToDate }, 'A new server certificate is in use.'],
    ['info', { notAfter: notAfter(ofTwo) }, waits],
  ]);
  serving.offer(later(OVERLAP_MS), ofTwo);
  serving.offer(later(OVERLAP_MS), { ...ofTwo, key: 'other' });
  t.equal(served.length, 3, 'another key is another pair');
});

t.test(
  'a problem is logged when it is new, and the keeping of a certificate is told when it begins and ends',
  async (t) => {
    const { log, lines } = memoryLog();
    const kept: boolean[] = [];
    const problems: string[] = [];
    const onPair = () => {};
    const onKept = (each: boolean) => void kept.push(each);
    const serving = createServing({ log, onPair, onKept, onProblem: (each) => void problems.push(each) }, OVERLAP_MS);
    const report = (problem: string, isKept = true) =>
      serving.report(problem, { subject: { secretName: 's' }, kept: isKept });
    report('');
    report('first');
    t.strictSame([lines, kept, problems], [[['warn', { secretName: 's', served: false }, 'first']], [], ['first']]);
    serving.note(NOW, [both]);
    serving.offer(NOW, ofOne);
    lines.length = 0;
    report('first');
    report('second');
    report('second');
    t.strictSame([lines, kept], [[['warn', { secretName: 's', served: true }, 'second']], [true]]);
    report('third', false);
    t.strictSame(kept, [true, false]);
    report('', false);
    report('', false);
    t.strictSame(
      [kept, problems],
      [
        [true, false],
        ['first', 'second', 'third', ''],
      ],
    );
  },
);

t.test('a CA of others stays for an hour after ca.crt has lost it, and no longer than it is valid', async (t) => {
  const wanted = createGracePeriod();
  const pems = (now: Date, authorities: string, bundles: string[]) =>
    splitBundle(wanted(now, authorities, bundles)).map((pem) => pem.trim());
  const [first, second] = [one.cert, two.cert].map((pem) => pem.trim());
  t.strictSame(pems(NOW, two.cert, [both]), [second, first]);
  t.strictSame(pems(later(3_599_999), two.cert, [both]), [second, first]);
  t.strictSame(pems(later(3_600_000), two.cert, [both]), [second]);
  t.strictSame(pems(later(3_600_001), two.cert, [two.cert]), [second]);
  t.strictSame(pems(later(3_600_002), two.cert, [both]), [second, first], 'it counts anew');
  t.strictSame(pems(new X509Certificate(one.cert).validToDate, two.cert, [one.cert]), []);
});
