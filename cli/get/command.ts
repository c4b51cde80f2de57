/** Runs `get`: asks AWS for what a reference names, and prints its name and version, or its value. */
import * as v from 'valibot';
import { InjectorConfig } from '../../injector/contract/config.ts';
import { parseJson } from '../../injector/contract/json.ts';
import { sourceKey } from '../../injector/contract/source.ts';
import type { Secret } from '../../injector/secret.ts';
import { startBudget } from '../../webhook/declare/budget.ts';
import { asText, parsePath, parseReference, type Reference } from '../../webhook/declare/references/reference.ts';
import { defaultRegion, findDeveloper, NO_REGION } from '../aws/developer.ts';
import { type Resolved, resolve } from '../aws/resolve.ts';
import type { Format } from '../formats.ts';
import { EXIT, type Run, UsageError } from '../shell.ts';
import { type Found, write } from './output.ts';

export type GetOptions = {
  /** One reference. */
  readonly arguments: readonly string[];
  readonly region?: string;
  readonly output: Format<'get'>;
  readonly reveal?: boolean;
};

/** Is one object or a part of one, or all parameters below a path. */
type Question =
  | { readonly kind: 'one'; readonly reference: Reference }
  | { readonly kind: 'path'; readonly path: string };

/** Exits with 1, and prints nothing, if AWS does not give what the reference names. */
export const run: Run<GetOptions> = async ({ arguments: [text = ''], region: wanted, output, reveal }, shell) => {
  const question = read(text);
  if (reveal && question.kind === 'path') {
    throw new UsageError(`${text} names all parameters below a path: --reveal prints the value of one reference.`);
  }
  const region = wanted ?? regionIn(question) ?? (await defaultRegion());
  if (region === undefined) throw new UsageError(NO_REGION);
  const developer = await findDeveloper(region);
  try {
    const resolved = await resolve(configOf(question, region), developer, (line) => shell.err(`Note: ${line}\n`));
    if (!resolved.ok) {
      for (const problem of resolved.problems) shell.err(`${problem}\n`);
      return EXIT.findings;
    }
    shell.out(reveal ? valueIn(resolved) : write(foundIn(question, resolved, region), output));
    return EXIT.fine;
  } finally {
    developer.close();
  }
};

function read(text: string): Question {
  const path = parsePath(text);
  if (path?.ok) return { kind: 'path', path: path.value };
  const parsed = path ?? parseReference(text, undefined, startBudget());
  if (parsed.ok) return { kind: 'one', reference: asText(parsed.value) };
  throw new UsageError(`The reference ${text} ${parsed.problem}.`);
}

/** An ARN has its own region. */
function regionIn(question: Question): string | undefined {
  if (question.kind === 'path') return undefined;
  const { name } = question.reference.source;
  return name.startsWith('arn:') ? name.split(':')[3] : undefined;
}

/** Returns the configuration of an injector that writes what is asked for, and nothing else. */
function configOf(question: Question, region: string): InjectorConfig {
  const identity = { kind: 'web-identity', roleArn: 'arn:' };
  const base = { version: 1, namespace: 'default', region, identity };
  if (question.kind === 'path') {
    const folders = [{ path: '', slash: '/' }];
    return v.parse(InjectorConfig, {
      ...base,
      objects: [],
      searches: [{ service: 'ssm', path: question.path, folders }],
    });
  }
  const { source, ...part } = question.reference;
  return v.parse(InjectorConfig, { ...base, objects: [{ ...source, files: [{ path: 'value', ...part }] }] });
}

type Given = Extract<Resolved, { readonly ok: true }>;

function valueIn({ rendered }: Given): Uint8Array {
  return rendered.files[0]?.content.reveal() ?? new Uint8Array();
}

function foundIn(question: Question, { fetched, rendered }: Given, region: string): Found[] {
  if (question.kind === 'path') {
    const entries = [...(fetched.found.get(0) ?? [])];
    const top = question.path.replace(/\/$/, '');
    return entries.map(([key, value]) => describe({ name: `${top}/${key}`, service: 'ssm' }, value, value, region));
  }
  const { source } = question.reference;
  const [file] = rendered.files;
  const value = fetched.values.get(sourceKey(source));
  return file && value ? [describe(source, value, file.content, region)] : [];
}

/** `whole` has the version, and `part` is what the reference names of it. */
function describe(
  { name, service }: Pick<Found, 'name' | 'service'>,
  whole: Secret,
  part: Secret,
  asked: string,
): Found {
  const { region = asked, version = 'unknown' } = whole.origin ?? {};
  const json = parseJson(part.reveal());
  const keys = json?.kind === 'object' ? [...json.entries.keys()] : undefined;
  return { name, service, region, version, bytes: part.length, ...(keys && { keys }) };
}
