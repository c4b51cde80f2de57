/** Spellings that look like ours, and claims that only a node may make: none lets a pod start without its secrets. */
import t from 'tap';
import { PREFIX } from '../../webhook/declare/annotations.ts';
import { answerTo } from './support/admission.ts';

const FILES = { [`${PREFIX}files`]: 'password: app1/db#password' };

const pod = (annotations: Record<string, string>) => ({
  metadata: { annotations },
  spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] },
});

for (const word of ['fALSE', 'FaLSE', ' false', 'false ', 'no', 'off', 'n', 'disabled', '00', 'null', '']) {
  t.test(`inject: "${word}" is refused, as it is neither true nor false`, async (t) => {
    for (const annotations of [{ ...FILES, [`${PREFIX}inject`]: word }, { [`${PREFIX}inject`]: word }]) {
      const { review } = await answerTo(pod(annotations));
      t.match(review.response.status?.message, `inject: "${word}" is neither "true" nor "false"; write one of them`);
    }
  });
}

t.test('the prefix in other letters is refused with the right spelling', async (t) => {
  const { review } = await answerTo(pod({ 'AWS-Secrets-Injector.dev/files': 'password: app1/db' }));
  const message =
    'ASI_ADMIT_UNKNOWN_ANNOTATION: AWS-Secrets-Injector.dev/files: the prefix is aws-secrets-injector.dev/ in small letters; ' +
    'write aws-secrets-injector.dev/files';
  t.equal(review.response.status?.message, message);
});

t.test('inject with the prefix in other letters turns nothing off', async (t) => {
  const { review } = await answerTo(pod({ ...FILES, 'aws-secrets-injector.DEV/inject': 'false' }));
  t.match(review.response.status?.message, /; write aws-secrets-injector\.dev\/inject$/);
});

t.test('a mirror pod that its node creates passes as it is', async (t) => {
  const object = pod({ ...FILES, 'kubernetes.io/config.mirror': 'x' });
  const { outcome, reason } = await answerTo(object, { userInfo: { username: 'system:node:ip-10-0-0-1' } });
  t.strictSame([outcome, reason], ['skipped', 'mirror-pod']);
});

for (const userInfo of [
  undefined,
  null,
  {},
  { username: 'system:serviceaccount:shop:deployer' },
  { username: 'jane' },
]) {
  t.test(`the annotation of a mirror pod exempts nothing that ${userInfo?.username ?? 'nobody'} creates`, async (t) => {
    const { outcome } = await answerTo(pod({ ...FILES, 'kubernetes.io/config.mirror': 'x' }), { userInfo });
    t.equal(outcome, 'injected');
  });
}
