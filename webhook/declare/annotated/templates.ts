/** The annotation `templates`: a map from paths in the mount to texts with references in them. */
import { refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import type { Reading, TemplateOutput } from '../outputs.ts';
import { filePathProblem } from '../paths.ts';
import { err } from '../result.ts';
import type { Scope } from '../scope.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { type ReadValue, readText } from '../yaml/text-map.ts';
import { readPairs } from './files.ts';
import { parseTemplate } from './template.ts';

const TEXT = { thing: 'text', example: '"user={{ app1/db#username }}" in quotes, or its lines after |' };

/** Reads the text of `templates`. */
export function parseTemplates(text: string, scope: Scope, budget: Budget): Reading {
  const { pairs, refusals } = readPairs('templates', 'file', text, budget, readTemplate);
  const templates: TemplateOutput[] = [];
  for (const { key, value } of pairs) {
    if (refusals.length > MOST_REFUSALS) break;
    const problem = filePathProblem(key);
    if (problem !== undefined) {
      refusals.push(refusal('ASI_ADMIT_INVALID_FILE_NAME', `templates: "${echo(key)}" ${problem}`));
    }
    const parts = parseTemplate(value, scope);
    if (parts.ok) {
      templates.push({ annotation: 'templates', label: key, path: key, mode: scope.mode, parts: parts.value });
    } else {
      const message = `templates: ${echo(key)}: ${parts.problem}`;
      refusals.push(refusal('ASI_ADMIT_INVALID_TEMPLATE', message));
    }
  }
  return { outputs: [], templates, refusals };
}

const readTemplate: ReadValue<string> = (node) => {
  const text = readText(node, TEXT);
  return !text.ok || text.value.isWellFormed() ? text : err('is no Unicode text; correct it');
};
