import t from 'tap';
import { createWarned, warningsOf } from '../../../webhook/cluster/warned.ts';
import { INJECTED_WITH_WARNINGS } from '../../../webhook/pod/names.ts';

const A = { namespace: 'shop', name: 'a', uid: '1' };
const B = { namespace: 'shop', name: 'b', uid: '2' };

function recorded() {
  const calls: string[] = [];
  return { calls, warned: createWarned(({ name }, warnings) => void calls.push(`${name}: ${warnings}`)) };
}

t.test('tells of a pod once, in whatever way it comes again', (t) => {
  const { calls, warned } = recorded();
  warned.pods([{ subject: A, warnings: 'x' }]);
  warned.pods([
    { subject: A, warnings: 'x' },
    { subject: B, warnings: 'y' },
  ]);
  warned.pod(A, 'x');
  t.strictSame(calls, ['a: x', 'b: y']);
  t.end();
});

t.test('remembers a pod only for as long as it is listed and has warnings', (t) => {
  const { calls, warned } = recorded();
  warned.pods([{ subject: A, warnings: 'x' }]);
  warned.pods([]);
  warned.pods([{ subject: A, warnings: 'x' }]);
  warned.pod(A, undefined);
  warned.pod(A, 'x');
  t.strictSame(calls, ['a: x', 'a: x', 'a: x']);
  t.end();
});

t.test('a pod is new for ten minutes', (t) => {
  const annotations = { 'aws-secrets-injector.dev/status': `${INJECTED_WITH_WARNINGS}x` };
  const creationTimestamp = new Date(1_000_000);
  const after = (minutes: number) => warningsOf({ annotations, creationTimestamp }, 1_000_000 + minutes * 60_000);
  t.equal(after(10), 'x');
  t.equal(after(10.1), undefined);
  t.equal(warningsOf({ annotations }, 1e12), undefined);
  t.end();
});
