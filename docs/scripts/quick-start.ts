/**
 * The quick start of README.md, played without a cluster: its commands say which secrets exist, its JSON which role may read
 * them, its manifest what is declared. So a message that the page shows is what the product prints.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { CONFIG_ENV, SECRETS_DIRECTORY, TOKEN_FILE } from '../../injector/contract/names.ts';
import { run } from '../../injector/run.ts';
import { createIssuer, serviceAccountToken } from '../../test/aws/issuer.ts';
import { type Aws, startAws } from '../../test/aws/server.ts';
import { createClock } from '../../test/injector/support/clock.ts';
import { patched, reviewOf, settings } from '../../test/webhook/support/admission.ts';
import { admit } from '../../webhook/admission/admit.ts';
import { NO_EXTERNAL_SECRETS } from '../../webhook/admission/facts.ts';
import { parseReview } from '../../webhook/admission/review.ts';
import { PREFIX } from '../../webhook/declare/annotations.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';

/** The result of the quick start: `files` by their paths, or a `message` and whether the webhook or the init container said it. */
export type Played = { readonly files: Readonly<Record<string, string>>; readonly message: string };

/** Returns the two messages that the quick start shows, by the names of their parts. */
export async function renderMistakes(readme: string): Promise<Record<string, string>> {
  const inAws = await playQuickStart(readme, { files: /"db-password: [^"]*"/.exec(readme)?.[0].slice(1, -1) ?? '' });
  const inPod = await playQuickStart(readme, { file: 'db-password: shop/db#password' });
  const shown = ({ message }: Played) => `\`\`\`text\n${message.trim()}\n\`\`\``;
  return { 'mistake in AWS': shown(inAws), 'mistake in the pod': shown(inPod) };
}

/** Plays the quick start. `annotations` take the place of those in the manifest, without the prefix. */
export async function playQuickStart(readme: string, annotations?: Readonly<Record<string, string>>): Promise<Played> {
  const aws = await startAws({ region: REGION, account: ACCOUNT });
  const root = mkdtempSync(join(tmpdir(), 'quick-start-'));
  try {
    const issuer = createIssuer();
    aws.addIssuer(issuer);
    const { account, roleArn } = follow(readme, aws, issuer.issuer);
    const pod = podOf(parse(heredoc(readme, 'kubectl apply -f -')), annotations);
    const review = parseReview(JSON.parse(JSON.stringify(reviewOf(pod, { namespace: account.namespace }))));
    if (!review.ok) throw new Error(review.problem);
    const facts = {
      roleOf: async (_: string, name: string) => (name === account.serviceAccount ? { roleArn } : undefined),
      ...NO_EXTERNAL_SECRETS,
      region: async () => REGION,
      classOf: async () => undefined,
      envFiles: async () => ({ serverVersion: '1.34', server: false, everyNode: false }),
      serverVersion: async () => ({ major: 1, minor: 34 }),
    };
    const answer = await admit(review.request, { ...settings, aws: { endpointUrl: aws.url } }, facts);
    const { allowed, status } = answer.review.response;
    if (!allowed) return { files: {}, message: status?.message ?? '' };
    const configText = configOf(patched(pod, answer.review));
    for (const folder of [SECRETS_DIRECTORY, dirname(TOKEN_FILE)]) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, TOKEN_FILE), serviceAccountToken(issuer, account));
    const outcome = await run({ configText, podName: 'shop-1', root, clock: createClock(), write: () => {} });
    return { files: filesIn(join(root, SECRETS_DIRECTORY)), message: outcome.message };
  } finally {
    await aws.close();
    rmSync(root, { recursive: true });
  }
}

/** Does in AWS what the commands do, and returns for whom the role is. Throws if a command is not found. */
function follow(readme: string, aws: Aws, issuer: string) {
  const [, secret = '', secretString = ''] = found(readme, /create-secret --name (\S+) --secret-string '([^']*)'/);
  aws.setSecret({ name: secret, value: secretString });
  const [, parameter = '', value = ''] = found(readme, /put-parameter --name (\S+) --type SecureString --value (\S+)/);
  aws.setParameter({ name: parameter, value, type: 'SecureString' });
  const [, roleName = ''] = found(readme, /create-role --role-name (\S+)/);
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/${roleName}`;
  found(readme, /eks\.amazonaws\.com\/role-arn=arn:aws:iam::\$\{ACCOUNT\}:role\/shop"/);
  const host = issuer.replace('https://', '');
  const { StringEquals: equals } = json(readme, 'cat >trust.json', host).Statement[0]?.Condition ?? {};
  const subject = equals?.[`${host}:sub`] ?? '';
  const statements = json(readme, 'cat >policy.json', host).Statement;
  aws.addRole({
    arn: roleArn,
    trust: [{ issuer, subjects: [subject], audiences: [equals?.[`${host}:aud`] ?? ''] }],
    policy: statements.map(({ Action, Resource }) => ({ actions: [Action], resources: [Resource] })),
  });
  const [, namespace = '', serviceAccount = ''] = found(subject, /^system:serviceaccount:([^:]+):([^:]+)$/);
  return { account: { namespace, serviceAccount }, roleArn };
}

type Policy = {
  readonly Statement: readonly {
    readonly Action: string;
    readonly Resource: string;
    readonly Condition?: { readonly StringEquals?: Readonly<Record<string, string>> };
  }[];
};

/** Returns the document that the command writes, with the shell's variables replaced. */
function json(readme: string, command: string, issuer: string): Policy {
  const values: Record<string, string> = { ACCOUNT, REGION, ISSUER: issuer };
  return JSON.parse(heredoc(readme, command).replace(/\$\{(\w+)\}/g, (_all, name) => values[name] ?? ''));
}

/** Returns the text that the command reads. */
function heredoc(readme: string, command: string): string {
  const start = readme.indexOf(`${command} <<`);
  if (start < 0) throw new Error(`the quick start has no command ${command}`);
  const [, text = ''] = found(readme.slice(start), /<<'?EOF'?\n([\s\S]*?)\n *EOF\n/);
  return text.replace(/^ {3}/gm, '');
}

type Pod = { readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } } };

function podOf(deployment: Pod, annotations?: Readonly<Record<string, string>>): object {
  const { metadata, spec } = deployment.spec.template;
  const own = Object.entries(annotations ?? {}).map(([name, value]) => [PREFIX + name, value]);
  const given = annotations === undefined ? {} : { annotations: Object.fromEntries(own) };
  return { metadata: { name: 'shop-1', ...metadata, ...given }, spec: { restartPolicy: 'Always', ...spec } };
}

function configOf(pod: unknown): string | undefined {
  const { initContainers = [] } = (pod as { spec: { initContainers?: { env: { name: string; value: string }[] }[] } })
    .spec;
  return initContainers[0]?.env.find(({ name }) => name === CONFIG_ENV)?.value;
}

function filesIn(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function found(text: string, pattern: RegExp): RegExpExecArray {
  const match = pattern.exec(text);
  if (match === null) throw new Error(`the quick start has nothing like ${pattern}`);
  return match;
}
