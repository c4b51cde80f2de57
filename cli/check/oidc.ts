/** Judges whether AWS trusts the ServiceAccount tokens of the cluster. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html */

import { AUDIENCE } from '../../injector/contract/names.ts';
import { oneLine } from '../../injector/contract/text.ts';
import type { Answer } from '../cluster/cluster.ts';
import { type Item, note, notFound, ok, unseen } from './items.ts';

/** An IAM OIDC provider of an AWS account. */
export type Provider = {
  readonly arn: string;
  /** The client IDs, which are the audiences of the tokens that it takes. */
  readonly audiences: readonly string[];
};

const NAME = 'oidc-provider';

/** Returns the part of the provider's ARN that names the issuer. */
export function pathOf(issuer: string): string {
  return issuer.replace(/^https:\/\//, '').replace(/\/$/, '');
}

/** Judges the provider for the issuer of the cluster. It is no problem to have none, as pods may use EKS Pod Identity instead. */
export function judgeProvider(issuer: Answer<string>, provider: Answer<Provider>): Item {
  if (issuer.kind !== 'found') {
    return notFound(NAME, issuer, 'the cluster does not say who issues its tokens.');
  }
  const url = oneLine(issuer.value, 300);
  if (provider.kind === 'unknown') return unseen(NAME, `${provider.why} The issuer of the cluster is ${url}.`);
  if (provider.kind === 'absent') {
    return note(
      NAME,
      `The AWS account of your credentials has no IAM OIDC provider for ${url}: roles of ServiceAccounts do not work there.`,
      `aws iam create-open-id-connect-provider --url ${url} --client-id-list ${AUDIENCE}`,
    );
  }
  const { arn, audiences } = provider.value;
  return audiences.includes(AUDIENCE)
    ? ok(NAME, `AWS trusts the tokens of the cluster: ${arn}.`)
    : note(
        NAME,
        `The IAM OIDC provider ${arn} does not take tokens for ${AUDIENCE}.`,
        `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${AUDIENCE}`,
      );
}
