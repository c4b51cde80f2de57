/** Writes the generated parts of docs/conformance.md from the cases in test/fixtures/conformance. It is pure. */
import { stringify } from 'yaml';
import { type Case, type Expected, expectedOf } from '../../test/conformance/support/case.ts';
import type { KubernetesSecrets } from '../../test/conformance/support/cluster.ts';
import { code, table } from './markdown.ts';

/** The number of the last case of each section. */
const SECTIONS: readonly (readonly [number, string])[] = [
  [37, 'Objects'],
  [54, 'The same object twice'],
  [72, 'Names and paths'],
  [95, 'Values and their parts'],
  [119, 'Errors and fail-over'],
  [134, 'Identity and region'],
  [140, 'Changes while the pod runs'],
  [147, 'Class and volume'],
  [165, 'Kubernetes Secrets that the pod makes'],
  [170, 'Beside the EKS identity webhook'],
  [177, "The injector's own syntax and synced Secrets"],
];

/** Returns the Markdown of each part by its name. */
export function renderConformance(cases: readonly Case[]): Record<string, string> {
  const idle = cases.filter(({ notApplicable }) => notApplicable !== undefined);
  const differing = cases.filter(({ why }) => why !== undefined);
  const same = cases.filter((one) => !idle.includes(one) && !differing.includes(one));
  return {
    'conformance in numbers': `Of ${cases.length} cases ${same.length} have the same result, ${differing.length} differ on purpose, and ${idle.length} do not apply.`,
    'conformance, differences': table(
      ['#', 'case', 'ASCP', 'here', 'why'],
      differing.map((one) => [
        one.case,
        titleOf(one),
        resultOf(one.ascp),
        resultOf(expectedOf(one)) || 'see why',
        one.why ?? '',
      ]),
    ),
    'conformance, does not apply': table(
      ['#', 'case', 'ASCP', 'why it does not apply'],
      idle.map((one) => [one.case, titleOf(one), resultOf(one.ascp), one.notApplicable ?? '']),
    ),
    'conformance, same': SECTIONS.map(([last, title], index) => {
      const after = SECTIONS[index - 1]?.[0] ?? 0;
      return details(
        title,
        same.filter((one) => numberOf(one) > after && numberOf(one) <= last),
      );
    }).join('\n\n'),
  };
}

function details(title: string, cases: readonly Case[]): string {
  const rows = cases.map((one) => [one.case, one.title, inputOf(one), resultOf(one.ascp)]);
  const cells = table(['#', 'case', 'input', 'result'], rows);
  return `<details>\n<summary>${title}: ${cases.length} cases</summary>\n\n${cells}\n\n</details>`;
}

function numberOf({ case: number }: Case): number {
  return Number.parseInt(number, 10);
}

/** The title, and what is declared. */
function titleOf(one: Case): string {
  const input = inputOf(one);
  return input === '' ? one.title : `${one.title}<br>${input}`;
}

function inputOf({ input, state, objects, parameters, annotations, secretObjects = [] }: Case): string {
  const settings = Object.entries(parameters ?? {}).map(([name, value]) => lines(`${name}: ${JSON.stringify(value)}`));
  const own = Object.entries(annotations ?? {}).map(([name, value]) => `annotation ${name}: ${lines(value)}`);
  const secrets = secretObjects.map((secret) => `secretObjects: ${code(flow(secret))}`);
  const declared = [...(objects === undefined ? [] : [lines(objects)]), ...settings, ...secrets];
  return [...(input ? [input] : own.length > 0 ? own : declared), ...(state ? [state] : [])].join('<br>');
}

function resultOf({ error, files, secrets, says }: Pick<Expected, 'error' | 'files' | 'secrets' | 'says'>): string {
  const written = Object.entries(files ?? {}).map(([path, file]) => {
    const { content, base64, mode } = typeof file === 'string' ? { content: file, mode: '0644' } : { ...file };
    const value = content === undefined ? `${Buffer.from(base64 ?? '', 'base64').length} bytes` : quoted(content);
    return `${lines(path)}: ${value}${mode === '0644' ? '' : `, mode ${mode}`}`;
  });
  const message = error === undefined ? [] : [`“${lines(error.trim())}”`];
  const results = written.length > 0 ? [written.join('; ')] : [];
  return [...message, ...results, ...secretsIn(secrets), ...(says === undefined ? [] : [says])].join('; ');
}

/** Returns a text for each Kubernetes Secret, with the members that the case is about. */
function secretsIn(secrets: KubernetesSecrets = {}): string[] {
  return Object.entries(secrets).map(([name, { type, data, labels, annotations, owners, immutable }]) => {
    const keys = Object.entries(data ?? {}).map(([key, text]) => `${code(key)}: ${quoted(text)}`);
    const members = [
      ...(type === undefined ? [] : [`of type ${code(type)}`]),
      ...(data === undefined ? [] : [`with ${keys.join(', ')}`]),
      ...(labels === undefined ? [] : [`labels ${code(flow(labels))}`]),
      ...(annotations === undefined ? [] : [`annotations ${code(flow(annotations))}`]),
      ...(owners === undefined ? [] : [`owned by ${owners.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`]),
      ...(immutable ? ['immutable'] : []),
    ];
    return `the Secret ${code(name)} ${members.join(', ')}`;
  });
}

function flow(value: object): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** Returns the content as code. Of PEM only the kinds of its blocks are named. */
function quoted(content: string): string {
  const blocks = [...content.matchAll(/-----BEGIN ([^-]+)-----/g)].map(([, kind = '']) => code(kind));
  if (blocks.length > 0) return `PEM of ${blocks.join(' and ')}`;
  return content === '' ? 'empty' : lines(content);
}

/** Returns a code span for each line. */
function lines(text: string): string {
  return text.trimEnd().split('\n').map(code).join('<br>');
}
