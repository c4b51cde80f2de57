/** Fills templates with values. */
import type { ConfigPlaceholder, ConfigTemplate } from '../contract/config.ts';
import type { FilterName } from '../contract/filters.ts';
import type { Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { Extracted } from './extract.ts';
import { applyFilter, type Piped } from './filter.ts';

/**
 * Returns the text of the parts with their values. `what` names the template or the variable in messages. `extracted` gives the
 * value of each placeholder, and the name of its object. There is no content if any placeholder fails.
 */
export function fill(
  parts: ConfigTemplate['parts'],
  what: string,
  extracted: (placeholder: ConfigPlaceholder) => Extracted & { readonly object: string },
): { content?: Secret; failures: Failure[] } {
  const pieces: Uint8Array[] = [];
  const failures: Failure[] = [];
  for (const part of parts) {
    const piece = typeof part === 'string' ? Buffer.from(part) : put(what, part.filters ?? [], extracted(part));
    if (piece instanceof Uint8Array) pieces.push(piece);
    else failures.push(piece);
  }
  return failures.length > 0 ? { failures } : { content: new Secret(Buffer.concat(pieces)), failures };
}

/** Returns the bytes for a placeholder. A value that does not exist leaves nothing, whatever the filters are. */
function put(
  what: string,
  filters: readonly FilterName[],
  extracted: Extracted & { readonly object: string },
): Uint8Array | Failure {
  if (extracted.kind === 'absent') return new Uint8Array();
  if (extracted.kind === 'failed') return extracted.failure;
  let piped: Piped = { bytes: extracted.value.reveal(), isJson: extracted.isJson };
  for (const name of filters) {
    const result = applyFilter(name, piped);
    if (typeof result === 'string') {
      const headline = `${extracted.object}: the filter ${name} of ${what} can not take the value.`;
      return { code: 'ASI_OUT_FILTER', subject: extracted.object, headline, cause: `Here ${result}.` };
    }
    piped = result;
  }
  return piped.bytes;
}
