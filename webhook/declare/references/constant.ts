/** Finds JMESPaths that have the same result for every secret, such as the literal `'password'` in place of the key. */
import type { Expression } from '../../../injector/contract/jmespath/parser.ts';

/** Returns whether the result of the expression is the same whatever the value is, as no part of it looks at the value. */
export function isConstant(expression: Expression): boolean {
  return !depends(expression, true);
}

/** Returns whether the result depends on the value. `input` says whether what the expression is applied to depends on it. */
function depends(expression: Expression, input: boolean): boolean {
  switch (expression.type) {
    case 'Literal':
      return false;
    case 'Identity':
    case 'Current':
    case 'Field':
    case 'Index':
    case 'Slice':
      return input;
    case 'Subexpression':
    case 'IndexExpression':
    case 'Pipe': {
      const [left, right] = expression.children;
      return depends(right, depends(left, input));
    }
    case 'Projection':
    case 'ValueProjection':
    case 'FilterProjection':
      return depends(expression.children[0], input);
    case 'MultiSelectHash':
      return expression.children.some(({ value }) => depends(value, input));
    default:
      return expression.children.some((child) => depends(child, input));
  }
}
