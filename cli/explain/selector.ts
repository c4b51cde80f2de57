/** Evaluates label selectors as the API server does. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
import type { LabelSelector } from '../cluster/objects.ts';

/** A part of a selector that labels do not fulfil, with the value that they have. */
export type Unfulfilled = { readonly key: string; readonly requirement: string; readonly actual: string | undefined };

/** Returns the parts of the selector that the labels do not fulfil. An empty selector is fulfilled by all labels. */
export function unfulfilledIn(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): Unfulfilled[] {
  const expressions = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions,
  ];
  return expressions
    .filter(({ key, operator, values = [] }) => !isFulfilled(operator, labels[key], values))
    .map(({ key, operator, values = [] }) => ({
      key,
      requirement: values.length > 0 ? `${operator} (${values.join(', ')})` : operator,
      actual: labels[key],
    }));
}

/** An object without the label fulfils NotIn. */
function isFulfilled(operator: string, actual: string | undefined, values: readonly string[]): boolean {
  if (operator === 'Exists') return actual !== undefined;
  if (operator === 'DoesNotExist') return actual === undefined;
  const isListed = actual !== undefined && values.includes(actual);
  return operator === 'In' ? isListed : !isListed;
}
