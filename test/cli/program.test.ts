import t from 'tap';
import { COMMANDS } from '../../cli/commands.ts';
import { runIn } from './support/run.ts';

t.test('the help lists every command', async (t) => {
  const { code, out } = await runIn('.', ['--help']);
  t.equal(code, 0);
  for (const { name, summary } of COMMANDS) t.match(out, new RegExp(`^ +${name} .*${summary.slice(0, 20)}`, 'm'));
});

for (const { name, examples, exitCodes } of COMMANDS) {
  t.test(`the help of ${name} has its examples and its exit codes`, async (t) => {
    const { code, out } = await runIn('.', [name, '--help']);
    t.equal(code, 0);
    for (const { command } of examples) t.ok(out.includes(command), command);
    for (const { meaning } of exitCodes) t.ok(out.includes(meaning), meaning);
  });
}

const wrong: Record<string, readonly [args: readonly string[], says: RegExp]> = {
  'no command': [[], /Usage: /],
  'an unknown command': [['lnit'], /unknown command 'lnit'[\s\S]*Did you mean lint/],
  'an unknown option': [['lint', '-f', 'lint', '--fil', 'x'], /unknown option '--fil'/],
  'no file': [['lint'], /-f, --file/],
  'an unknown format': [['lint', '-f', 'lint', '-o', 'yaml'], /text, json, sarif, github/],
  'a file that does not exist': [['lint', '-f', 'nowhere'], /nowhere can not be read: there is no such file or folder/],
  'a version that is none': [['lint', '-f', 'lint', '--kubernetes', 'new'], /--kubernetes new .* like 1\.35/],
  'values that the chart does not take': [
    ['lint', '-f', 'lint', '--values', 'lint/values/wrong.yml'],
    /wrong\.yml .*chart does not take:[\s\S]*takeOverCsiVolumes/,
  ],
};
for (const [name, [args, says]] of Object.entries(wrong)) {
  t.test(`${name} is wrong use, with exit code 2 and nothing on standard output`, async (t) => {
    const { code, out, err } = await runIn('.', args);
    t.equal(code, 2);
    t.equal(out, '');
    t.match(err, says);
  });
}
