/** `lint` refuses a pod if and only if the webhook does, with the same sentences, in every shape that a pod is written in. */
import t from 'tap';
import { stringify } from 'yaml';
import { lint } from '../../../cli/lint/lint.ts';
import { findIn } from '../../../cli/manifests/find.ts';
import { parseManifests } from '../../../cli/manifests/parse.ts';
import { answerTo } from '../../webhook/support/admission.ts';
import { CASES, readCase, SHAPES } from '../support/fixtures.ts';

t.ok(CASES.length > 80, 'the folder has been found');

for (const name of CASES) {
  t.test(`${name}: says what the webhook says`, async (t) => {
    const { pod, cluster, world } = await readCase(name);
    const { refusals = [], review } = await answerTo(pod, {}, cluster.settings, cluster.facts);
    const expected = [...refusals.map(({ message }) => message), ...(review.response.warnings ?? [])];
    for (const [shape, make] of Object.entries(SHAPES)) {
      const { manifests } = parseManifests('pod.yaml', stringify(make(pod)));
      const { findings, templates } = await lint(findIn(manifests), world);
      t.equal(templates, 1, shape);
      t.same(
        findings.map(({ message }) => message),
        expected,
        shape,
      );
      t.equal(
        findings.some(({ severity }) => severity === 'error'),
        !review.response.allowed,
        shape,
      );
    }
  });
}
