/** Pastes what a refusal tells to write, and looks whether the webhook then accepts it. test/fixtures/fixes/ has the mistakes. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { declare } from '../../../webhook/declare/declare.ts';
import { annotationsOf } from '../support/annotations.ts';
import { CONTEXT } from '../support/context.ts';
import { compareSaid } from '../support/said.ts';

type Case = {
  /** One annotation and its text. */
  readonly wrong: Readonly<Record<string, string>>;
  /** The text that the message asks for. */
  readonly fixes: readonly string[];
  /** The text of the annotation with FIX in place of what is pasted. */
  readonly fixed?: string;
};

const CASES = parse(readFileSync(new URL('../../fixtures/fixes/references.yaml', import.meta.url), 'utf8')) as Case[];

/** Maps each annotation to its text around one value, FIX. */
const AROUND: Readonly<Record<string, string>> = {
  files: 'x: FIX',
  env: 'X: FIX',
  'env-from': '- FIX',
  templates: 'x: FIX',
  objects: 'FIX',
};

function declared(annotation: string, text: string): { readonly ok: boolean; readonly messages: string[] } {
  const own = { [annotation]: text, ...(annotation === 'env-from' && { 'env-file': 'env' }) };
  const made = declare(annotationsOf(own), CONTEXT);
  return { ok: made.ok, messages: made.ok ? [] : made.refusals.map(({ message }) => message) };
}

/** Returns the texts that the message tells to write, each with the annotation that it is for. */
function fixesIn(message: string, annotation: string): { readonly annotation: string; readonly fix: string }[] {
  const [written = ''] = message.split(/[;:] write /).slice(-1);
  return written.split(', or ').map((choice) => {
    const [, fix = choice, where] =
      /^(.*?)(?: here| for the one secret of this name| in (?:the annotation )?(objects|templates|env-from))$/.exec(
        choice,
      ) ?? [];
    return { annotation: where ?? annotation, fix };
  });
}

t.test('what a refusal tells to write is what the table says, and is accepted', async (t) => {
  const said = CASES.flatMap(({ wrong, fixes, fixed }) => {
    const [[annotation = '', text = ''] = []] = Object.entries(wrong);
    const { messages } = declared(annotation, text);
    t.equal(messages.length, 1, `${text} is refused once: ${messages.join(' ')}`);
    const found = fixesIn(messages[0] ?? '', annotation);
    const shown =
      annotation === 'objects' ? found.flatMap(({ fix }) => fix.split(' and ')) : found.map(({ fix }) => fix);
    t.strictSame(shown, fixes, text);
    for (const { annotation: where, fix } of found) {
      const isHere = where === annotation;
      const around = (isHere ? fixed : undefined) ?? AROUND[where] ?? '';
      const pasted = where === 'objects' ? fix.replaceAll(' and ', '\n  ') : fix.replace(/^- /, '');
      const again = declared(
        where,
        around.replace('FIX', () => pasted),
      );
      t.strictSame(again.messages, [], `${text} → ${pasted}`);
    }
    return messages;
  });
  compareSaid(t, 'fixes/references', said);
});
