/** Writes explanations: as text for one screen, or as JSON or YAML. */

import { stringify } from 'yaml';
import type { Format } from '../formats.ts';
import type { Access } from './access.ts';
import type { Condition } from './conditions.ts';
import type { Explanation } from './explanation.ts';
import type { Result } from './results.ts';
import type { ContainerState, EventLine } from './state.ts';

const MARKS = { holds: 'yes', fails: 'NO', unknown: '?' } as const;

/** Returns the output for all explanations. */
export function write(explanations: readonly Explanation[], format: Format<'explain'>): string {
  if (format === 'json') return `${JSON.stringify({ pods: explanations }, undefined, 2)}\n`;
  if (format === 'yaml') return stringify({ pods: explanations }, { aliasDuplicateObjects: false });
  return explanations.map(asText).join('\n');
}

function asText(explanation: Explanation): string {
  const { object, summary, declared, results, access, conditions, refusals, warnings } = explanation;
  const { containers, events, unknown } = explanation;
  return [
    `${object}\n  ${summary}\n`,
    section('Declared', table(declared.map(({ annotation, value = '' }) => [annotation, value]))),
    section('What becomes of it', table(results.map(resultRow))),
    section('Way to AWS', access ? table(accessRows(access)) : []),
    section('What lets a pod be injected', conditions.flatMap(conditionLines)),
    section(
      'What the webhook refuses',
      refusals.map(({ code, message }) => `${message} [${code}]`),
    ),
    section('Warnings', warnings),
    section('Containers', containers.flatMap(stateLines)),
    section('Events', table(events.map(eventRow))),
    section('Not known', unknown),
  ].join('');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Returns the rows with their cells in columns. The last column is as wide as it is. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function resultRow({ from, kind, name, mode, delivery, envFile, containers, optional }: Result): string[] {
  const details = [
    ...(mode === undefined ? [] : [mode]),
    ...(envFile === undefined ? [] : [`in ${envFile}`]),
    ...(delivery === undefined || delivery === 'file' ? [] : [`set by the ${delivery}`]),
    ...(optional ? ['optional'] : []),
  ];
  const seen = containers.length > 0 ? `in ${containers.join(', ')}` : 'in no container';
  return [from.join(' + '), `${kind} ${name}${inBrackets(details)}`, seen];
}

function inBrackets(details: readonly string[]): string {
  return details.length > 0 ? ` (${details.join(', ')})` : '';
}

function accessRows(access: Access): string[][] {
  const { identity, role, audience, assumedRoles = [], region, failoverRegions, agent, proxy } = access;
  const own =
    identity === 'web-identity'
      ? `${role ?? 'not known'}${audience === undefined ? '' : `, by a token for ${audience}`}`
      : 'that of the EKS Pod Identity association';
  return [
    ['ServiceAccount', access.serviceAccount],
    ['role', own],
    ...assumedRoles.map((role) => ['then the role', role]),
    ['region', [region, ...failoverRegions].join(', then ')],
    ...(agent === undefined ? [] : [['agent', agent.join(', then ')]]),
    ...endpointLines(access).map((line, index) => [index === 0 ? 'endpoints' : '', line]),
    ...(proxy === undefined ? [] : [['proxy', proxy]]),
  ];
}

/** Returns a line for all services that are asked at the same place. */
function endpointLines({ endpoints }: Access): string[] {
  const places = endpoints.map(({ service, region, url, variant }) => ({
    service,
    place: url ?? `AWS's own ${variant === undefined ? '' : `${variant} `}endpoints in ${region}`,
  }));
  const byPlace = Map.groupBy(places, ({ place }) => place);
  return [...byPlace].map(([place, group]) => `${group.map(({ service }) => service).join(', ')}: ${place}`);
}

function conditionLines({ name, result, why, fix }: Condition): string[] {
  const mark = MARKS[result].padEnd(3);
  return [`${mark} ${name}: ${why}`, ...(fix === undefined || result === 'holds' ? [] : [`    To change it: ${fix}`])];
}

function stateLines({ name, state, reason, exitCode, restarts, messages }: ContainerState): string[] {
  const details = [
    ...(reason === undefined ? [] : [reason]),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...(restarts > 0 ? [`restarts: ${restarts}`] : []),
  ];
  return [`${name}: ${state}${inBrackets(details)}`, ...messages.map((one) => `  ${one}`)];
}

function eventRow({ time, type, reason, message, count }: EventLine): string[] {
  return [time, type, reason, count > 1 ? `${message} (${count} times)` : message];
}
