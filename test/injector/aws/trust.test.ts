/** Tests which certificate authorities the injector trusts, and which of them it names first. */
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import t from 'tap';
import { named } from '../../../injector/aws/error.ts';
import { createTrust, isOfAmazon, type TlsOptions, trustOf } from '../../../injector/aws/trust.ts';
import { createWorld } from '../support/world.ts';

const strange = () => Object.assign(named('Error'), { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' });

/** Returns a request that rejects with these errors, one for each call, and then succeeds. `seen` has what each call was given. */
function failing(...errors: Error[]) {
  const seen: TlsOptions[] = [];
  const ask = async (tls: TlsOptions): Promise<string> => {
    seen.push(tls);
    const error = errors.shift();
    if (error !== undefined) throw error;
    return 'answer';
  };
  return { ask, seen };
}

t.test('roots of AWS and the bundle of the configuration are tried first', async (t) => {
  const { config } = await createWorld(t);
  const { ask, seen } = failing();
  await trustOf(config([], { aws: { caBundle: 'own' } }), '/')(ask);
  t.same(seen, [{ ca: [...rootCertificates.filter(isOfAmazon), 'own'], rejectUnauthorized: true }]);
});

t.test('all roots that are compiled in are trusted, and no server without them', async (t) => {
  const { config } = await createWorld(t);
  const { ask, seen } = failing(strange());
  await trustOf(config([], {}), '/')(ask);
  t.same(new Set(seen.at(-1)?.ca), new Set(rootCertificates));
  t.equal(seen.at(-1)?.rejectUnauthorized, true);
});

t.test('the roots of AWS are the five of Amazon Trust Services', async (t) => {
  const subjects = rootCertificates
    .filter(isOfAmazon)
    .map((pem) => /CN=(.*)/.exec(new X509Certificate(pem).subject)?.[1]);
  t.same(subjects.toSorted(), [
    'Amazon Root CA 1',
    'Amazon Root CA 2',
    'Amazon Root CA 3',
    'Amazon Root CA 4',
    'Starfield Services Root Certificate Authority - G2',
  ]);
});

t.test('all authorities are named from the first server on that needs them', async (t) => {
  const trust = createTrust(['first'], ['other']);
  const { ask, seen } = failing(strange());
  t.equal(await trust(ask), 'answer');
  t.equal(await trust(ask), 'answer');
  t.same(
    seen.map(({ ca }) => ca),
    [['first'], ['first', 'other'], ['first', 'other']],
  );
});

t.test('each of the requests that are in flight at the same time is made again', async (t) => {
  const trust = createTrust(['first'], ['other']);
  const [one, two] = [failing(strange()), failing(strange())];
  t.same(await Promise.all([trust(one.ask), trust(two.ask)]), ['answer', 'answer']);
});

t.test('a server that no authority knows is asked twice, and then not trusted', async (t) => {
  const { ask, seen } = failing(strange(), strange());
  await t.rejects(createTrust(['first'], ['other'])(ask), { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' });
  t.equal(seen.length, 2);
});

t.test('after any other error a request is not made again', async (t) => {
  const { ask, seen } = failing(Object.assign(named('Error'), { code: 'ECONNRESET' }));
  await t.rejects(createTrust(['first'], ['other'])(ask), { code: 'ECONNRESET' });
  t.equal(seen.length, 1);
});
