/** Runs the injector for a pod as the webhook injects it, with AWS in memory, whose roles have the policies of `iam-policy` only. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { examine } from '../../../../cli/admission/examine.ts';
import type { World } from '../../../../cli/admission/world.ts';
import { rolesOf } from '../../../../cli/iam-policy/roles.ts';
import type { Template } from '../../../../cli/manifests/find.ts';
import { encodeConfig } from '../../../../injector/contract/encode.ts';
import { run } from '../../../../injector/run.ts';
import { createIssuer, serviceAccountToken } from '../../../aws/issuer.ts';
import { type Aws, startAws } from '../../../aws/server.ts';
import { createClock } from '../../../injector/support/clock.ts';
import { trustedPrincipals } from '../../support/trusted.ts';
import type { Secrets, Aws as Values } from './operator.ts';
import { type Node, type Pod, type View, viewOf } from './view.ts';

const ACCOUNT = '111122223333';
/** The role of the pods' ServiceAccount. */
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/shop`;
const SUBJECT = { namespace: 'shop', serviceAccount: 'shop' };

/** Returns what the containers of the injected pod see after its init container has run. `secrets` are those of the cluster. */
export async function viewInjected(
  t: Test,
  template: Template,
  world: World,
  values: Values,
  secrets: Secrets = new Map(),
): Promise<View> {
  const { outcome, log, pod, node } = await runInjected(t, template, world, (aws) => seed(aws, values));
  t.equal(outcome.exitCode, 0, log);
  return viewOf(pod, { ...node, secrets });
}

/** Runs the init container of the injected pod. `sow` puts the values into AWS. */
export async function runInjected(t: Test, template: Template, world: World, sow: (aws: Aws) => void) {
  const examined = await examine(template, world);
  if (!examined.ok || !examined.injection) throw new Error(`the pod of ${template.owner.name} is not injected`);
  const { pod, config } = examined.injection;
  const aws = await startAws({ account: config.assume?.roleArn.split(':')[4] ?? ACCOUNT, podIdentity: {} });
  t.teardown(aws.close);
  sow(aws);
  const issuer = createIssuer({ algorithm: 'ES256' });
  aws.addIssuer(issuer);
  const isAgent = config.identity.kind === 'pod-identity';
  const trust = [{ issuer: issuer.issuer, subjects: ['system:serviceaccount:shop:shop'] }];
  for (const { role, policy, trust: printed } of rolesOf([{ account: { namespace: 'shop', name: 'shop' }, config }], {
    account: ACCOUNT,
  })) {
    const arn = role.startsWith('arn:') ? role : ROLE;
    const statements = policy.Statement.map(({ Action, Resource }) => ({
      actions: [...Action],
      resources: [...Resource],
    }));
    const who =
      arn === ROLE ? { trust, trustsPodIdentity: isAgent } : { trustedPrincipals: trustedPrincipals(printed) };
    aws.addRole({ arn, ...who, policy: statements });
    if (isAgent) aws.associate({ ...SUBJECT, roleArn: arn });
  }
  const root = t.testdir({});
  const own = pod.spec.initContainers?.find(({ name }) => name === 'aws-secrets-injector');
  const folders = new Map((own?.volumeMounts ?? []).map(({ name, mountPath }) => [name, join(root, mountPath)]));
  for (const folder of [...folders.values(), join(root, dirname(config.identity.tokenFile))]) {
    mkdirSync(folder, { recursive: true });
  }
  const audiences = isAgent ? { audiences: ['pods.eks.amazonaws.com'], pod: 'app-1' } : {};
  writeFileSync(join(root, config.identity.tokenFile), serviceAccountToken(issuer, { ...SUBJECT, ...audiences }));
  const identity =
    config.identity.kind === 'pod-identity'
      ? { ...config.identity, addresses: [aws.podIdentityUrl ?? ''] }
      : config.identity;
  const configText = encodeConfig({ ...config, identity, aws: { endpointUrl: aws.url } });
  let log = '';
  const outcome = await run({
    configText,
    podName: 'app-1',
    root,
    clock: createClock([]),
    write: (text) => {
      log += text;
    },
  });
  const node: Node = { secrets: new Map(), folders, root };
  return { outcome, log, pod: pod as Pod, node };
}

function seed(aws: Aws, { secrets, parameters }: Values): void {
  for (const region of ['eu-west-1', 'eu-central-1']) {
    for (const [name, value] of Object.entries(secrets)) aws.setSecret({ name, value, region });
    for (const [name, value] of Object.entries(parameters))
      aws.setParameter({ name, value, type: 'SecureString', region });
  }
}
