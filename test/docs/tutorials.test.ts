/** Tests that the webhook serves the pods of public tutorials as they are written. The e2e topic `tutorials` runs them in a cluster. */
import t from 'tap';
import { runIn } from '../cli/support/run.ts';

const KNOWN = ['--values', 'values.yaml', '--region', 'us-west-2', '--kubernetes', '1.37', '-o', 'json'];

for (const [name, pods] of [
  ['ascp', ['Deployment default/nginx-irsa-deployment']],
  ['ascp-synced', ['Deployment default/catalog']],
  ['external-secrets', ['Pod default/app']],
] as const) {
  t.test(`the tutorial ${name} is served without a change`, async (t) => {
    const { out, code } = await runIn('../tutorials', ['explain', '-f', `${name}.yaml`, ...KNOWN]);
    t.equal(code, 0, out);
    const explained: { readonly object: string; readonly outcome: string }[] = JSON.parse(out).pods;
    t.strictSame(
      explained.map(({ object, outcome }) => [object, outcome]),
      pods.map((object) => [object, 'would-be-injected']),
    );
  });
}
