/** Tests that a SecretProviderClass is read from the cache first, and from the API server before a refusal. */
import t from 'tap';
import type { Facts } from '../../../webhook/admission/facts.ts';
import type { ProviderClass } from '../../../webhook/declare/provider-class.ts';
import { answerTo, facts, settings } from '../support/admission.ts';
import { pod } from '../support/annotated-pod.ts';

const CLASS = {
  provider: 'aws',
  parameters: { objects: '- { objectName: app/db, objectType: secretsmanager }' },
  secretObjects: [],
};
const CLASSES = { 'aws-secrets-injector.dev/secret-provider-class': 'db' };

type Lookup = { readonly name: string; readonly live: boolean };

async function withClasses(cached: ProviderClass | undefined, live: ProviderClass | undefined) {
  const asked: Lookup[] = [];
  const classOf: Facts['classOf'] = async (_namespace, name, isLive) => {
    asked.push({ name, live: isLive });
    return isLive ? live : cached;
  };
  return { ...(await answerTo(pod(CLASSES), {}, settings, { ...facts, classOf })), asked };
}

t.test('takes a class from the cache where that is enough', async (t) => {
  const { outcome, asked } = await withClasses(CLASS, undefined);
  t.equal(outcome, 'injected');
  t.same(asked, [{ name: 'db', live: false }]);
});

t.test('reads a class live before it refuses, as it may just have been made', async (t) => {
  const { outcome, asked } = await withClasses(undefined, CLASS);
  t.equal(outcome, 'injected');
  t.same(
    asked.map(({ live }) => live),
    [false, true],
  );
});

t.test('reads a class live before it refuses, as it may just have been corrected', async (t) => {
  const { outcome } = await withClasses({ ...CLASS, parameters: { objects: '- {}' } }, CLASS);
  t.equal(outcome, 'injected');
});

t.test('refuses a class that is not there live either, after one more look', async (t) => {
  const { review, asked } = await withClasses(undefined, undefined);
  t.match(review.response.status?.message, /^ASI_ADMIT_NO_CLASS: .*failed to get secretproviderclass shop\/db/);
  t.same(
    asked.map(({ live }) => live),
    [false, true],
  );
});

t.test('says to try again where the API does not answer about a class', async (t) => {
  const classOf = async () => {
    throw new Error('ECONNREFUSED');
  };
  const { review, outcome } = await answerTo(pod(CLASSES), {}, settings, { ...facts, classOf });
  t.equal(outcome, 'failed');
  t.match(review.response.status, { code: 503, message: /^ASI_ADMIT_NOT_ANSWERING: .*SecretProviderClass/ });
});
