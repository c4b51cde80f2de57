import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { runIn } from '../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/inject');
const OPTIONS = ['--with', 'account.yml', '--region', 'eu-west-1', '--kubernetes', '1.35'];
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const inject = (args: readonly string[], input?: string) => runIn('inject', ['inject', ...args], input);

t.test('prints nothing but the reasons where a pod would be refused', async (t) => {
  const { code, out, err } = await inject(['-f', '../lint/block-scalar.yaml', '--region', 'eu-west-1']);
  t.equal(code, 1);
  t.equal(out, '');
  t.match(
    err,
    /^\.\.\/lint\/block-scalar\.yaml: StatefulSet default\/web: mount-path: .*\[ASI_ADMIT_INVALID_VALUE\]\n/,
  );
});

t.test('does not guess a role', async (t) => {
  const { code, out, err } = await inject(['-f', 'quoted-keys.yaml', '--region', 'eu-west-1']);
  t.equal(code, 1);
  t.equal(out, '');
  t.match(
    err,
    /The role of its ServiceAccount is not known: name one file of the ServiceAccount by --with, and no other\./,
  );
});

t.test('does not guess a region', async (t) => {
  const { code, err } = await inject(['-f', 'quoted-keys.yaml', '--with', 'account.yml']);
  t.equal(code, 1);
  t.match(err, /The region is not known: say it by --region\./);
});

t.test('stops at a file that is not YAML', async (t) => {
  const { code, out, err } = await inject(['-f', '-', ...OPTIONS], 'a: [');
  t.equal(code, 1);
  t.equal(out, '');
  t.match(err, /^-:1:5: This is not YAML/);
});

t.test('stops where an anchor shares what has to be changed', async (t) => {
  const { code, out, err } = await inject(['-f', '../lint/aliases.yaml', ...OPTIONS], '');
  t.equal(code, 1);
  t.equal(out, '');
  t.match(err, /\[ASI_ADMIT_INVALID_FILE_NAME\]/);
  const shared = read('../lint/aliases.yaml')
    .replace('../a', 'a')
    .replace('containers:', 'serviceAccountName: shop\n          containers:');
  const again = await inject(['-f', '-', ...OPTIONS], shared);
  t.equal(again.code, 1);
  t.equal(again.out, '');
  t.match(
    again.err,
    /Deployment default\/two: The text can not be changed in place: .* shared by .*: write (it|them) out/,
  );
});

t.test('shows the lines that are added, and none that is removed', async (t) => {
  const { code, out } = await inject(['-f', 'comments.yaml', '--diff', ...OPTIONS]);
  t.equal(code, 0);
  t.match(out, /^--- comments\.yaml\n\+\+\+ comments\.yaml\n@@ /);
  t.match(out, /^\+ {10}volumeMounts:\n\+ {12}- name: aws-secrets\n/m);
  t.same(out.match(/^-(?!-- comments).*$/gm), null);
});

t.test('prints several files as one stream of documents', async (t) => {
  const { out } = await inject(['-f', 'knative.yaml', 'quoted-keys.yaml', ...OPTIONS]);
  t.same(
    parseAllDocuments(out).map((document) => document.get('kind')),
    ['Service', 'Deployment'],
  );
});

t.test('writes the files that change, and no others', async (t) => {
  const folder = t.testdir({ 'web.yaml': read('knative.yaml'), 'off.yaml': read('windows-and-others.yaml') });
  const { code, out } = await inject(['-f', folder, '--write', ...OPTIONS]);
  t.equal(code, 0);
  t.equal(out, '');
  t.match(readFileSync(join(folder, 'web.yaml'), 'utf8'), / - name: aws-secrets-injector\n/);
  t.equal(readFileSync(join(folder, 'off.yaml'), 'utf8'), read('windows-and-others.yaml'));
});

t.test('can not write standard input', async (t) => {
  const { code, err } = await inject(['-f', '-', '--write']);
  t.equal(code, 2);
  t.match(err, /--write can not change standard input/);
});
