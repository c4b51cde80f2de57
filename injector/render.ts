/** Values in, files out: takes the parts, expands the objects, builds the env file. Finds everything wrong at once. */
import type { ConfigObject, InjectorConfig } from './config.ts';
import { encodeEnvFile, type Variable } from './env-file.ts';
import type { Failure } from './errors.ts';
import type { JsonNode } from './json.ts';
import { entriesAt, textAt } from './part.ts';
import { sourceKey } from './plan.ts';
import { Secret } from './secret.ts';

export type OutputFile = {
  /** Relative to the directory. */
  readonly path: string;
  readonly mode: number;
  readonly content: Secret;
};

type Expansion = NonNullable<ConfigObject['expansions']>[number];

/** Setuid, setgid and sticky bits are accepted and dropped, as ASCP does. */
const MODE_BITS = 0o777;

type Output = {
  readonly files: OutputFile[];
  readonly expanded: Map<string, Secret>;
  readonly named: Map<string, Secret>;
  readonly failures: Failure[];
};

/** The files to write. Objects without a value are left out: their failure is known already. */
export function render(
  config: InjectorConfig,
  values: ReadonlyMap<string, Secret>,
): { files: OutputFile[]; failures: Failure[] } {
  const output: Output = { files: [], expanded: new Map(), named: new Map(), failures: [] };
  for (const object of config.objects) {
    const value = values.get(sourceKey(object));
    if (value !== undefined) renderObject(object, value, output);
  }
  const { files, failures } = output;
  if (config.envFile !== undefined) {
    const { path, format, mode } = config.envFile;
    const encoded = encodeEnvFile(format, inOrder(output));
    failures.push(...encoded.failures);
    files.push({ path, mode: parseMode(mode), content: encoded.content });
  }
  return { files, failures };
}

function renderObject(object: ConfigObject, value: Secret, output: Output): void {
  for (const { path, mode, jmesPath } of object.files ?? []) {
    const content = take({ value, object, jmesPath, alias: path }, output.failures);
    if (content !== undefined) output.files.push({ path, mode: parseMode(mode), content });
  }
  for (const { name, jmesPath } of object.variables ?? []) {
    const content = take({ value, object, jmesPath, alias: name }, output.failures);
    if (content !== undefined) output.named.set(name, content);
  }
  for (const expansion of object.expansions ?? []) {
    const result = expand(value, expansion, object.name);
    output.failures.push(...result.failures);
    for (const [name, content] of result.variables) output.expanded.set(name, content);
  }
}

/** A variable of its own wins over one that an expansion brings, as `env` over `envFrom`. */
function inOrder({ expanded, named }: Output): Variable[] {
  return [...new Map([...expanded, ...named])].map(([name, value]) => ({ name, value }));
}

function parseMode(mode: string): number {
  return Number.parseInt(mode, 8) & MODE_BITS;
}

type Wanted = {
  readonly value: Secret;
  readonly object: ConfigObject;
  readonly jmesPath: string | undefined;
  readonly alias: string;
};

function take({ value, object, jmesPath, alias }: Wanted, failures: Failure[]): Secret | undefined {
  if (jmesPath === undefined) return value;
  const result = textAt(value.reveal(), jmesPath, { object: object.name, alias });
  if (result.ok) return new Secret(result.text);
  const { ok: _, ...problem } = result;
  failures.push({ subject: object.name, ...problem, headline: `${object.name}: ${problem.headline}` });
  return undefined;
}

/** Each key of the object a variable, as External Secrets does: key conversion `Default`, then the prefix. */
function expand(
  value: Secret,
  { prefix, jmesPath }: Expansion,
  object: string,
): { variables: Map<string, Secret>; failures: Failure[] } {
  const variables = new Map<string, Secret>();
  const entries = entriesAt(value.reveal(), jmesPath);
  if (entries === undefined) {
    const at = jmesPath === undefined ? '' : ` at ${jmesPath}`;
    const headline = `${object}: env-from needs a JSON object${at}.`;
    return { variables, failures: [{ code: 'ASI_OUT_EXPANSION', subject: object, headline }] };
  }
  const failures: Failure[] = [];
  for (const [key, node] of entries) {
    const name = convertKey(key);
    if (name === '') continue;
    if (variables.has(prefix + name)) {
      const headline = `${object}: secret name collision during conversion: ${JSON.stringify(key)}.`;
      const cause = `Another key becomes ${JSON.stringify(prefix + name)} too.`;
      failures.push({ code: 'ASI_OUT_KEY_COLLISION', subject: object, headline, cause });
    }
    variables.set(prefix + name, new Secret(textOf(node)));
  }
  return { variables, failures };
}

/** Every character that is no letter, number, `-`, `.` or `_` becomes `_`. */
function convertKey(key: string): string {
  return key.replace(/[^\p{L}\p{N}._-]/gu, '_');
}

/** Text as it is, null as nothing, all else in the source's own words. */
function textOf(node: JsonNode): string {
  if (node.kind === 'string') return node.text;
  return node.kind === 'null' ? '' : node.source;
}
