/** Evaluates an expression as go-jmespath 0.4.0 does, in a bounded number of steps. */
import { call } from './functions.ts';
import { type Budget, spend } from './limit.ts';
import type { Expression } from './parser.ts';
import { boolean, EvaluationError, equal, isFalse, list, NULL, sizeOf, sortedEntries, type Value } from './value.ts';

type Of<Type extends Expression['type']> = Extract<Expression, { type: Type }>;

/**
 * Returns the value of the expression. Throws EvaluationError where Go gives an error or panics, and LimitError if the budget
 * is spent.
 */
export function apply(expression: Expression, value: Value, budget: Budget): Value {
  spend(budget, 1);
  switch (expression.type) {
    case 'Identity':
    case 'Current':
      return value;
    case 'Literal':
      return expression.value;
    case 'Field':
      return value.kind === 'object' ? (value.entries.get(expression.name) ?? NULL) : NULL;
    case 'Index':
      return value.kind === 'array' ? (value.items.at(expression.value) ?? NULL) : NULL;
    case 'Slice':
      return slice(expression, value, budget);
    case 'Subexpression':
    case 'IndexExpression':
    case 'Pipe':
      return apply(expression.children[1], apply(expression.children[0], value, budget), budget);
    case 'NotExpression':
      return boolean(isFalse(apply(expression.children[0], value, budget)));
    case 'ExpressionReference':
      return { kind: 'expression', expression: expression.children[0] };
    case 'MultiSelectList':
      return value.kind === 'null' ? NULL : list(expression.children.map((child) => apply(child, value, budget)));
    case 'Function':
      return callFunction(expression, value, budget);
    case 'Comparator':
      return compare(expression, value, budget);
    case 'MultiSelectHash':
      return select(expression, value, budget);
    case 'OrExpression':
    case 'AndExpression':
      return choose(expression, value, budget);
    default:
      return project(expression, value, budget);
  }
}

function callFunction({ name, children }: Of<'Function'>, value: Value, budget: Budget): Value {
  const args = children.map((child) => apply(child, value, budget));
  return call(name, args, { budget, apply: (expression, item) => apply(expression, item, budget) });
}

function select({ children }: Of<'MultiSelectHash'>, value: Value, budget: Budget): Value {
  if (value.kind === 'null') return NULL;
  return { kind: 'object', entries: new Map(children.map((child) => [child.name, apply(child.value, value, budget)])) };
}

function choose({ type, children }: Of<'OrExpression' | 'AndExpression'>, value: Value, budget: Budget): Value {
  const left = apply(children[0], value, budget);
  return isFalse(left) === (type === 'OrExpression') ? apply(children[1], value, budget) : left;
}

function compare({ name, children }: Of<'Comparator'>, value: Value, budget: Budget): Value {
  const [left = NULL, right = NULL] = children.map((child) => apply(child, value, budget));
  if (name === 'EQ') return boolean(equal(left, right, budget));
  if (name === 'NE') return boolean(!equal(left, right, budget));
  if (left.kind !== 'number' || right.kind !== 'number') return NULL;
  const [one, other] = [Number(left.source), Number(right.source)];
  if (name === 'GT') return boolean(one > other);
  if (name === 'GTE') return boolean(one >= other);
  return boolean(name === 'LT' ? one < other : one <= other);
}

type Projecting = Of<'Projection' | 'ValueProjection' | 'FilterProjection' | 'Flatten'>;

/** Evaluates a projection, and leaves nulls out of its result. */
function project(expression: Projecting, value: Value, budget: Budget): Value {
  const items = projected(expression, value, budget);
  if (items === undefined) return NULL;
  spend(budget, items.length);
  if (expression.type === 'Flatten') return list(items);
  const results: Value[] = [];
  for (const item of items) {
    if (expression.type === 'FilterProjection' && isFalse(apply(expression.children[2], item, budget))) continue;
    const result = apply(expression.children[1], item, budget);
    if (result.kind !== 'null') results.push(result);
  }
  return list(results);
}

/**
 * Returns the items to project, or undefined if the result is null. Go takes an error on the left side for null, except in
 * `[*]` and in slices.
 */
function projected(expression: Projecting, value: Value, budget: Budget): readonly Value[] | undefined {
  const { type, children } = expression;
  const left = type === 'Projection' ? apply(children[0], value, budget) : applyLeniently(children[0], value, budget);
  if (type === 'ValueProjection') return left.kind === 'object' ? valuesAsInGo(left) : undefined;
  if (left.kind !== 'array') return undefined;
  return type === 'Flatten' ? left.items.flatMap((item) => (item.kind === 'array' ? item.items : [item])) : left.items;
}

function applyLeniently(expression: Expression, value: Value, budget: Budget): Value {
  try {
    return apply(expression, value, budget);
  } catch (error) {
    if (error instanceof EvaluationError) return NULL;
    throw error;
  }
}

/** Returns the values after as many nulls, because go-jmespath projects onto both; `*.to_string(@)` shows the nulls. */
function valuesAsInGo({ entries }: Extract<Value, { kind: 'object' }>): Value[] {
  const values = sortedEntries(entries).map(([, value]) => value);
  return [...values.map(() => NULL), ...values];
}

function slice({ children }: Of<'Slice'>, value: Value, budget: Budget): Value {
  if (value.kind !== 'array') return NULL;
  const [first = null, last = null, step] = [children[0], children[1], children[2] ?? 1];
  if (step === 0) throw new EvaluationError('Invalid slice, step cannot be 0');
  const length = sizeOf(value) ?? 0;
  const down = step < 0;
  const start = first === null ? (down ? length - 1 : 0) : cap(first, length, down);
  const stop = last === null ? (down ? -1 : length) : cap(last, length, down);
  const results: Value[] = [];
  for (let index = start; down ? index > stop : index < stop; index += step) {
    spend(budget, 1);
    results.push(value.items[index] ?? NULL);
  }
  return list(results);
}

function cap(index: number, length: number, down: boolean): number {
  const from = index < 0 ? index + length : index;
  if (from < 0) return down ? -1 : 0;
  return from >= length ? (down ? length - 1 : length) : from;
}
