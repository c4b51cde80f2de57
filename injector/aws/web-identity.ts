/**
 * Gets the credentials of the pod's own role by one request to STS. It is the first request of most runs, and the only one that is
 * not signed: what signs the others is loaded while STS answers.
 */
import type { AwsCredentialIdentity } from '@smithy/types';
import { REST, readText } from './answer.ts';
import { credentialsIn, type RoleRequest } from './credentials.ts';
import type { Answer } from './exchange.ts';
import { refusal } from './refusal.ts';
import type { Send } from './send.ts';

export type WebIdentityRequest = RoleRequest & {
  /** The URL of STS. */
  readonly url: URL;
  readonly send: Send;
  /** Reads the token. That is done for each try, as the kubelet may renew it meanwhile. */
  readonly token: () => Promise<string>;
  /** Is called when the request is on its way. */
  readonly onSent: () => void;
};

/**
 * Assumes the role of the ServiceAccount. Makes one try. Rejects with the error of STS, with
 * TokenUnreadable, MalformedAnswer or AnswerTooLarge, or as {@link Send} does.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export async function assumeWithWebIdentity({
  url,
  roleArn,
  sessionName,
  send,
  token,
  onSent,
}: WebIdentityRequest): Promise<AwsCredentialIdentity> {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    WebIdentityToken: await token(),
  });
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'app/aws-secrets-injector',
  };
  const answering = send({ url, method: 'POST', headers, body: form.toString() });
  onSent();
  return credentialsOf(await answering);
}

/** Returns the credentials in an answer of STS. Rejects as {@link assumeWithWebIdentity} does. */
export async function credentialsOf({ status, headers, body }: Answer): Promise<AwsCredentialIdentity> {
  const text = await readText(body, REST);
  if (status < 200 || status >= 300) {
    throw refusal(field(text, 'Code') ?? '', field(text, 'Message') ?? '', { status, headers });
  }
  return credentialsIn(field(text, 'AccessKeyId'), field(text, 'SecretAccessKey'), field(text, 'SessionToken'));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

/** Returns the text of the first XML element with this name that holds only text, or undefined if there is none. */
function field(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text?.replace(/&(amp|apos|gt|lt|quot);/g, (_, entity: string) => ENTITIES[entity] ?? '');
}
