/**
 * Asks IAM for the OIDC provider of a cluster, with the credentials of whoever runs the program. The two requests are signed here:
 * the client of the SDK for all of IAM would be as large as all other clients together.
 */
import { SignatureV4 } from '@smithy/signature-v4';
import { oneLine } from '../../injector/contract/text.ts';
import { type Provider, pathOf } from '../check/oidc.ts';
import type { Answer } from '../cluster/cluster.ts';
import { UsageError } from '../shell.ts';
import { type Developer, defaultRegion, findDeveloper } from './developer.ts';

/** IAM has one endpoint for a partition. https://docs.aws.amazon.com/general/latest/gr/iam-service.html */
const ENDPOINTS: Readonly<Record<string, { readonly url: string; readonly region: string }>> = {
  aws: { url: 'https://iam.amazonaws.com/', region: 'us-east-1' },
  'aws-cn': { url: 'https://iam.cn-north-1.amazonaws.com.cn/', region: 'cn-north-1' },
  'aws-us-gov': { url: 'https://iam.us-gov.amazonaws.com/', region: 'us-gov-west-1' },
};

const TIMEOUT_MS = 10_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the provider for the issuer; unknown if there are no credentials, or if they may not see it. */
export async function findProvider(issuer: string, environment: Environment): Promise<Answer<Provider>> {
  try {
    const developer = await findDeveloper((await defaultRegion()) ?? 'us-east-1');
    try {
      return await askIam(issuer, (form) => send(form, developer, environment));
    } finally {
      developer.close();
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { kind: 'unknown', why: error.message };
  }
}

type Form = Readonly<Record<string, string>>;

async function askIam(issuer: string, ask: (form: Form) => Promise<string>): Promise<Answer<Provider>> {
  const list = await ask({ Action: 'ListOpenIDConnectProviders' });
  const arn = textsIn(list, 'Arn').find((one) => one.endsWith(`:oidc-provider/${pathOf(issuer)}`));
  if (arn === undefined) return { kind: 'absent' };
  const provider = await ask({ Action: 'GetOpenIDConnectProvider', OpenIDConnectProviderArn: arn });
  const [, audiences = ''] = /<ClientIDList>(.*)<\/ClientIDList>/s.exec(provider) ?? [];
  return { kind: 'found', value: { arn, audiences: textsIn(audiences, 'member') } };
}

/** Returns the XML of IAM's answer. Throws a `UsageError` for a refusal, and if IAM is not reached. */
async function send(form: Form, { arn, credentials, sha256 }: Developer, environment: Environment): Promise<string> {
  const [, partition = 'aws'] = arn.split(':');
  const { url: own, region } = ENDPOINTS[partition] ?? { url: '', region: '' };
  const url = environment['AWS_ENDPOINT_URL_IAM'] ?? environment['AWS_ENDPOINT_URL'] ?? own;
  if (!URL.canParse(url))
    throw new UsageError(`The endpoint of IAM in the partition ${oneLine(partition, 50)} is not known.`);
  const { protocol, hostname, host, port, pathname: path } = new URL(url);
  const body = new URLSearchParams({ ...form, Version: '2010-05-08' }).toString();
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const signer = new SignatureV4({ service: 'iam', region, credentials, sha256 });
  const signed = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    path,
    headers,
    body,
    ...(port && { port: Number(port) }),
  });
  return answerOf(
    fetch(url, { method: 'POST', headers: signed.headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) }),
  );
}

async function answerOf(asked: Promise<Response>): Promise<string> {
  const response = await asked.catch((error: Error) => {
    throw new UsageError(`IAM is not reached: ${oneLine(error.message, 200)}.`);
  });
  const text = await response.text();
  if (response.ok) return text;
  const [[code = `HTTP ${response.status}`], [message = '']] = [textsIn(text, 'Code'), textsIn(text, 'Message')];
  throw new UsageError(`IAM refuses to say it: ${oneLine(`${code}: ${message}`, 300)}`);
}

/** Returns the texts of all elements of a name. Those that IAM answers with have no markup in them. */
function textsIn(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);
}
