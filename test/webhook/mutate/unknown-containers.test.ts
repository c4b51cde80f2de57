/** Tests what is said about names in the annotation `containers` that no container has. */
import t from 'tap';
import { refuseUnknown, warnOfUnknown } from '../../../webhook/mutate/unknown-containers.ts';

const names = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`);
const podOf = (containers: readonly string[]) => ({
  metadata: {},
  spec: { containers: containers.map((name) => ({ name })) },
});
const messageFor = (containers: readonly string[], named: readonly string[]) =>
  refuseUnknown(podOf(containers), named).map(({ message }) => message.replace(/^Annotation \S+ names /, ''));

t.test('names that are all unknown are refused, with five of them and five of those that there are', async (t) => {
  t.same(messageFor(['web'], ['database']), ['"database", which the pod does not have; there are "web".']);
  const wrong = '"database0", "database1", "database2", "database3", "database4", which the pod does not have';
  t.same(messageFor(names(5, 'c'), names(6, 'database')), [`${wrong}; there are "c0", "c1", "c2", "c3", "c4".`]);
  t.same(messageFor(names(7, 'c'), names(5, 'database')), [
    `${wrong}; there are "c0", "c1", "c2", "c3", "c4", and 2 more.`,
  ]);
});

t.test('a name beside known ones is refused only if it is near to one that nobody names', async (t) => {
  t.same(messageFor(['web', 'worker'], ['web', 'workr']), [
    '"workr", which the pod does not have; there are "web", "worker". Did you mean "worker"?',
  ]);
  t.same(messageFor(['web', 'worker'], ['web', 'worker', 'workr']), []);
  t.same(messageFor(['web', 'worker'], ['web', 'istio-proxy']), []);
});

t.test('no more than a hundred containers are compared', async (t) => {
  const many = (count: number) => ['web', ...names(count, 'container-number-'), 'database'];
  t.match(messageFor(many(98), ['web', 'databse']), [/Did you mean "database"\?$/]);
  t.match(messageFor(many(99), ['web', 'databse']), [/Did you mean "database"\?$/]);
  t.same(messageFor(many(100), ['web', 'databse']), []);
});

t.test('at most five warnings name containers that may come later', async (t) => {
  t.equal(warnOfUnknown(podOf(['web']), names(6, 'later')).length, 5);
  t.same(warnOfUnknown(podOf(['web']), ['web', 'later']), [
    'containers: the pod has no container "later", unless another webhook adds it',
  ]);
  t.same(warnOfUnknown(podOf(['web']), undefined), []);
});
