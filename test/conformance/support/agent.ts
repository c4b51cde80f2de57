/** Makes the EKS Pod Identity agent of a case. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { TOKEN_FILE } from '../../../injector/contract/names.ts';
import { createIssuer, serviceAccountToken } from '../../aws/issuer.ts';
import { ROLE, type World } from '../../injector/support/world.ts';
import type { Case } from './case.ts';

/** The pod's token is for the Pod Identity agent then, and the role trusts both. */
export function addAgent({ aws, root }: World): void {
  const issuer = createIssuer({ algorithm: 'ES256' });
  const pod = { namespace: 'shop', serviceAccount: 'app1' };
  const subjects = ['system:serviceaccount:shop:app1'];
  aws.addIssuer(issuer);
  aws.addRole({
    arn: ROLE,
    trust: [{ issuer: issuer.issuer, subjects }],
    trustsPodIdentity: true,
    policy: [{ actions: ['*'], resources: ['*'] }],
  });
  aws.associate({ ...pod, roleArn: ROLE });
  const audiences = ['sts.amazonaws.com', 'pods.eks.amazonaws.com'];
  writeFileSync(join(root, TOKEN_FILE), serviceAccountToken(issuer, { ...pod, audiences }));
}

/** The agent's own addresses are no test's: the case's becomes the in-memory agent's, the other one that nothing is at. */
export function reachedAt(
  identity: InjectorConfig['identity'],
  url: string | undefined,
  agent: Case['agent'],
): InjectorConfig['identity'] {
  if (identity.kind !== 'pod-identity') return identity;
  const own = { ipv4: 'http://169.254.170.23/v1/credentials', ipv6: 'http://[fd00:ec2::23]/v1/credentials' };
  const nowhere = 'http://127.0.0.1:1/v1/credentials';
  const addresses = identity.addresses.map((address) => (agent && address === own[agent] ? (url ?? nowhere) : nowhere));
  return { ...identity, addresses };
}
