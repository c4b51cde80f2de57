/** Reads the annotation `env`: a map from variables to references or templates. */
import { isIdentifier, type KubeletProblem, kubeletProblem } from '../../../injector/contract/variables.ts';
import { type Refusal, refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { joinReadings, type Output, type Reading } from '../outputs.ts';
import { warnOfSlash } from '../references/meant.ts';
import { asText, parseReference } from '../references/reference.ts';
import { type ReferenceValue, referenceValue } from '../references/reference-value.ts';
import { err, ok, type Result } from '../result.ts';
import { type Scope, withFailover } from '../scope.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { readFields } from '../yaml/mapping.ts';
import { pasteable } from '../yaml/quote.ts';
import type { ReadValue } from '../yaml/text-map.ts';
import { isMapping, type Node } from '../yaml/tree.ts';
import { type Delivery, SHELL } from './delivery.ts';
import { readPairs, referenceRefusal } from './files.ts';
import { parseTemplate, readTemplate, warnOfSlashes } from './templates.ts';

type TemplateValue = { readonly template: string };
type Context = { readonly scope: Scope; readonly delivery: Delivery; readonly budget: Budget };

/** Reads the text of `env`. Each mistake becomes a refusal. If the kubelet delivers, it checks what the kubelet could not read. */
export function parseEnv(text: string, context: Context): Reading {
  const { pairs, refusals } = readPairs('env', 'variable', text, context.budget, readValueOf(context.budget));
  const readings: Reading[] = [{ outputs: [], refusals }];
  let count = refusals.length;
  for (const { key, value } of pairs) {
    if (count > MOST_REFUSALS) break;
    const reading = 'template' in value ? readTemplateOf(key, value, context) : readReferenceOf(key, value, context);
    const wrong = isIdentifier(key) ? [] : [wrongName(key)];
    readings.push({ outputs: [], refusals: wrong }, reading);
    count += wrong.length + reading.refusals.length;
  }
  return joinReadings(readings);
}

function wrongName(key: string): Refusal {
  const problem = `"${echo(key)}" is not a name of a variable; use letters, digits and "_", not a digit first`;
  return refusal('ASI_ADMIT_INVALID_VARIABLE', `env: ${problem}`);
}

function readValueOf(budget: Budget): ReadValue<ReferenceValue | TemplateValue> {
  const readReference = referenceValue(['template'], budget);
  return (node) => readValue(node, readReference);
}

function readValue(
  node: Node | null,
  readReference: ReadValue<ReferenceValue>,
): Result<ReferenceValue | TemplateValue> {
  const fields = isMapping(node) ? readFields(node) : undefined;
  if (!fields?.ok || !fields.value.has('template')) return readReference(node);
  const other = [...fields.value.keys()].find((key) => key !== 'template');
  if (other !== undefined)
    return err(`has "${echo(other)}" beside template, which stands alone; remove one of the two`);
  const text = readTemplate(fields.value.get('template') ?? null);
  return text.ok ? ok({ template: text.value }) : err(`has a problem with template: it ${text.problem}`);
}

/** Returns what to write for a text with placeholders in place of a reference, as the end of a sentence; undefined for any other. */
function meantTemplate(text: string, { scope, budget }: Context): string | undefined {
  // A lone placeholder is a reference in braces.
  const isText = text.includes('{{') && !/^\{\{[^{}]*\}\}$/.test(text);
  if (!isText || pasteable(text) === undefined || !parseTemplate(text, scope, budget).ok) return undefined;
  return `is a text with placeholders; write {template: ${JSON.stringify(text)}}`;
}

function readReferenceOf(key: string, { from, leniency, pick }: ReferenceValue, context: Context): Reading {
  const { scope, delivery, budget } = context;
  const refusals = undeliverable(key, 'default', [leniency.default ?? []].flat(), context);
  const variables = [{ name: key, optional: leniency.optional === true }];
  const warnings = warnOfSlash('env', from);
  const parsed = parseReference(from, scope.region, budget);
  if (!parsed.ok) {
    const wrong = referenceRefusal('env', key, from, meantTemplate(from, context) ?? parsed.problem);
    return { outputs: [], variables, warnings, refusals: [...refusals, wrong] };
  }
  const { source, ...part } = { ...asText(parsed.value), ...(pick && { pick }), ...leniency };
  const base = { annotation: 'env', label: key, source: withFailover(source, scope) };
  const outputs: Output[] = [];
  if (delivery.kind === 'kubelet') outputs.push({ ...base, kind: 'environment', part: { path: key, key, ...part } });
  if (delivery.kind !== 'kubelet' || delivery.envFile) {
    outputs.push({ ...base, kind: 'variables', part: { name: key, ...part } });
  }
  return { outputs, variables, warnings, refusals };
}

function readTemplateOf(key: string, { template }: TemplateValue, context: Context): Reading {
  const { scope, delivery, budget } = context;
  const variables = [{ name: key, optional: false }];
  const warnings = warnOfSlashes('env', template);
  const parts = parseTemplate(template, scope, budget);
  if (!parts.ok) {
    const wrong = refusal('ASI_ADMIT_INVALID_TEMPLATE', `env: ${echo(key)}: ${parts.problem}`);
    return { outputs: [], variables, warnings, refusals: [wrong] };
  }
  const texts = parts.value.length === 0 ? [''] : parts.value.filter((part) => typeof part === 'string');
  const kubelet = delivery.kind === 'kubelet' && { kubelet: true as const };
  return {
    outputs: [],
    templateVariables: [{ annotation: 'env', label: key, name: key, ...kubelet, parts: parts.value }],
    variables,
    warnings,
    refusals: undeliverable(key, 'template', texts, context),
  };
}

/** Returns a refusal if the pod has a text for the variable that its kubelet could not deliver. The texts may be secret. */
function undeliverable(key: string, what: Text, texts: readonly string[], { delivery }: Context): Refusal[] {
  if (delivery.kind !== 'kubelet') return [];
  const problem = texts.map((text) => kubeletProblem(key, text)).find((one) => one !== undefined);
  return problem ? [refusal('ASI_ADMIT_INVALID_VALUE', `env: "${echo(key)}" has ${PROBLEMS[problem](what)}`)] : [];
}

const UNDELIVERABLE = `which the kubelet can not deliver; choose another, or ${SHELL}`;

/** Names a text of the declaration that the kubelet has to deliver. */
type Text = 'default' | 'template';

const WITHOUT_EMPTY: Record<Text, string> = {
  default: 'write optional: true in its place',
  template: 'write a text, or remove the variable',
};

/** A refusal ends with one of these. */
const PROBLEMS: Record<KubeletProblem, (what: Text) => string> = {
  nul: (what) => `a ${what} with a Windows line end or a NUL, ${UNDELIVERABLE}`,
  empty: (what) => `an empty ${what}, which the kubelet counts as missing; ${WITHOUT_EMPTY[what]}`,
  'single-quote': (what) => `a ${what} with a single quote, ${UNDELIVERABLE}`,
  'windows-line-end': (what) => `a ${what} with a Windows line end or a NUL, ${UNDELIVERABLE}`,
  'long-line': (what) => `a ${what} with a line of 64 KiB, ${UNDELIVERABLE}`,
};
