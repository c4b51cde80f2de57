/** Tests which certificate authorities the injector trusts. */
import { rootCertificates } from 'node:tls';
import t from 'tap';
import { trustOf } from '../../../injector/aws/trust.ts';
import { createWorld } from '../support/world.ts';

t.test(
  'it trusts the roots that are compiled in and the bundle of the configuration, and no server without them',
  async (t) => {
    const { config } = await createWorld(t);
    t.same(trustOf(config([], { aws: { caBundle: 'own' } }), '/'), {
      ca: [...rootCertificates, 'own'],
      rejectUnauthorized: true,
    });
  },
);
