import { randomBytes } from 'node:crypto';
import type { V1Node } from '@kubernetes/client-node';
import { type Aws, type AwsOptions, startAws } from '../../aws/server.ts';
import { createKubectl, type Kubectl } from './kubectl.ts';
import { say } from './progress.ts';
import { plantSecrets, type Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';

const REGION_LABEL = 'topology.kubernetes.io/region';
export const ACCOUNT = '123456789012';

/** The label of everything cluster-wide that these tests make, so that the next run finds what an interrupted one left. */
export const MARK = 'aws-secrets-injector-e2e';

/** Something that others can read, and what it says. */
export type Evidence = { name: string; text: string };

/**
 * Has what all topics share: a cluster, an AWS that trusts its service accounts, and a value that may be nowhere but in files.
 */
export type World = {
  readonly settings: Settings;
  readonly kubectl: Kubectl;
  /** The minor version of the API server: 35 of 1.35. */
  readonly minor: number;
  readonly aws: Aws;
  /** The chart's values of `aws`: AWS's own host names, through a proxy that leads them here. */
  readonly awsValues: object;
  readonly region: string;
  /** The second region of fail-over. */
  readonly farRegion: string;
  /** If it is false, the chart has to set the region. */
  readonly nodesTellRegion: boolean;
  /** A text in every secret's value, and nowhere else. */
  readonly canary: string;
  readonly secrets: Secrets;
  /** Makes the name of something cluster-wide unique to this run. */
  readonly unique: (name: string) => string;
  /** Namespaces that the present topic made. */
  readonly namespaces: string[];
  /** The things that the topics left, which the canary searches. */
  readonly evidence: Evidence[];
  /** The names of the Secrets among that. */
  readonly secretsMade: string[];
  /** Logs of pods that are gone. */
  readonly oldLogs: string[];
};

/** Creates the world. `more` has options of the AWS beyond what all topics need. */
export async function createWorld(settings: Settings, program: string, more: AwsOptions = {}): Promise<World> {
  const kubectl = createKubectl(program);
  const nodes = JSON.parse(await kubectl.run(['get', 'nodes', '-o', 'json'])) as { items: V1Node[] };
  const label = nodes.items[0]?.metadata?.labels?.[REGION_LABEL];
  const region = label ?? 'us-west-2';
  const minor = await minorVersion(kubectl);
  const everywhere = { host: '0.0.0.0' };
  const aws = await startAws({ ...everywhere, ...more, region, tls: true, proxy: everywhere, podIdentity: everywhere });
  aws.addIssuer(await clusterIssuer(kubectl));
  const canary = `canary${randomBytes(8).toString('hex')}`;
  const run = randomBytes(3).toString('hex');
  say(`run ${run}: Kubernetes 1.${minor}, AWS at port ${aws.port}, region ${region}`);
  return {
    settings,
    kubectl,
    minor,
    aws,
    awsValues: awsValues(aws, settings.hostIp),
    region,
    farRegion: region === 'us-east-1' ? 'us-west-2' : 'us-east-1',
    nodesTellRegion: label !== undefined,
    canary,
    secrets: plantSecrets(aws, canary),
    unique: (name) => `${name}-${run}`,
    namespaces: [],
    evidence: [],
    secretsMade: [],
    oldLogs: [],
  };
}

async function minorVersion(kubectl: Kubectl): Promise<number> {
  const { minor } = JSON.parse(await kubectl.run(['get', '--raw', '/version'])) as { minor: string };
  return Number.parseInt(minor, 10);
}

function awsValues(aws: Aws, hostIp: string): object {
  const seen = (url = ''): string => {
    const { protocol, port, pathname } = new URL(url);
    return `${protocol}//${hostIp}:${port}${pathname === '/' ? '' : pathname}`;
  };
  return {
    httpsProxy: seen(aws.proxy?.url),
    caBundle: aws.certificate,
    endpoints: { podIdentity: seen(aws.podIdentityUrl) },
  };
}

/** The ServiceAccount tokens' issuer and its keys, as AWS would read them from the cluster's OIDC endpoint. */
async function clusterIssuer(kubectl: Kubectl): Promise<Parameters<Aws['addIssuer']>[0]> {
  const { issuer } = JSON.parse(await kubectl.run(['get', '--raw', '/.well-known/openid-configuration']));
  return { issuer, jwks: JSON.parse(await kubectl.run(['get', '--raw', '/openid/v1/jwks'])) };
}

export function roleArn(namespace: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${namespace}`;
}

/**
 * Makes a namespace of this run, with a ServiceAccount `app` that has a role, and returns its name.
 */
export async function createNamespace(
  world: World,
  topic: string,
  labels: Record<string, string> = {},
): Promise<string> {
  const name = world.unique(`e2e-${topic}`);
  await world.kubectl.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...labels, [MARK]: '' } },
  });
  world.namespaces.push(name);
  await addAccount(world, name, 'app', roleArn(name));
  return name;
}

/** Makes a ServiceAccount whose IAM role trusts only that account and may read all but what is named *forbidden*. */
export async function addAccount(world: World, namespace: string, name: string, arn: string): Promise<void> {
  const { issuer } = await clusterIssuer(world.kubectl);
  world.aws.addRole({
    arn,
    trust: [{ issuer, subjects: [`system:serviceaccount:${namespace}:${name}`] }],
    trustsPodIdentity: true,
    policy: [
      { actions: ['secretsmanager:*', 'ssm:*', 'sts:AssumeRole'], resources: ['*'] },
      { effect: 'Deny', actions: ['*'], resources: ['*forbidden*'] },
    ],
  });
  await world.kubectl.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, annotations: { 'eks.amazonaws.com/role-arn': arn } },
  });
}
