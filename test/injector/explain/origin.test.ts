/** Tests that the fix of a failure is about what asked AWS: a role, the agent, a search or an object. */
import t from 'tap';
import { named, RegionError, type Step } from '../../../injector/aws/error.ts';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { FAILURES } from '../../../injector/errors.ts';
import { explainCredentials } from '../../../injector/explain/credentials.ts';
import { explainFetch, explainSearch } from '../../../injector/explain/explain.ts';

const roleArn = 'arn:aws:iam::123456789012:role/app1';
const READER = 'arn:aws:iam::210987654321:role/reader';
const config: Pick<InjectorConfig, 'identity' | 'assume' | 'region'> = {
  region: 'eu-west-1',
  identity: { kind: 'web-identity', roleArn, tokenFile: '/token' },
  assume: { roleArn: READER },
};

function failed(step: Step, name: string, status: number): RegionError {
  const cause = Object.assign(named(name), { $fault: 'client', $metadata: { httpStatusCode: status }, words: '{}' });
  const about = step === 'assume' ? { action: 'sts:AssumeRole', name: READER } : undefined;
  return new RegionError('eu-west-1', step, cause, about);
}

const CREDENTIALS: readonly [origin: string, error: RegionError, fix: RegExp][] = [
  ['the role of the ServiceAccount', failed('web-identity', 'ValidationError', 400), /eks\.amazonaws\.com\/role-arn/],
  ['the role to assume', failed('assume', 'ValidationError', 400), /aws-secrets-injector\.dev\/role-arn/],
  ['the agent of the node', failed('pod-identity', 'PodIdentityRefused', 500), /eks-pod-identity-agent/],
  ['an agent without an answer', failed('pod-identity', 'TimeoutError', 0), /eks-pod-identity-agent/],
];

for (const [origin, error, fix] of CREDENTIALS) {
  t.test(`a request for credentials that fails is about ${origin}`, async (t) => {
    t.match(explainCredentials(error, config).fix, fix);
  });
}

t.test('a refused search is about the search', async (t) => {
  const search = { service: 'ssm', path: '/app1' } as const;
  t.match(explainSearch(search, failed('request', 'ValidationException', 400), config).fix, /of the search\.$/);
});

t.test('a refused object is about the object', async (t) => {
  const source = { service: 'ssm', name: '/app1/key' } as const;
  const failure = explainFetch(source, failed('request', 'ValidationException', 400), config);
  t.equal(failure.code, 'ASI_AWS_REQUEST');
  t.match(failure.fix ?? FAILURES[failure.code].fix, /of the object/);
});

t.test('a secret that a search has found is no parameter', async (t) => {
  const cause = Object.assign(named('AccessDeniedException'), { $fault: 'client' });
  const about = { action: 'secretsmanager:GetSecretValue', name: '/app1/key' };
  const failure = explainSearch(
    { service: 'secretsmanager', prefix: '/app1' },
    new RegionError('eu-west-1', 'request', cause, about),
    config,
  );
  t.match(failure.fix, /^Allow secretsmanager:GetSecretValue on \S+ in the role's policy\.$/);
});
