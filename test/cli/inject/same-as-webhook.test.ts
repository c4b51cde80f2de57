/** `inject` makes the pod that the webhook's patch makes, in every shape that a pod is written in, and a second pass changes nothing. */
import t from 'tap';
import { parse, stringify } from 'yaml';
import { injectText } from '../../../cli/inject/inject.ts';
import { answerTo, type Json, patched } from '../../webhook/support/admission.ts';
import { CASES, readCase, SHAPES } from '../support/fixtures.ts';

const styles: Record<string, (object: Json) => string> = {
  YAML: (object) => stringify(object),
  'YAML with lists that are not indented': (object) => stringify(object, { indent: 4, indentSeq: false }),
  JSON: (object) => JSON.stringify(object, undefined, 2),
};

/** Returns all styles for a pod, and one for the other shapes: where a pod stands in its file changes no way of writing lines. */
const stylesOf = (shape: string) => Object.entries(styles).slice(0, shape === 'Pod' ? undefined : 1);

for (const name of CASES) {
  t.test(`${name}: comes out as from the webhook`, async (t) => {
    const { pod, cluster, world } = await readCase(name);
    for (const [shape, make] of Object.entries(SHAPES)) {
      // Whatever a template says of owners, its controller makes itself the owner.
      const { ownerReferences: _, ...metadata } = (pod['metadata'] ?? {}) as Json;
      const isJob = shape === 'CronJob';
      const written: Json = isJob ? { ...pod, metadata } : pod;
      const owners = { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job' }] };
      const created = isJob ? { ...pod, metadata: { ...metadata, ...owners } } : pod;
      const { review } = await answerTo(created, {}, cluster.settings, cluster.facts);
      const after = patched(created, review) as { metadata: Json };
      if (isJob) delete after.metadata['ownerReferences'];
      for (const [style, write] of stylesOf(shape)) {
        const { text, problems } = await injectText('pod.yaml', write(make(written)), world);
        t.equal(problems.length > 0, !review.response.allowed, `${shape}, ${style}`);
        if (!review.response.allowed) continue;
        t.same(parse(text), make(after), `${shape}, ${style}`);
        t.equal((await injectText('pod.yaml', text, world)).text, text, `${shape}, ${style}, once more`);
      }
    }
  });
}
