/** JSON that is refused before it is parsed. */
import t from 'tap';
import { jsonProblem } from '../../../webhook/server/json-limits.ts';

const problemOf = (json: string) => jsonProblem(Buffer.from(json));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

const fine: Record<string, string> = {
  nothing: '',
  '100 levels': nested(100),
  'many siblings at the same level': `[${'{},'.repeat(1000)}1]`,
  '200,000 values': `[${'1,'.repeat(199_999)}1]`,
  'brackets and commas in a string': `{"a":"${'[{,'.repeat(500_000)}"}`,
  'escaped quotes and backslashes in a string': `{"a":"\\"${'['.repeat(200)}\\\\"}`,
  'a string that does not end': `{"a":"${'['.repeat(200)}\\`,
};

for (const [what, json] of Object.entries(fine)) {
  t.test(`lets ${what} through`, async (t) => {
    t.equal(problemOf(json), undefined);
  });
}

const filler = 'x'.repeat(61);
for (const length of [60, 61, 62, 63, 64, 65, 66, 500]) {
  for (const [what, end] of Object.entries({
    'escaped quotes': '\\"',
    'two backslashes and an escaped quote': '\\\\\\"',
    'an escaped quote, more text and an escaped quote': `\\"${filler}\\"`,
  })) {
    t.test(`finds the end of a string with ${what} behind ${length} characters`, async (t) => {
      const text = 'x'.repeat(length) + end;
      t.equal(problemOf(`["${text}${nested(101)}"]`), undefined);
      t.match(problemOf(`["${text}",${nested(101)}]`), /nests more than 100 levels/);
    });
  }
  t.test(`finds the end of a string of ${length} characters and backslashes`, async (t) => {
    t.match(problemOf(`["${'x'.repeat(length)}\\\\",${nested(101)}]`), /nests more than 100 levels/);
  });
}

const refused: Record<string, [json: string, problem: RegExp]> = {
  '101 lists in each other': [nested(101), /nests more than 100 levels/],
  '101 objects in each other': [`${'{"a":'.repeat(101)}1`, /nests more than 100 levels/],
  'lists after a string that ends in a backslash': [`["\\\\",${nested(101)}]`, /nests more than 100 levels/],
  'more than 200,000 numbers': [`[${'1,'.repeat(200_001)}1]`, /more than 200000 values/],
  'more than 200,000 empty objects': [`[${'{},'.repeat(100_001)}1]`, /more than 200000 values/],
};

for (const [what, [json, problem]] of Object.entries(refused)) {
  t.test(`refuses ${what}`, async (t) => {
    t.match(problemOf(json), problem);
  });
}
