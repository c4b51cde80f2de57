/** Judges the caBundle of the webhook's configuration, and the certificate that it must have signed. */
import { X509Certificate } from 'node:crypto';
import { isCurrent, isWhole, splitBundle } from '../../certs/pem/bundle.ts';
import { signers } from '../../certs/serving/handover.ts';
import type { Settings } from '../../webhook/settings.ts';
import type { Answer } from '../cluster/cluster.ts';
import { NAME } from '../cluster/installation.ts';
import type { Deployment, WebhookConfiguration } from '../cluster/objects.ts';
import { type Item, note, ok, problem, unseen } from './items.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate is renewed long before; one that has fewer days left was not. */
const FEW_DAYS = 7;

/** Returns the certificates of the CAs that the API server trusts. */
function bundleOf(configuration: WebhookConfiguration): string {
  const [webhook] = configuration.webhooks ?? [];
  return Buffer.from(webhook?.clientConfig.caBundle ?? '', 'base64').toString();
}

/** Judges the caBundle at this moment. `namespace` is that of the webhook. */
export function judgeBundle(configuration: WebhookConfiguration, namespace: string, now: Date): Item {
  const name = 'ca-bundle';
  const bundle = bundleOf(configuration);
  const fix = `See what keeps the CA away: kubectl logs -n ${namespace} deployment/${NAME}`;
  if (bundle === '') return problem(name, 'The configuration of the webhook has no caBundle yet.', fix);
  if (!isWhole(bundle)) return problem(name, 'The caBundle holds something that is no whole certificate.', fix);
  const current = splitBundle(bundle).filter((pem) => isCurrent(new X509Certificate(pem), now));
  if (current.length === 0) return problem(name, 'No CA in the caBundle is valid now.', fix);
  return ok(
    name,
    `The API server trusts ${current.length === 1 ? 'a CA' : `${current.length} CAs`} that ${current.length === 1 ? 'is' : 'are'} valid now.`,
  );
}

/** Judges the certificate in the Secret, of which nothing else is looked at. `pem` is its tls.crt. */
export function judgeCertificate(
  pem: Answer<string>,
  configuration: WebhookConfiguration,
  namespace: string,
  now: Date,
): Item {
  const name = 'certificate';
  if (pem.kind === 'unknown') return unseen(name, pem.why);
  const [leaf] = splitBundle(pem.kind === 'found' ? pem.value : '');
  const fix = `See why it is not renewed: kubectl logs -n ${namespace} deployment/${NAME}`;
  if (leaf === undefined) return problem(name, 'The Secret of the webhook holds no certificate.', fix);
  const certificate = new X509Certificate(leaf);
  const until = certificate.validToDate.toISOString();
  if (!isCurrent(certificate, now)) return problem(name, `The certificate is not valid now; it ends at ${until}.`, fix);
  const host = `${NAME}.${namespace}.svc`;
  if (!certificate.checkHost(host, { subject: 'never' })) {
    return problem(name, `The certificate is not for the name ${host}.`, `Issue one that is for ${host}.`);
  }
  if (signers(leaf, splitBundle(bundleOf(configuration))).length === 0) {
    return problem(name, 'No CA in the caBundle has signed the certificate.', fix);
  }
  const days = Math.floor((certificate.validToDate.getTime() - now.getTime()) / DAY_MS);
  return days < FEW_DAYS
    ? note(name, `The certificate ends in ${days} days, at ${until}.`, fix)
    : ok(name, `The certificate is for ${host}, and valid until ${until}.`);
}

/** Names a Secret, and the key of the certificate in it. */
export type Place = { readonly secret: string; readonly key: string };

/** Returns where the certificate is: in the Secret that the Deployment mounts, or that the webhook itself keeps. */
export function placeOf({ certificates }: Settings, { spec }: Deployment): Place | undefined {
  if (certificates.mode === 'self-managed') return { secret: certificates.secretName, key: 'tls.crt' };
  const { secret } = spec.template.spec.volumes?.find(({ name }) => name === 'tls') ?? {};
  if (secret === undefined) return undefined;
  const item = secret.items?.find(({ path }) => path === 'tls.crt');
  return { secret: secret.secretName, key: item?.key ?? 'tls.crt' };
}
