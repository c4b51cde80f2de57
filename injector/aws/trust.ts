/** Decides which certificate authorities the injector trusts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { InjectorConfig } from '../contract/config.ts';
import { CA_FILE } from '../contract/names.ts';
import { InjectorError } from '../errors.ts';
import type { Trust } from './exchange.ts';

/**
 * Returns the TLS options with the trusted certificates: the roots that are compiled in, those of the configuration, and those
 * of the mounted ConfigMap if the configuration has one. They are named explicitly, so that no variable of the environment adds
 * others (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS) or trusts every server (NODE_TLS_REJECT_UNAUTHORIZED). Throws an InjectorError if
 * the ConfigMap holds no certificate.
 */
export function trustOf({ aws, namespace }: InjectorConfig, root: string): Trust {
  const own = aws?.caBundle === undefined ? [] : [aws.caBundle];
  if (aws?.caBundleConfigMap !== undefined) own.push(readConfigMap(root, namespace, aws.caBundleConfigMap));
  return { ca: [...rootCertificates, ...own], rejectUnauthorized: true };
}

type ConfigMapKey = { readonly name: string; readonly key: string };

function readConfigMap(root: string, namespace: string, { name, key }: ConfigMapKey): string {
  const text = readText(join(root, CA_FILE));
  if (text?.includes('-----BEGIN CERTIFICATE-----')) return text;
  const subject = `ConfigMap ${name}`;
  const headline = `The CA bundle in the ConfigMap "${name}" can not be used.`;
  const cause =
    text === undefined ? `Its key "${key}" can not be read.` : `Its key "${key}" holds no certificate in PEM.`;
  const fix =
    `Recreate the pod after this command: kubectl create configmap ${name} -n ${namespace} --from-file=${key}=FILE ` +
    '--dry-run=client -o yaml | kubectl apply -f -';
  throw new InjectorError([{ code: 'ASI_CFG_CA', subject, headline, cause, fix }]);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
