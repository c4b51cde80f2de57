/** Writes what became of each object: as text for people, or as JSON. */
import type { Role } from '../iam-policy/roles.ts';
import type { Entry, Migration } from './migrate.ts';

const HEADLINES: Record<Entry['outcome'], string> = {
  migrated: 'is migrated.',
  stays: 'stays as it is.',
  needed: 'is still needed.',
  'not-needed': 'is not needed by anything in these files: delete it when the new pods run.',
};

/** Returns the report as text. */
export function asText({ entries, problems, unknown }: Migration, roles: readonly Role[]): string {
  const lines = [
    ...problems,
    ...entries.flatMap(({ file, object, outcome, reasons, notes }) => [
      `${file}: ${object} ${HEADLINES[outcome]}`,
      ...reasons.map((reason) => `  ${reason}`),
      ...notes.map((note) => `  Note: ${note}`),
    ]),
    ...partly(entries),
    ...unknown.map((sentence) => `Note: ${sentence}`),
    ...roles.flatMap(({ role, policy }) => [
      `The ${role.startsWith('arn:') ? `role ${role}` : role} needs:`,
      ...policy.Statement.map(({ Action, Resource }) => `  ${Action.join(', ')} on ${Resource.join(', ')}`),
    ]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Returns the report as JSON, with the roles as `iam-policy` prints them. */
export function asJson({ entries, problems, unknown }: Migration, roles: readonly Role[]): string {
  return `${JSON.stringify({ objects: entries, problems, unknown, roles }, undefined, 2)}\n`;
}

/** Returns whether everything was migrated, and nothing is left to be done by hand. */
export function isWhole({ entries, problems }: Migration): boolean {
  return problems.length === 0 && entries.every(({ outcome }) => outcome === 'migrated' || outcome === 'not-needed');
}

/** Names the files of which some documents were migrated and others were not. */
function partly(entries: readonly Entry[]): string[] {
  const byFile = Map.groupBy(entries, ({ file }) => file);
  return [...byFile].flatMap(([file, own]) => {
    const outcomes = new Set(own.map(({ outcome }) => outcome));
    return outcomes.has('migrated') && outcomes.has('stays')
      ? [`${file} is migrated in part: see what stays above.`]
      : [];
  });
}
