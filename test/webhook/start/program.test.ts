/** Tests that a program runs the same with and without what V8 compiled of it before. */
import { createRequire } from 'node:module';
import t from 'tap';
import { loadProgram } from '../../../webhook/start/program.ts';

const NAME = '/app/program.cjs';
const TEXT = Buffer.from("require('node:process').answer = function answer() { return 'one'; }();");

/** Runs the program and returns what it has done, and whether V8 compiled it anew. */
function run(text: Buffer, compiled?: Buffer) {
  const done: { answer?: string } = {};
  const program = loadProgram(NAME, text, compiled);
  program.run(Object.assign(() => done, createRequire(import.meta.url)));
  return { answer: done.answer, isNew: program.isNew, compiled: program.compiled() };
}

const first = run(TEXT);

t.test('runs a program of which nothing was compiled before', async (t) => {
  t.match(first, { answer: 'one', isNew: true });
});

t.test('takes what was compiled of the same text', async (t) => {
  t.match(run(TEXT, first.compiled), { answer: 'one', isNew: false });
});

t.test('takes nothing that was compiled of another text of the same length', async (t) => {
  const other = Buffer.from(TEXT.toString().replace('one', 'two'));
  t.match(run(other, first.compiled), { answer: 'two', isNew: true });
});

const { compiled } = first;
const damaged = {
  'an empty file': Buffer.alloc(0),
  'a file that ends early': compiled.subarray(0, -1),
  'a file with another first byte': withOther(0),
  'a file with another byte in the middle': withOther(compiled.length >> 1),
  'a file with another last byte': withOther(compiled.length - 1),
};
for (const [name, data] of Object.entries(damaged)) {
  t.test(`takes nothing of ${name}`, async (t) => {
    t.match(run(TEXT, data), { answer: 'one', isNew: true });
  });
}

function withOther(place: number): Buffer {
  const copy = Buffer.from(compiled);
  copy[place] = (copy[place] ?? 0) ^ 0x55;
  return copy;
}
