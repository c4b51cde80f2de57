/** The generated parts of README.md, from the catalogues in the code. Pure. */
import { FAILURES } from '../../injector/errors.ts';
import { ANNOTATIONS, PREFIX } from '../../webhook/declare/annotations.ts';
import { REFUSALS } from '../../webhook/errors.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** Name of each section → its Markdown. The name stands in the README between `<!-- name: … -->` and `<!-- /name -->`. */
function sections(): Record<string, string> {
  return {
    annotations: table(
      [`\`${PREFIX}\`…`, 'value', 'default', 'meaning'],
      Object.entries(ANNOTATIONS).map(([name, { value, default: fallback, meaning }]) => [
        `\`${name}\``,
        value,
        fallback,
        meaning,
      ]),
    ),
    'admission errors': table(
      ['code', 'status', 'cause', 'fix'],
      Object.entries(REFUSALS).map(([code, { status, cause, fix }]) => [`\`${code}\``, `${status}`, cause, fix]),
    ),
    'injector errors': table(
      ['code', 'exit code', 'cause', 'fix'],
      Object.entries(FAILURES).map(([code, { exitCode, cause, fix }]) => [`\`${code}\``, `${exitCode}`, cause, fix]),
    ),
  };
}

/** The README with each generated section replaced. Throws where a section's markers are missing. */
export function withSections(readme: string): string {
  return Object.entries(sections()).reduce((text, [name, markdown]) => {
    const markers = new RegExp(`(<!-- ${name}: [^>]* -->\n)[^]*?(<!-- /${name} -->)`);
    if (!markers.test(text)) throw new Error(`README.md has no section "${name}"`);
    return text.replace(markers, (_all, open: string, close: string) => `${open}\n${markdown}\n\n${close}`);
  }, readme);
}
