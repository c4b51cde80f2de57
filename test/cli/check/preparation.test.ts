/** Tests `check --pre`, which looks at a cluster before the chart is installed. */
import t, { type Test } from 'tap';
import type { ApiServer } from '../../kubernetes/api-server.ts';
import { check } from '../support/check.ts';
import type { Document } from '../support/cluster.ts';
import { type Surroundings, startInstallation } from '../support/installation.ts';

async function withoutInstallation(t: Test, surroundings: Surroundings = {}): Promise<ApiServer> {
  const removed = [{ kind: 'MutatingWebhookConfiguration', metadata: { name: 'aws-secrets-injector' }, remove: true }];
  return startInstallation(t, removed as Document[], surroundings);
}

t.test('finds a cluster ready for an installation', async (t) => {
  const { code, out } = await check(await withoutInstallation(t), ['--pre']);
  t.equal(code, 0);
  t.match(out, /ok +not-installed-yet: /);
  t.match(out, /ok +your-rights: You may do all that is needed/);
});

t.test('says which rights an installation needs and the user lacks', async (t) => {
  const allows: Surroundings['allows'] = ({ resource }, user) => user === undefined && resource !== 'clusterroles';
  const server = await withoutInstallation(t, { allows });
  const { code, out } = await check(server, ['--pre', '--install-namespace', 'security']);
  t.equal(code, 1);
  t.match(out, /PROBLEM +your-rights: You may not create clusterroles\.\n/);
});
