/** Writes the generated part of docs/external-secrets.md from the cases in test/fixtures/external-secrets. It is pure. */
import { stringify } from 'yaml';
import type { Case } from '../../test/webhook/external-secrets/support/cases.ts';
import { code, table } from './markdown.ts';

/** Returns the Markdown of each part by its name. */
export function renderExternalSecrets(cases: readonly Case[]): Record<string, string> {
  const differing = cases.filter(({ why }) => why !== undefined);
  const same = cases.filter((one) => !differing.includes(one));
  return {
    'external secrets in numbers': `Of ${cases.length} cases ${same.length} have the same result, and ${differing.length} differ on purpose.`,
    'external secrets, differences': table(
      ['case', 'External Secrets', 'here', 'why'],
      differing.map((one) => [titleOf(one), resultOf(one.operator), resultOf(one.here), one.why ?? '']),
    ),
    'external secrets, same': table(
      ['case', 'keys of the Secret, and files of the pod'],
      same.map((one) => [titleOf(one), resultOf(one.operator)]),
    ),
  };
}

function titleOf({ title, store, spec }: Case): string {
  const flow = (value: object) => code(stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim());
  return [title, ...(Object.keys(store).length > 0 ? [`store: ${flow(store)}`] : []), flow(spec)].join('<br>');
}

function resultOf(result: Case['operator'] | Case['here']): string {
  if (result === undefined) return '';
  if ('error' in result) return `"${result.error}"`;
  if ('refused' in result) return `refused: "…${result.refused}…"`;
  if ('fails' in result) return `the init container fails: "…${result.fails}…"`;
  const keys = Object.entries(result.keys).map(
    ([key, value]) => `${code(key)}: ${value === '' ? 'empty' : code(value)}`,
  );
  return keys.join('<br>') || 'no keys';
}
