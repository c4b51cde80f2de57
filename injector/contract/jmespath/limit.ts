/** Limits what a hostile expression costs. go-jmespath has no limits. */

/** Says which limit an expression has passed. The message is for people. */
export class LimitError extends Error {}

/** Counts the steps that are left. Each node that is visited, each item and each character of a result takes one. */
export type Budget = { left: number };

/** Takes steps from the budget. Throws a LimitError if fewer are left. */
export function spend(budget: Budget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw new LimitError('It takes too many steps to evaluate.');
}
