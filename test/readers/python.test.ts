/** Lets Python and python-dotenv read what is written for them. `npm run test:readers`. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { encodeEnvFile } from '../../injector/environment/env-file.ts';
import { Secret } from '../../injector/secret.ts';
import { programsOf } from './support/python.ts';

const FIXTURE = new URL('../fixtures/env-files/python-dotenv.yaml', import.meta.url);

/** The versions that the comment of the fixture names. */
const VERSIONS = ['1.0.1', '1.2.4'];

const LOAD = `
import json, os, sys
from dotenv import load_dotenv
load_dotenv(sys.argv[1])
json.dump({name: os.environ.get(name) for name in ["A", "B"]}, sys.stdout)`;

const cases = parse(readFileSync(FIXTURE, 'utf8')) as { value: string; line?: string }[];
const carried = cases.filter(({ line }) => line !== undefined);

for (const version of VERSIONS) {
  t.test(`python-dotenv ${version} reads each value back, and the variable behind it`, async (t) => {
    const python = join(programsOf(`readers/python-dotenv-${version}`, [`python-dotenv==${version}`]), 'python');
    const file = join(t.testdir({}), '.env');
    for (const { value } of carried) {
      const variables = Object.entries({ A: value, B: 'next' });
      const { content } = encodeEnvFile(
        'python-dotenv',
        variables.map(([name, value]) => ({ name, value: new Secret(value) })),
      );
      writeFileSync(file, content.reveal());
      const read = JSON.parse(execFileSync(python, ['-c', LOAD, file], { env: {}, encoding: 'utf8' }));
      t.strictSame(read, { A: value, B: 'next' }, JSON.stringify(value));
    }
  });
}

t.test('Python reads every value of the format json back', async (t) => {
  const values = {
    ...Object.fromEntries(cases.map(({ value }, index) => [`V${index}`, value])),
    NUL: 'a\0b',
    RETURN: 'a\r\nb\r',
  };
  const variables = Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) }));
  const input = encodeEnvFile('json', variables).content.reveal();
  const script = 'import json, sys; sys.stdout.write(json.dumps(json.loads(sys.stdin.buffer.read().decode())))';
  t.strictSame(JSON.parse(execFileSync('python3', ['-c', script], { input, encoding: 'utf8' })), values);
});
