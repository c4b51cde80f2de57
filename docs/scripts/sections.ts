/** Writes the generated parts of the reference pages from the catalogues in the code. */
import { MISTAKES } from '../../cli/lint/findings.ts';
import { FAILURES } from '../../injector/errors.ts';
import { readCases } from '../../test/conformance/support/case.ts';
import { readCases as externalCases } from '../../test/webhook/external-secrets/support/cases.ts';
import { SKIPS } from '../../webhook/admission/skip.ts';
import { ANNOTATIONS } from '../../webhook/declare/annotation-table.ts';
import { PREFIX } from '../../webhook/declare/annotations.ts';
import { REFUSALS, statusOf } from '../../webhook/errors.ts';
import { renderCommands } from './commands.ts';
import { renderConformance } from './conformance.ts';
import { renderExternalSecrets } from './external-secrets.ts';
import { renderLimits } from './limits.ts';
import { code, table } from './markdown.ts';
import { metrics } from './metrics.ts';

/** Returns the Markdown of each part by its name. */
export function renderReferences(): Record<string, string> {
  return {
    annotations: annotations(),
    'admission errors': errors(REFUSALS, (_, name) => `HTTP status ${statusOf(name)}`),
    'injector errors': errors(FAILURES, ({ exitCode }) => `Exit code ${exitCode}`),
    'mistakes in files': errors(MISTAKES, () => 'Found by `lint`'),
    'skip reasons': table(
      ['reason', 'meaning'],
      Object.entries(SKIPS).map(([reason, meaning]) => [code(reason), meaning]),
    ),
    metrics: metrics(),
    ...renderCommands(),
    ...renderLimits(),
    ...renderConformance(readCases()),
    ...renderExternalSecrets(externalCases()),
  };
}

function annotations(): string {
  return table(
    [`${code(PREFIX)}…`, 'value', 'default', 'meaning'],
    Object.entries(ANNOTATIONS).map(([name, row]) => [
      `[${code(name)}](#${name})`,
      row.value,
      'fallback' in row ? code(row.fallback) : row.default,
      row.meaning,
    ]),
  );
}

type Entry = { readonly cause: string; readonly fix: string };

/** A heading for each code, so that a link can name it. */
function errors<Code extends string, E extends Entry>(
  catalogue: Readonly<Record<Code, E>>,
  kind: (entry: E, name: Code) => string,
): string {
  return (Object.entries(catalogue) as [Code, E][])
    .map(([name, entry]) => `### ${name}\n\n${kind(entry, name)}. ${entry.cause}\n\n**What to do:** ${entry.fix}`)
    .join('\n\n');
}
