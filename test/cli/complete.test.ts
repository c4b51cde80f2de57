import t from 'tap';
import { completionsFor } from '../../cli/complete.ts';

const wordsIn = (text: string) => text.split('\n').map((line) => line.split('\t')[0]);

const cases: Record<string, readonly [words: readonly string[], offered: readonly string[], directive: string]> = {
  'the commands': [['l'], ['lint'], ':4'],
  'the options of a command': [['inject', '--d'], ['--diff'], ':4'],
  'the choices of an option': [['lint', '-o', 'j'], ['json'], ':4'],
  'files for an option that takes some': [['lint', '-f', ''], [], ':0'],
  'more files after the first': [['lint', '--file', 'a.yaml', 'b'], [], ':0'],
  'nothing where only the user knows': [['lint', '--region', ''], [], ':4'],
  'options after the value of another one': [['lint', '--region', 'eu-west-1', '--strict'], ['--strict'], ':4'],
  'files for the command of exec': [['exec', '-f', 'a.yaml', '--', 'npm', ''], [], ':0'],
  'nothing for a command that does not exist': [['lnit', ''], [], ':4'],
};
for (const [name, [words, offered, directive]] of Object.entries(cases)) {
  t.test(`completion offers ${name}`, async (t) => {
    t.same(wordsIn(completionsFor(words)), [...offered, directive, '']);
  });
}
