/**
 * Describes an environment variable that steers the program before its own code runs. The injector empties its environment as
 * its first act, so that no other name has an effect; these are read earlier, by the dynamic loader or by the runtime that is
 * compiled in. The webhook sets each in our containers, because most tools that add variables to every container leave a name
 * alone that is there already. test/injector/binary-environment.test.ts starts the program with every name that it holds.
 */
export type RuntimeVariable = {
  readonly name: string;
  /** If it is absent, the value is the empty text, which has the same effect as no variable at all. */
  readonly value?: string;
  /** Says what the variable does if somebody else sets it. */
  readonly reason: string;
};

/** Lists what the webhook sets in each container of ours. */
export const RUNTIME_VARIABLES: readonly RuntimeVariable[] = [
  { name: 'BUN_BE_BUN', reason: 'turns the program into the bun command line, which ends well and fetches nothing' },
  { name: 'BUN_OPTIONS', reason: 'adds options of the bun command line, such as --preload FILE' },
  { name: 'BUN_INSPECT', reason: 'opens a debugger; with wait=1 the program waits for one for ever' },
  { name: 'BUN_BYTECODE_ORDER_OUT', reason: 'writes a file of any path' },
  { name: 'BUN_BYTECODE_DIGEST_OUT', reason: 'writes a file of any path' },
  { name: 'BUN_JSC_watchdog', value: '0', reason: 'ends the program after that many milliseconds, with exit code 0' },
  { name: 'NODE_EXTRA_CA_CERTS', reason: 'is read while the program starts, however large the file is' },
  { name: 'LD_PRELOAD', reason: 'loads code of others into the program' },
  { name: 'LD_AUDIT', reason: 'loads code of others into the program' },
  { name: 'LD_LIBRARY_PATH', reason: 'loads the C library from another folder' },
  {
    name: 'LD_DEBUG',
    reason: 'prints what the loader does; with help the program ends with exit code 0 and never starts',
  },
];

/**
 * Lists what the webhook sets besides in a container that stays. Without the engine's compiler the program has 54 MiB of memory after
 * the first look at AWS and after ten thousand, as `npm run bench -- rotation --long` measures over TLS. A prototype had 76 MiB with
 * the compiler, and grew from one look to the next.
 */
export const SIDECAR_VARIABLES: readonly RuntimeVariable[] = [
  { name: 'BUN_JSC_useJIT', value: '0', reason: 'switches the compiler of the engine off, or on' },
];

/** Lists what acts before the program's own code and can not be undone by a value. */
export const UNDEFENDED: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /^LD_(TRACE_LOADED_OBJECTS|SHOW_AUXV)$/,
    reason: 'The loader obeys them whatever their value is, also an empty one.',
  },
  {
    pattern: /^BUN_JSC_/,
    reason: 'Options of the JavaScript engine: some hundred, and an empty value stops the program with exit code 1.',
  },
  {
    pattern: /^(MIMALLOC|mimalloc)_/,
    reason: 'Options of the memory allocator. They tune it and make it print what it counts.',
  },
];
