/** Makes the JSON of a patch. The JSON of what many pods get is kept, and put into it as it is. */
import type { PatchOperation } from './patch.ts';
import { sharedText } from './shared.ts';

/**
 * etcd takes no request of more bytes, and a pod with such a patch would be one:
 * https://etcd.io/docs/v3.6/dev-guide/limit/
 */
const PATCH_LIMIT = 1.5 * 2 ** 20;

/** So many operations become JSON at once, which takes half the time of one after the other. */
const AT_ONCE = 16;

/**
 * Returns the patch as JSON, or undefined if there is nothing to change. As soon as the operations have more bytes than
 * any pod can have, the result is `too-large`, and the rest of the operations is never made.
 */
export function encodePatch(operations: Iterable<PatchOperation>): string | 'too-large' | undefined {
  let patch = '';
  let bytes = 0;
  let batch: PatchOperation[] = [];
  const push = (text: string): void => {
    bytes += Buffer.byteLength(text);
    patch += text;
  };
  const pushBatch = (): void => {
    if (batch.length === 0) return;
    push(patch === '' ? '[' : ',');
    push(JSON.stringify(batch).slice(1, -1));
    batch = [];
  };
  for (const operation of operations) {
    const value = operation.op === 'add' ? textOfShared(operation.value) : undefined;
    if (value !== undefined) {
      pushBatch();
      push(`${patch === '' ? '[' : ','}{"op":"add","path":${JSON.stringify(operation.path)},"value":`);
      // Only the whole patch becomes one text: a part with this one would be a copy of it.
      push(value);
      push('}');
    } else if (batch.push(operation) === AT_ONCE) pushBatch();
    if (bytes > PATCH_LIMIT) return 'too-large';
  }
  pushBatch();
  if (bytes > PATCH_LIMIT) return 'too-large';
  return patch === '' ? undefined : `${patch}]`;
}

/** Returns the JSON of a shared object, or of a list that begins with one; undefined if the value is neither. */
function textOfShared(value: unknown): string | undefined {
  const text = sharedText(value);
  if (text !== undefined || !Array.isArray(value) || sharedText(value[0]) === undefined) return text;
  return `[${value.map((element) => sharedText(element) ?? JSON.stringify(element)).join(',')}]`;
}
