import t from 'tap';
import { observe } from '../../../certs/authority/state.ts';
import { certificateCluster } from '../../../webhook/kubernetes/certificate-cluster.ts';
import { CONFIGURATIONS } from '../../kubernetes/api-server.ts';
import { makeWorld, NAMES, SECRET_PATH } from '../support/world.ts';

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

t.test('the configuration is read before the Secret, so that a late replica takes no newer CA out', async (t) => {
  const { server } = await makeWorld(t);
  await observe(certificateCluster(server.kubeConfig, SILENT), NAMES);
  t.same(
    server.calls.map(({ path }) => path),
    [`${CONFIGURATIONS}/hook`, SECRET_PATH],
  );
});
