/**
 * Writes findings in SARIF, which code scanning of GitHub and GitLab and many editors show.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import manifest from '../../package.json' with { type: 'json' };
import { REFUSALS } from '../../webhook/errors.ts';
import { type Finding, MISTAKES } from './findings.ts';

/** The rule of findings that have no code. */
const WARNING = 'warning';

const RULES: Readonly<Record<string, { readonly cause: string; readonly fix: string }>> = { ...REFUSALS, ...MISTAKES };

/** Returns a log with one run. What could not be checked is a notification of the tool. */
export function asSarif(findings: readonly Finding[], unknown: readonly string[]): object {
  const codes = [...new Set(findings.map(({ code = WARNING }) => code))];
  const toolExecutionNotifications = unknown.map((text) => ({ level: 'note', message: { text } }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: manifest.name, version: manifest.version, rules: codes.map(ruleOf) } },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications }],
        results: findings.map(resultOf),
      },
    ],
  };
}

function ruleOf(id: string): object {
  const rule = RULES[id];
  return rule === undefined ? { id } : { id, shortDescription: { text: rule.cause }, help: { text: rule.fix } };
}

function resultOf({ file, line, column, severity, code = WARNING, message, object }: Finding): object {
  return {
    ruleId: code,
    level: severity,
    message: { text: object === undefined ? message : `${object}: ${message}` },
    locations: [
      {
        physicalLocation: {
          // A path may have characters that a URI may not.
          artifactLocation: { uri: encodeURI(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}
