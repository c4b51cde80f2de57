/** Reads the ARNs that ECS takes for a part of a secret: `ARN:JSON-KEY:STAGE:VERSION`, where each of the three may be empty. */
import { quoteKey } from '../../../injector/contract/jmespath/meant.ts';
import { echo } from '../echo.ts';
import { pasteable } from '../yaml/quote.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html */
const ECS = /^(arn:aws[a-z-]*:secretsmanager:[^:]+:\d{12}:secret:[^:#?]+):([^:#?]*)(?::([^:#?]*)(?::([^:#?]*))?)?$/;

/** A longer text is no ARN. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
const LONGEST = 2048;

export type EcsArn = { readonly arn: string; readonly key: string; readonly stage: string; readonly version: string };

/** Returns the parts of such an ARN, which are empty texts where the ARN leaves them out; undefined if the text is none. */
export function splitEcsArn(text: string): EcsArn | undefined {
  const [, arn, key = '', stage = '', version = ''] = (text.length <= LONGEST && ECS.exec(text)) || [];
  return arn === undefined ? undefined : { arn, key, stage, version };
}

/** Returns such an ARN as a reference; undefined if the text is none. */
export function ecsReference(text: string): string | undefined {
  const split = splitEcsArn(text);
  if (split === undefined) return undefined;
  const { arn, key, stage, version } = split;
  const selector = version !== '' ? `?version=${version}` : stage !== '' ? `?stage=${stage}` : '';
  return `${arn}${selector}${key === '' ? '' : `#${quoteKey(key)}`}`;
}

/** Writes the parts as the keys of an entry of `objects`. */
export function keysOf({ arn, key, stage, version }: EcsArn): string {
  const texts = [
    `objectName: ${pasteable(arn) ?? echo(arn)}`,
    ...(version === '' ? [] : [`objectVersion: "${echo(version)}"`]),
    ...(stage === '' ? [] : [`objectVersionLabel: "${echo(stage)}"`]),
    ...(key === '' ? [] : [`jmesPath: [{path: ${pasteable(quoteKey(key))}, objectAlias: ${pasteable(key)}}]`]),
  ];
  return texts.join(' and ');
}
