/** Injects the pods in a text, as the webhook would, and changes nothing else in the text. */
import type { Operation } from 'fast-json-patch';
import { type Examined, examine } from '../admission/examine.ts';
import { UNKNOWN_REGION, UNKNOWN_ROLE, type World } from '../admission/world.ts';
import { describeObject, findIn, type Template } from '../manifests/find.ts';
import { type Manifest, nodeAt, parseManifests } from '../manifests/parse.ts';
import { edit } from './edit.ts';
import { EditError } from './place.ts';
import { styleOf } from './write.ts';

export type Injected = {
  readonly text: string;
  /** Why pods were not injected, a sentence each. The text is not to be used then. */
  readonly problems: readonly string[];
  /** Says what else the result depends on, and is not known. */
  readonly unknown: readonly string[];
};

/** Returns the text of a file with its pods injected. */
export async function injectText(file: string, text: string, world: World): Promise<Injected> {
  const { manifests, problems } = parseManifests(file, text);
  const wrong = problems.map(({ line, column, message }) => `${file}:${line}:${column}: This is not YAML: ${message}`);
  const unknown: string[] = [];
  let [result, done] = ['', 0];
  for (const manifest of manifests) {
    const end = manifest.document.range[2];
    const injected = await injectDocument(manifest, text.slice(done, end), world);
    result += injected.text;
    wrong.push(...injected.problems);
    unknown.push(...injected.unknown);
    done = end;
  }
  return { text: result + text.slice(done), problems: wrong, unknown };
}

async function injectDocument(manifest: Manifest, text: string, world: World): Promise<Injected> {
  let result = text;
  const problems: string[] = [];
  const unknown: string[] = [];
  for (const template of findIn([manifest]).templates) {
    const examined = await examine(template, world);
    const about = `${manifest.file}: ${describeObject(template.owner, world.namespace)}`;
    const [stopped, noted] = questions(examined);
    problems.push(...stopped.map((sentence) => `${about}: ${sentence}`));
    unknown.push(...noted);
    if (!examined.ok || stopped.length > 0 || !examined.injection) continue;
    try {
      result = injectTemplate(result, template, examined.injection.patch);
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
      problems.push(`${about}: The text can not be changed in place: ${error.message}.`);
    }
  }
  return { text: result, problems, unknown };
}

/** A template without metadata has a CSI volume, and the webhook adds an annotation to it. */
function injectTemplate(text: string, { path, owner }: Template, patch: readonly Operation[]): string {
  const hasMetadata = nodeAt(owner.manifest, [...path, 'metadata']) !== undefined;
  const before: Operation[] = hasMetadata ? [] : [{ op: 'add', path: '/metadata', value: {} }];
  return edit(text, path, [...before, ...patch], styleOf(text));
}

/** Returns what stops the injection, and what only has to be said. */
function questions(examined: Examined): readonly [stopped: string[], noted: readonly string[]] {
  if (!examined.ok) return [[], []];
  const { refusals, injection, unknown, answer } = examined;
  const stopped = refusals.map(({ code, message }) => `${message} [${code}]`);
  const { identity, region } = injection?.config ?? {};
  if (identity?.kind === 'web-identity' && identity.roleArn === UNKNOWN_ROLE) {
    stopped.push(
      'The role of its ServiceAccount is not known: name one file of the ServiceAccount by --with, and no other.',
    );
  }
  if (region === UNKNOWN_REGION) stopped.push('The region is not known: say it by --region.');
  if (answer.outcome === 'denied' && stopped.length === 0) stopped.push(...unknown);
  return [stopped, unknown];
}
