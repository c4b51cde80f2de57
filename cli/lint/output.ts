/** Writes what `lint` found: as text, as JSON, as SARIF, or as commands that GitHub shows beside the lines of a pull request. */
import type { Format } from '../formats.ts';
import type { Finding } from './findings.ts';
import type { Linted } from './lint.ts';
import { asSarif } from './sarif.ts';

const RED = 31;
const YELLOW = 33;

/** Returns one finding as the format writes it, with its line break. JSON and SARIF are written at the end, by {@link summary}. */
export function line(finding: Finding, format: Format<'lint'>, colors: boolean): string {
  if (format === 'json' || format === 'sarif') return '';
  return format === 'github' ? asCommand(finding) : asText(finding, colors);
}

/** Returns the end of the output: everything in JSON and SARIF; in a text how much was checked, and what could not be. */
export function summary({ findings, unknown, templates }: Linted, format: Format<'lint'>): string {
  if (format === 'json') return `${JSON.stringify({ findings, unknown, templates }, undefined, 2)}\n`;
  if (format === 'sarif') return `${JSON.stringify(asSarif(findings, unknown), undefined, 2)}\n`;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const found =
    findings.length === 0
      ? 'nothing wrong'
      : `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}`;
  const notes = unknown.map((sentence) =>
    format === 'github' ? `::notice::${escapeData(sentence)}\n` : `Note: ${sentence}\n`,
  );
  if (templates === 0 && findings.length === 0)
    return `${notes.join('')}No pod and no pod template is there to check.\n`;
  return `${notes.join('')}${count(templates, 'pod template')} checked: ${found}.\n`;
}

function asText({ file, line, column, severity, code, message, object }: Finding, colors: boolean): string {
  const word = colors ? `\u001b[${severity === 'error' ? RED : YELLOW}m${severity}\u001b[0m` : severity;
  const about = object === undefined ? '' : `${object}: `;
  return `${file}:${line}:${column}: ${word}: ${about}${message}${code === undefined ? '' : ` [${code}]`}\n`;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function asCommand({ file, line, column, severity, code = 'warning', message }: Finding): string {
  const properties = { file, line, col: column, title: code };
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${severity} ${list.join(',')}::${escapeData(message)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
