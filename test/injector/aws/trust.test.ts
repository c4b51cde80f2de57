/** Tests which certificate authorities the injector trusts. */
import { createSecureContext, rootCertificates } from 'node:tls';
import t from 'tap';
import { trustOf } from '../../../injector/aws/trust.ts';
import { createWorld } from '../support/world.ts';

t.test('it trusts the roots that are compiled in and the bundle of the configuration, once for all', async (t) => {
  const { config } = await createWorld(t);
  const native = Object.getPrototypeOf(createSecureContext().context);
  const added: string[] = [];
  t.intercept(native, 'addCACert', { value: (certificate: string) => void added.push(certificate) });
  const trust = trustOf(config([], { aws: { caBundle: 'own' } }), '/');
  t.same(added, [], 'they are read with the first connection only');
  trust();
  trust();
  t.same(added, [...rootCertificates, 'own']);
});
