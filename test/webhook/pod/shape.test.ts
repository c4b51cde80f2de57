import t from 'tap';
import {
  anything,
  emptyList,
  exactly,
  flag,
  listOf,
  mapOf,
  name,
  number,
  object,
  objectOf,
  optional,
  problemIn,
  type Shape,
  text,
  textOrNumber,
} from '../../../webhook/pod/shape.ts';

const ROWS: readonly {
  what: string;
  shape: Shape<unknown>;
  fits: unknown[];
  not: [value: unknown, problem: string][];
}[] = [
  { what: 'anything', shape: anything, fits: [undefined, 0, 'x'], not: [] },
  {
    what: 'a text',
    shape: text,
    fits: ['', 'x'],
    not: [
      [1, 'a: expected a string'],
      [undefined, 'a: expected a string'],
    ],
  },
  {
    what: 'a name',
    shape: name,
    fits: ['x', 'x'.repeat(253)],
    not: [
      ['', 'a: expected 1 to 253 characters'],
      ['x'.repeat(254), 'a: expected 1 to 253 characters'],
    ],
  },
  { what: 'a number', shape: number, fits: [0, -1.5], not: [['1', 'a: expected a number']] },
  { what: 'a flag', shape: flag, fits: [true, false], not: [['true', 'a: expected true or false']] },
  {
    what: 'a text or a number',
    shape: textOrNumber,
    fits: ['1', 1],
    not: [[true, 'a: expected a string or a number']],
  },
  {
    what: 'any object',
    shape: object,
    fits: [{}, { x: 1 }],
    not: [
      [[], 'a: expected an object'],
      [null, 'a: expected an object'],
    ],
  },
  {
    what: 'an empty list',
    shape: emptyList,
    fits: [[]],
    not: [
      [[1], 'a: expected an empty list'],
      [{ length: 0 }, 'a: expected an empty list'],
    ],
  },
  { what: 'one text', shape: exactly('Pod'), fits: ['Pod'], not: [['pod', 'a: expected "Pod"']] },
  { what: 'an optional text', shape: optional(text), fits: [undefined, null, ''], not: [[0, 'a: expected a string']] },
  {
    what: 'a list of texts',
    shape: listOf(text),
    fits: [[], ['x', 'y']],
    not: [
      ['x', 'a: expected a list'],
      [['x', 1], 'a.1: expected a string'],
    ],
  },
  {
    what: 'a map of numbers',
    shape: mapOf(number),
    fits: [{}, { x: 1 }],
    not: [
      [[], 'a: expected an object'],
      [{ x: 1, y: '2' }, 'a.y: expected a number'],
    ],
  },
  {
    what: 'an object in an object',
    shape: objectOf({ x: optional(objectOf({ y: text })) }),
    fits: [{}, { x: { y: '' } }, { other: 1 }],
    not: [
      ['x', 'a: expected an object'],
      [{ x: {} }, 'a.x.y: expected a string'],
    ],
  },
];

for (const { what, shape, fits, not } of ROWS) {
  t.test(`${what} is told from everything else, by the path of what is wrong`, (t) => {
    for (const value of fits) t.equal(problemIn(value, shape, 'a'), undefined, JSON.stringify(value));
    for (const [value, problem] of not) t.equal(problemIn(value, shape, 'a'), problem);
    t.end();
  });
}
