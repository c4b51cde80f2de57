import { Agent } from 'node:https';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { startWithUser } from '../clients.ts';

t.test('serves TLS by a CA of its own, and resets connections there too', async (t) => {
  const { aws } = await startWithUser(t, { tls: true, tlsNames: ['10.0.0.1'] });
  aws.setSecret({ name: 's', value: 'x' });
  const client = (options: { ca?: string | undefined }) =>
    new SecretsManagerClient({
      endpoint: aws.url,
      region: 'eu-west-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
      requestHandler: { httpsAgent: new Agent(options) },
    });
  const trusting = client({ ca: aws.certificate });
  const wary = client({});
  t.teardown(() => [trusting, wary].forEach((each) => void each.destroy()));
  const get = new GetSecretValueCommand({ SecretId: 's' });
  await t.resolves(trusting.send(get));
  await t.rejects(wary.send(get), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
  aws.fault({ effect: { kind: 'reset' }, times: 1 });
  await t.rejects(trusting.send(get), { code: 'ECONNRESET' });
});

t.test('answers what is no AWS request, whatever it is', async (t) => {
  const { aws } = await startWithUser(t);
  const json = { 'content-type': 'application/x-amz-json-1.1' };
  const odd: RequestInit[] = [
    { method: 'GET' },
    { method: 'POST', body: 'x' },
    { method: 'POST', body: '{', headers: { ...json, 'x-amz-target': 'secretsmanager.Nope' } },
    { method: 'POST', body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  ];
  const statuses = await Promise.all(odd.map(async (init) => (await fetch(aws.url, init)).status));
  t.same(statuses, [404, 404, 400, 403]);
});
