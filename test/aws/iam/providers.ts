/** IAM's operations on OIDC providers. Each issuer that the AWS trusts has one. */
import { AwsError } from '../error.ts';
import type { Element } from '../sts/sts.ts';
import type { World } from '../world.ts';
import { authorize, type Principal } from './policy.ts';

/** The version of IAM's API, by which its requests are told from those of STS. */
export const IAM_VERSION = '2010-05-08';

/** Is a signed query request. */
type Context = { world: World; form: URLSearchParams; caller: Principal | undefined };

/** IAM's operations by name. All of them are signed. */
export const iam: { [operation: string]: { run: (context: Context) => Element } } = {
  ListOpenIDConnectProviders: { run: listProviders },
  GetOpenIDConnectProvider: { run: getProvider },
};

function listProviders({ world, caller }: Context): Element {
  const account = allow(caller, 'iam:ListOpenIDConnectProviders', '*').account;
  return { OpenIDConnectProviderList: { member: arnsIn(world, account).map((Arn) => ({ Arn })) } };
}

function getProvider({ world, form, caller }: Context): Element {
  const arn = form.get('OpenIDConnectProviderArn') ?? '';
  const account = allow(caller, 'iam:GetOpenIDConnectProvider', arn).account;
  if (!arnsIn(world, account).includes(arn))
    throw new AwsError('NoSuchEntity', `OpenIDConnect Provider not found for arn ${arn}`, 404);
  return { Url: arn.replace(/^.*:oidc-provider\//, ''), ClientIDList: { member: ['sts.amazonaws.com'] } };
}

function arnsIn(world: World, account: string): string[] {
  return [...world.issuers.keys()].map(
    (issuer) => `arn:aws:iam::${account}:oidc-provider/${issuer.replace(/^https:\/\//, '')}`,
  );
}

function allow(caller: Principal | undefined, action: string, resource: string): Principal {
  if (caller === undefined) throw new TypeError(`${action} is signed`);
  try {
    authorize(caller, action, resource);
  } catch (error) {
    throw new AwsError('AccessDenied', error instanceof Error ? error.message : '', 403);
  }
  return caller;
}
