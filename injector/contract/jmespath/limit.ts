/** What a hostile expression may cost. go-jmespath has no limits; it goes on for as long as it takes. */

/** The message is the cause to tell. */
export class LimitError extends Error {}

/** Steps that are left: one for each node visited, each item and each character made. */
export type Budget = { left: number };

export function spend(budget: Budget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw new LimitError('It takes too many steps to evaluate.');
}
