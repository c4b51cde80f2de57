/** How large the in-memory volume must be: the worst case of everything that may be written into it, twice. */
import type { ConfigObject, InjectorConfig } from '../../injector/config.ts';

/** The services' own limits for one value: a secret holds 64 KiB, an advanced parameter 8 KiB. */
const VALUE_BYTES = { secretsmanager: 64 * 1024, ssm: 8 * 1024 } as const;

const PAGE = 4096;

/** How many bytes one byte of a value may become: `'` is `'\''` in a shell, a control character `\u0001` in JSON. */
const QUOTING = { shell: 4, dotenv: 2, docker: 1, json: 6 } as const;

/** A name, `=`, quotes and a line end; far above any real one. */
const NAME_BYTES = 512;

/** The shortest key of a JSON object with its value: `"k":0,`. */
const KEY_BYTES = 6;

/** What the widest format puts around a variable: `  "": "",` and a line end. */
const LINE_BYTES = 10;

type Outputs = {
  readonly objects: readonly ConfigObject[];
  readonly envFile?: InjectorConfig['envFile'];
};

/** Bytes. Twice, as the injector runs again after a node's restart and replaces each file only when all are written. */
export function volumeBytes({ objects, envFile }: Outputs): number {
  let total = 0;
  let variables = 0;
  for (const { service, files = [], variables: single = [], expansions = [] } of objects) {
    total += files.length * pages(VALUE_BYTES[service]);
    const quoting = envFile ? QUOTING[envFile.format] : 1;
    const most = VALUE_BYTES[service] * quoting;
    variables += single.length * (most + NAME_BYTES);
    for (const { prefix } of expansions) {
      const keys = Math.ceil(VALUE_BYTES[service] / KEY_BYTES);
      variables += most + keys * (Buffer.byteLength(prefix) + LINE_BYTES);
    }
  }
  return 2 * Math.max(total + pages(variables), PAGE);
}

function pages(count: number): number {
  return Math.ceil(count / PAGE) * PAGE;
}
