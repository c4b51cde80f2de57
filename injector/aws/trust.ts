/** Decides which certificate authorities the injector trusts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { InjectorConfig } from '../contract/config.ts';
import { CA_FILE } from '../contract/names.ts';
import { InjectorError } from '../errors.ts';
import { factsOf, isUntrusted } from './error.ts';

/** Has the options of the runtime's fetch for a TLS connection. Without `ca` the authorities are those of the machine. */
export type TlsOptions = { readonly ca?: readonly string[]; readonly rejectUnauthorized: true };

/**
 * Calls `ask` with the TLS options of the trusted authorities, and returns its result. Calls it once more, with more authorities,
 * if it rejects because none of the first ones has signed the certificate of the server.
 */
export type Trust = <Result>(ask: (tls: TlsOptions) => Promise<Result>) => Promise<Result>;

/** Trusts the authorities of the machine, as every program of a developer does. */
export const trustMachine: Trust = (ask) => ask({ rejectUnauthorized: true });

/**
 * Returns the trust in the authorities in `likely` and `others`, each in PEM. It names only `likely` until a server has no
 * certificate of them, because the runtime reads all that are named, and compares them with those of each connection: with all
 * public ones a run with fifty secrets takes a fifth more CPU time. A second call of `ask` repeats no request, as nothing is
 * sent to a server that is not trusted.
 */
export function createTrust(likely: readonly string[], others: readonly string[]): Trust {
  const first: TlsOptions = { ca: likely, rejectUnauthorized: true };
  const all: TlsOptions = { ca: [...likely, ...others], rejectUnauthorized: true };
  let current = first;
  return async (ask) => {
    const tls = current;
    try {
      return await ask(tls);
    } catch (error) {
      if (tls === all || !isUntrusted(factsOf(error))) throw error;
      current = all;
      return ask(all);
    }
  };
}

/**
 * Has a part of each certificate of Amazon Trust Services, which signs the certificates of AWS's endpoints: Amazon Root CA 1 to 4,
 * and Starfield Services Root Certificate Authority - G2. https://www.amazontrust.com/repository/
 */
const AMAZON = [
  'ADbkpyrqXRfboQnoZsG4q5WTP468SQvvG',
  'uw0dFfIRDH+fO6AgonB8Xx1sfT4PsJYGw',
  'YyRIHN8wfdVoOw=',
  'ElMzrdfkviT8tQp21KW8EA=',
  'IeyLnp2KhvAotnDU0mV3HaIPzBSlCNsSi',
];

/** Returns whether the certificate in PEM is a root of Amazon Trust Services. */
export function isOfAmazon(pem: string): boolean {
  return AMAZON.some((part) => pem.includes(part));
}

/**
 * Returns the trust in the roots that are compiled in, those of the configuration, and those of the mounted ConfigMap if the
 * configuration has one. They are named explicitly, so that no variable of the environment adds others (SSL_CERT_FILE,
 * NODE_EXTRA_CA_CERTS) or trusts every server (NODE_TLS_REJECT_UNAUTHORIZED). AWS's own and those of the configuration are
 * tried first. Throws an InjectorError if the ConfigMap holds no certificate.
 */
export function trustOf({ aws, namespace }: InjectorConfig, root: string): Trust {
  const own = aws?.caBundle === undefined ? [] : [aws.caBundle];
  if (aws?.caBundleConfigMap !== undefined) own.push(readConfigMap(root, namespace, aws.caBundleConfigMap));
  return createTrust([...rootCertificates.filter(isOfAmazon), ...own], rootCertificates);
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
