/** Writes what AWS has under a reference: names, versions and sizes, and never a value. */

import { SERVICES, type ServiceName } from '../../injector/contract/services.ts';
import type { Format } from '../formats.ts';

export type Found = {
  readonly name: string;
  readonly service: ServiceName;
  /** The region that answered. */
  readonly region: string;
  /** The version's ID, or its number. */
  readonly version: string;
  readonly bytes: number;
  /** The keys of the value if it is a JSON object; absent otherwise. */
  readonly keys?: readonly string[];
};

/** Returns the text for standard output. */
export function write(found: readonly Found[], format: Format<'get'>): string {
  if (format === 'json') return `${JSON.stringify(found, undefined, 2)}\n`;
  return found.map(asText).join('\n');
}

function asText({ name, service, region, version, bytes, keys }: Found): string {
  const rows = [
    ['service', SERVICES[service].title],
    ['region', region],
    ['version', version],
    ['size', `${bytes} bytes`],
    ...(keys ? [['keys', keys.map((key) => JSON.stringify(key)).join(', ')]] : []),
  ];
  return `${name}\n${rows.map(([word = '', value]) => `  ${word.padEnd(8)} ${value}\n`).join('')}`;
}
