/**
 * Puts the PEM of a certificate and of its key in order, as the CSI driver does for Secrets of type kubernetes.io/tls: one value
 * may hold both. https://github.com/kubernetes-sigs/secrets-store-csi-driver/blob/main/pkg/util/secretutil/secret.go
 */

/** The part of a value for one key of the Secret, or why there is none. */
export type CertificatePart =
  | { readonly ok: true; readonly pem: string }
  | { readonly ok: false; readonly cause: string };

type Block = { readonly label: string; readonly der: Buffer };

const CERTIFICATE = 'CERTIFICATE';
const BEGIN = '-----BEGIN ';
const DASHES = '-----';
const COLUMNS = /.{1,64}/g;

/** Returns all certificates of the value, in their order and without anything between them. */
export function certificatesIn(value: Uint8Array): CertificatePart {
  const found = blocksIn(value).filter(({ label }) => label === CERTIFICATE);
  if (found.length === 0) return { ok: false, cause: 'It holds no certificate in PEM.' };
  return { ok: true, pem: found.map(encode).join('') };
}

/**
 * Returns the last key of the value: an RSA key in PKCS #1 and one of an elliptic curve in SEC 1, as the driver writes them. A key
 * of another kind, which the driver refuses, stays in PKCS #8.
 */
export function keyIn(value: Uint8Array): CertificatePart {
  const block = blocksIn(value).findLast(({ label }) => label !== CERTIFICATE);
  if (block === undefined) return { ok: false, cause: 'It holds no key in PEM.' };
  if (block.label.includes('ENCRYPTED')) return { ok: false, cause: 'Its key is encrypted with a password.' };
  try {
    // The module takes a millisecond to load, and hardly a pod makes such a Secret.
    const key = process.getBuiltinModule('node:crypto').createPrivateKey(encode(block));
    const type = ({ rsa: 'pkcs1', ec: 'sec1' } as const)[key.asymmetricKeyType as 'rsa' | 'ec'] ?? 'pkcs8';
    return { ok: true, pem: key.export({ format: 'pem', type }).toString() };
  } catch {
    return { ok: false, cause: 'Its key can not be read.' };
  }
}

/** Returns the blocks of PEM in a text. What is around them, and a block without an end, is left out. */
function blocksIn(value: Uint8Array): Block[] {
  const text = Buffer.from(value).toString('latin1');
  const blocks: Block[] = [];
  for (let at = text.indexOf(BEGIN); at !== -1; at = text.indexOf(BEGIN, at)) {
    const start = at + BEGIN.length;
    const label = text.slice(start, text.indexOf(DASHES, start));
    const end = text.indexOf(`${DASHES}END ${label}${DASHES}`, start);
    at = start;
    if (end === -1 || /[\r\n]/.test(label)) continue;
    const body = text.slice(start + label.length + DASHES.length, end);
    blocks.push({ label, der: Buffer.from(body, 'base64') });
    at = end;
  }
  return blocks;
}

function encode({ label, der }: Block): string {
  const lines = der.toString('base64').match(COLUMNS) ?? [];
  return `${BEGIN}${label}${DASHES}\n${lines.map((line) => `${line}\n`).join('')}${DASHES}END ${label}${DASHES}\n`;
}
