import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { clientsOf, startWithUser } from '../clients.ts';

const get = new GetSecretValueCommand({ SecretId: 's' });
const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';

t.test('refuses an unknown key, a wrong secret and a token that is not the key’s', async (t) => {
  const { aws } = await startWithUser(t);
  const wrong = {
    UnrecognizedClientException: { accessKeyId: 'ASIAUNKNOWN', secretAccessKey: 'x', sessionToken: 'x' },
    InvalidSignatureException: { accessKeyId, secretAccessKey: 'wrong' },
  };
  for (const [name, credentials] of Object.entries(wrong)) {
    const clients = clientsOf(aws, { credentials });
    t.teardown(clients.destroy);
    await t.rejects(clients.secretsManager.send(get), { name });
  }
  const clients = clientsOf(aws, { credentials: { accessKeyId, secretAccessKey: 'x', sessionToken: 'x' } });
  t.teardown(clients.destroy);
  await t.rejects(clients.sts.send(new GetCallerIdentityCommand({})), { name: 'InvalidClientTokenId' });
});

t.test('refuses a client whose clock is more than five minutes away', async (t) => {
  let skew = 0;
  const { aws, clients } = await startWithUser(t, { now: () => new Date(Date.now() + skew) });
  aws.setSecret({ name: 's', value: 'x' });
  for (const [minutes, message] of [
    [6, /^Signature expired/],
    [-6, /^Signature not yet current/],
  ] as const) {
    skew = minutes * 60_000;
    clients.secretsManager.config.systemClockOffset = 0;
    await t.rejects(clients.secretsManager.send(get), { name: 'InvalidSignatureException', message });
  }
});

t.test('takes the region from the signature', async (t) => {
  const { aws } = await startWithUser(t);
  aws.setSecret({ name: 's', value: 'near' });
  aws.setSecret({ name: 's', value: 'far', region: 'us-east-2' });
  const clients = clientsOf(aws, { region: 'us-east-2' });
  t.teardown(clients.destroy);
  t.equal((await clients.secretsManager.send(get)).SecretString, 'far');
  t.equal(aws.calls[0]?.region, 'us-east-2');
});

t.test('refuses a changed body, a scope of another service and no signature at all', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setSecret({ name: 's', value: 'x' });
  const post = (headers: { [name: string]: string }, body: string) =>
    fetch(aws.url, { method: 'POST', headers: { 'content-type': 'application/x-amz-json-1.1', ...headers }, body });
  let sent: { [name: string]: string } = {};
  clients.secretsManager.middlewareStack.add(
    (next) => (args) => {
      sent = (args.request as { headers: { [name: string]: string } }).headers;
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await clients.secretsManager.send(get);
  const { host: _, 'content-length': __, ...headers } = sent;
  const error = async (response: Response) => ((await response.json()) as { __type: string }).__type;
  t.equal((await post(headers, '{"SecretId":"s"}')).status, 200);
  t.equal(await error(await post(headers, '{"SecretId":"t"}')), 'InvalidSignatureException');
  t.equal(
    await error(await post({ ...headers, 'x-amz-target': 'AmazonSSM.GetParameter' }, '{}')),
    'InvalidSignatureException',
  );
  const unsigned = await post({ 'x-amz-target': 'secretsmanager.GetSecretValue' }, '{}');
  t.equal(await error(unsigned), 'MissingAuthenticationTokenException');
  t.equal(unsigned.headers.get('x-amzn-errortype'), 'MissingAuthenticationTokenException');
});
