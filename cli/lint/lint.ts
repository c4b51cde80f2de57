/** Checks the pods in files as the webhook would, and looks for mistakes that no admission can see. */
import { isMembers } from '../../injector/contract/members.ts';
import { declares, isOurs } from '../../webhook/declare/annotations.ts';
import { examine } from '../admission/examine.ts';
import { annotationsOf, type World } from '../admission/world.ts';
import { describeObject, type Found, type Template } from '../manifests/find.ts';
import type { SyntaxProblem } from '../manifests/parse.ts';
import { type Finding, mistakeMessage } from './findings.ts';
import { locate, locateKey } from './locate.ts';
import { findMisplaced } from './misplaced.ts';

export type Linted = {
  readonly findings: readonly Finding[];
  /** Says what could not be checked, a sentence each. */
  readonly unknown: readonly string[];
  /** The number of pods and pod templates. */
  readonly templates: number;
};

/** Checks everything that was found in files. */
export async function lint({ templates, described }: Found, world: World): Promise<Linted> {
  const findings = described.flatMap((part) => findMisplaced(part, world.namespace));
  const unknown: string[] = [];
  for (const template of templates) {
    const checked = await lintTemplate(template, world);
    findings.push(...checked.findings);
    unknown.push(...checked.unknown);
  }
  return { findings, unknown, templates: templates.length };
}

/** Returns the finding for a text that is not YAML. */
export function syntaxFinding({ file, number, line, column, message }: SyntaxProblem): Finding {
  return {
    file,
    document: number,
    line,
    column,
    severity: 'error',
    code: 'ASI_LINT_NOT_YAML',
    message: mistakeMessage('ASI_LINT_NOT_YAML', `This is not YAML: ${message.replace(/\.?$/, '.')}`),
  };
}

async function lintTemplate(template: Template, world: World): Promise<Pick<Linted, 'findings' | 'unknown'>> {
  const notText = findNotText(template, world.namespace);
  if (notText.length > 0) return { findings: notText, unknown: [] };
  const examined = await examine(template, world);
  const about = aboutOf(template, world);
  const at = (message: string) => ({ ...about, ...locate(template, message), message });
  if (!examined.ok) {
    const message = mistakeMessage('ASI_LINT_NOT_A_POD', `This is no pod: ${examined.problem}.`);
    const finding: Finding = { ...at(message), severity: 'error', code: 'ASI_LINT_NOT_A_POD' };
    return { findings: declares(annotationsOf({ value: template })) ? [finding] : [], unknown: [] };
  }
  const { answer, refusals, unknown } = examined;
  const warnings = answer.review.response.warnings ?? [];
  return {
    findings: [
      ...refusals.map(({ code, message }): Finding => ({ ...at(message), severity: 'error', code })),
      ...warnings.map((message): Finding => ({ ...at(message), severity: 'warning' })),
    ],
    unknown,
  };
}

/** The API server refuses an object with such an annotation, so that the webhook never sees it. */
function findNotText(template: Template, namespace: string): Finding[] {
  const { owner, path, metadata } = template;
  const { annotations } = metadata;
  if (!isMembers(annotations)) return [];
  const wrong = Object.entries(annotations).filter(([key, value]) => isOurs(key) && typeof value !== 'string');
  return wrong.map(([key]) => ({
    file: owner.manifest.file,
    document: owner.manifest.number,
    ...locateKey(owner.manifest, [...path, 'metadata', 'annotations'], key),
    severity: 'error',
    code: 'ASI_LINT_NOT_TEXT',
    message: mistakeMessage('ASI_LINT_NOT_TEXT', `The value of ${key} is no text.`),
    object: describeObject(owner, namespace),
  }));
}

function aboutOf({ owner }: Template, { namespace }: World) {
  return { file: owner.manifest.file, document: owner.manifest.number, object: describeObject(owner, namespace) };
}
