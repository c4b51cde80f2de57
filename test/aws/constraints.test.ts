/** Tests that members out of bounds are refused in the words of AWS, without their values. */
import t from 'tap';
import * as v from 'valibot';
import { list, oneOf, pageSize, text } from './constraints.ts';
import { read } from './context.ts';

const Input = v.object({
  SecretId: text(1, 4),
  Names: v.optional(list(text(0, 4), 1, 2)),
  MaxResults: v.optional(pageSize(10)),
  SortOrder: v.optional(oneOf(['asc', 'desc'])),
});

const REFUSED: readonly (readonly [input: unknown, member: string, constraint: string])[] = [
  [{}, 'secretId', 'Member must not be null'],
  [{ SecretId: 7 }, 'secretId', 'Member must be string'],
  [{ SecretId: '' }, 'secretId', 'Member must have length greater than or equal to 1'],
  [{ SecretId: 'abcde' }, 'secretId', 'Member must have length less than or equal to 4'],
  [{ SecretId: 'a', Names: [] }, 'names', 'Member must have length greater than or equal to 1'],
  [{ SecretId: 'a', Names: ['a', 'b', 'c'] }, 'names', 'Member must have length less than or equal to 2'],
  [{ SecretId: 'a', Names: ['abcde'] }, 'names', 'Member must have length less than or equal to 4'],
  [{ SecretId: 'a', MaxResults: 0 }, 'maxResults', 'Member must have value greater than or equal to 1'],
  [{ SecretId: 'a', MaxResults: 11 }, 'maxResults', 'Member must have value less than or equal to 10'],
  [{ SecretId: 'a', SortOrder: 'up' }, 'sortOrder', 'Member must satisfy enum value set: [asc, desc]'],
];

for (const [input, member, constraint] of REFUSED) {
  t.test(`${JSON.stringify(input)} is refused: ${constraint}`, async (t) => {
    t.throws(() => read(Input, input), {
      code: 'ValidationException',
      message: `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
    });
  });
}
