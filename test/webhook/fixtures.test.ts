/**
 * Admits each pod in test/fixtures/pods, which has a folder for each topic. `<case>.yaml` becomes `<case>.injected.yaml`, or is
 * refused as `<case>.denied.txt` says. If neither exists, the pod stays as it is. `<case>.warnings.txt` has the warnings; without
 * it there are none. A case may bring its cluster, see `readWorld`. `UPDATE_FIXTURES=1` writes what comes out; read the diff.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { answerTo, type Json, patched, patchOf, readWorld } from './support/admission.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/pods');
const { UPDATE_FIXTURES: update } = process.env;
const OURS = ['aws-secrets-injector', 'aws-secrets-injector-sentinel'];

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('');

const cases = readdirSync(FOLDER, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml') && !name.endsWith('.injected.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

t.ok(cases.length > 20, 'the folder has been found');

for (const name of cases) {
  const path = join(FOLDER, name);
  const { pod, settings, facts } = readWorld(readFileSync(`${path}.yaml`, 'utf8'));
  const answer = (object: unknown, request: Json = {}) => answerTo(object, request, settings, facts);
  const denied = existsSync(`${path}.denied.txt`);

  t.test(`${name}: ${denied ? 'is refused' : 'comes out as expected'}`, async (t) => {
    const { review, outcome } = await answer(pod);
    const { allowed, status, warnings = [] } = review.response;
    if (update === '1' && !allowed) writeFileSync(`${path}.denied.txt`, `${status?.message}\n`);
    if (update === '1' && outcome === 'injected') {
      writeFileSync(`${path}.injected.yaml`, stringify(patched(pod, review)));
    }
    if (update === '1' && warnings.length > 0) writeFileSync(`${path}.warnings.txt`, lines(warnings));
    if (denied) {
      t.equal(`${status?.message}\n`, readFileSync(`${path}.denied.txt`, 'utf8'));
      t.notOk(allowed);
      return;
    }
    t.equal(status?.message, undefined);
    t.ok(allowed);
    const expected = existsSync(`${path}.injected.yaml`) ? readFileSync(`${path}.injected.yaml`, 'utf8') : undefined;
    t.equal(outcome, expected === undefined ? 'skipped' : 'injected');
    t.same(patched(pod, review), expected === undefined ? pod : parse(expected));
    const warned = existsSync(`${path}.warnings.txt`) ? readFileSync(`${path}.warnings.txt`, 'utf8') : '';
    t.equal(lines(warnings), warned);
  });

  if (existsSync(`${path}.injected.yaml`)) {
    t.test(`${name}: a second pass changes nothing`, async (t) => {
      const once = patched(pod, (await answer(pod)).review);
      const again = await answer(once);
      // A pod that had only CSI volumes declares nothing any more.
      t.ok(['unchanged', 'skipped'].includes(again.outcome), again.reason);
      t.same(patchOf(again.review), []);
    });

    t.test(`${name}: a dry run says the same`, async (t) => {
      t.same((await answer(pod, { dryRun: true })).review, (await answer(pod)).review);
    });

    t.test(`${name}: the patch never mentions a container of the user`, async (t) => {
      const { review } = await answer(pod);
      const containers = patchOf(review).filter(({ path }) => /^\/spec\/(initC|c)ontainers\/\d+$/.test(path));
      t.ok(containers.every((op) => 'value' in op && OURS.includes(op.value.name)));
    });
  }
}
