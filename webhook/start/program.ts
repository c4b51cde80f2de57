/** Runs a program with what V8 compiled of it in an earlier run. */
import type { Script } from 'node:vm';

// An import of node:crypto would make it load what nobody uses here, as an import reads each of its exports.
const { createHash } = process.getBuiltinModule('node:crypto');
const vm = process.getBuiltinModule('node:vm');

const DIGEST_BYTES = 32;

export type Program = {
  /** Runs the program, which gets `require`. */
  run(require: NodeJS.Require): void;
  /** Returns what V8 has compiled until now, as the next `loadProgram` takes it. */
  compiled(): Buffer;
  /** Is true if V8 compiles the program anew. */
  readonly isNew: boolean;
};

/**
 * Returns the program of a text in CommonJS and ASCII. `compiled` is left out where it belongs to another text, is damaged, or comes from
 * another version of Node.js or other options of it: the program runs just the same then, and starts more slowly.
 */
export function loadProgram(filename: string, text: Buffer, compiled?: Buffer): Program {
  const code = `(function(require){${text.toString('latin1')}\n})`;
  const cachedData = compiled && unseal(text, compiled);
  const script: Script = new vm.Script(code, { filename, ...(cachedData && { cachedData }) });
  return {
    run: (require) => script.runInThisContext()(require),
    compiled: () => seal(text, script.createCachedData()),
    isNew: script.cachedDataRejected !== false,
  };
}

/** Puts a digest in front, because V8 looks only at the length of the text, and ends the process where its own data are damaged. */
function seal(text: Buffer, data: Buffer): Buffer {
  return Buffer.concat([digestOf(text, data), data]);
}

/** Returns undefined unless `seal` made `sealed` for this text. */
function unseal(text: Buffer, sealed: Buffer): Buffer | undefined {
  const data = sealed.subarray(DIGEST_BYTES);
  return digestOf(text, data).equals(sealed.subarray(0, DIGEST_BYTES)) ? data : undefined;
}

function digestOf(text: Buffer, data: Buffer): Buffer {
  return createHash('sha256').update(text).update(data).digest();
}
