/** The cases as the page injector/conformance.md. Pure. */
import { type Case, type Expected, expectedOf } from './case.ts';

const INTRO = `# Conformance with ASCP

What a declaration for the Secrets Store CSI driver (1.6.0) with the AWS provider (ASCP, 3.1.1) does there, and what the same
declaration does here: in a SecretProviderClass that a pod's CSI volume names, in us-west-2, where nothing else is said.

\`npm run docs\` writes this page from \`test/fixtures/conformance/\`, a file for each case. \`npm test\` lives through each of them
with the real code: the webhook admits the pod and takes its volume over, the injector obeys the configuration that it finds in
the pod, and an in-memory AWS answers. A new case is a new file there; \`CASE=38 npx tap test/conformance/conformance.test.ts\` runs one.

A text in quotes is the beginning of the message. ASCP's is what its code says; where a request to AWS fails, its users often see
a general sentence instead, and the cause stays in its log (cases 95, 96). Here what is wrong with a declaration is refused when
the pod is created, all of it at once, after the name of the volume and its class; what AWS says of it is in the init container's
termination message: ASCP's words, then the cause and the fix. Nothing is written in either case. A file has mode 0644 where none
is given.

`;

/** The last case of each section. */
const SECTIONS: readonly (readonly [number, string])[] = [
  [37, 'Objects'],
  [54, 'The same twice'],
  [72, 'Names and paths'],
  [95, 'Values and their parts'],
  [119, 'Errors and fail-over'],
  [134, 'Identity and region'],
  [140, 'Changes while the pod runs'],
  [165, 'Class and volume'],
  [170, 'Beside the EKS identity webhook'],
];

/** The page's Markdown. */
export function pageOf(cases: readonly Case[]): string {
  const sections = SECTIONS.map(([last, title], index) => {
    const after = SECTIONS[index - 1]?.[0] ?? 0;
    const own = cases.filter((one) => numberOf(one) > after && numberOf(one) <= last);
    const rows = own.map((one) => row(cellsOf(one)));
    return `## ${title}\n\n${[row(['#', 'case', 'input', 'ASCP', 'here']), row(Array(5).fill('---')), ...rows].join('\n')}\n`;
  });
  return `${INTRO}${summary(cases)}\n\n${sections.join('\n')}`;
}

function numberOf({ case: number }: Case): number {
  return Number.parseInt(number, 10);
}

function summary(cases: readonly Case[]): string {
  const idle = cases.filter((one) => one.notApplicable !== undefined).length;
  const differing = cases.filter((one) => one.why !== undefined).length;
  const same = cases.length - idle - differing;
  return `Of ${cases.length} rows ${same} are the same, ${differing} differ on purpose, ${idle} have nothing to apply to.`;
}

function cellsOf(one: Case): string[] {
  return [one.case, one.title, inputOf(one), resultOf(one.ascp), here(one)];
}

function here(one: Case): string {
  if (one.notApplicable !== undefined) return `does not apply: ${one.notApplicable}`;
  if (one.why === undefined) return 'same';
  return `**different:** ${resultOf(expectedOf(one))}. ${one.why}`;
}

function inputOf({ input, state, objects, parameters, annotations }: Case): string {
  const settings = Object.entries(parameters ?? {}).map(([name, value]) => code(`${name}: ${JSON.stringify(value)}`));
  const own = Object.entries(annotations ?? {}).map(([name, value]) => `annotation ${name}: ${code(value)}`);
  const declared = [...(objects === undefined ? [] : [code(objects)]), ...settings];
  return [...(input ? [input] : own.length > 0 ? own : declared), ...(state ? [state] : [])].join('<br>');
}

function resultOf({ error, files, says }: Pick<Expected, 'error' | 'files' | 'says'>): string {
  const written = Object.entries(files ?? {}).map(([path, file]) => {
    const { content, base64, mode } = typeof file === 'string' ? { content: file, mode: '0644' } : { ...file };
    const value = content === undefined ? `${Buffer.from(base64 ?? '', 'base64').length} bytes` : quoted(content);
    return `${code(path)}: ${value}${mode === '0644' ? '' : `, mode ${mode}`}`;
  });
  const parts = [
    error === undefined ? [] : [`“${code(error.trim())}”`],
    written.length > 0 ? [written.join('; ')] : [],
  ];
  return [...parts.flat(), ...(says === undefined ? [] : [says])].join('; ');
}

function quoted(content: string): string {
  return content === '' ? 'empty' : code(content);
}

/** A code span for each line. */
function code(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``))
    .join('<br>');
}

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('\uFEFF', '');
