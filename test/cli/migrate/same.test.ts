/**
 * A migrated pod gets the variables and the files that it got before: from Secrets of External Secrets, or from the CSI driver, for which
 * the webhook's takeover stands in. The roles have the policies that `iam-policy` prints.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { examine } from '../../../cli/admission/examine.ts';
import { defaultSettings } from '../../../cli/admission/settings.ts';
import { annotationsOf, type World, worldOf } from '../../../cli/admission/world.ts';
import { lint } from '../../../cli/lint/lint.ts';
import { findIn, type Template } from '../../../cli/manifests/find.ts';
import { parseManifests } from '../../../cli/manifests/parse.ts';
import { migrate } from '../../../cli/migrate/migrate.ts';
import { viewInjected } from './support/inject.ts';
import { makeSecrets } from './support/operator.ts';
import { type Pod, type View, viewOf } from './support/view.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/migrate');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const VALUES = JSON.parse(read('aws.json'));
const STORE = { name: 'store.yml', text: read('platform/store.yml') };

/** The fixtures of what can not be migrated, which the test of the report reads. */
const OTHERS = new Set(['cannot', 'partly']);

const names = globSync('*.yaml', { cwd: FOLDER })
  .map((name) => name.slice(0, -'.yaml'.length))
  .filter((name) => !OTHERS.has(name));
t.ok(names.length >= 9, 'the folder has been found');

function worldFor(text: string): World {
  const { objects } = findIn(parseManifests('all', `${STORE.text}\n---\n${text}`).manifests);
  return worldOf(objects, defaultSettings(), {
    namespace: 'shop',
    region: 'eu-west-1',
    kubernetes: '1.35',
    complete: true,
  });
}

/** Returns what the containers of a pod see before the migration. */
async function before(
  t: Parameters<typeof viewInjected>[0],
  template: Template,
  text: string,
  world: World,
): Promise<View> {
  const annotations = { ...annotationsOf({ value: template }), 'aws-secrets-injector.dev/inject': 'true' };
  const asked = { ...template, metadata: { ...template.metadata, annotations } };
  const taken = await examine(asked, world);
  const documents = parseAllDocuments(`${STORE.text}\n---\n${text}`, { version: '1.1' }).map((one) => one.toJS() ?? {});
  const secrets = makeSecrets(documents, VALUES);
  if (taken.ok && taken.injection) return viewInjected(t, asked, world, VALUES, secrets);
  return viewOf(template as unknown as Pod, { secrets, folders: new Map(), root: '' });
}

for (const name of names) {
  t.test(`${name}: the migrated pods get what they got before, and lint finds nothing`, async (t) => {
    const text = read(`${name}.yaml`);
    const world = worldFor(text);
    const { files, entries } = await migrate([{ name, text }], [STORE], world, () => {});
    const after = findIn(parseManifests(name, files[0]?.after ?? '').manifests);
    const templates = findIn(parseManifests(name, text.replace(/: 0([0-7]{3})\b/g, ': 0o$1')).manifests).templates;
    t.equal(after.templates.length, templates.length);
    t.same(
      (await lint(after, world)).findings.filter(({ severity }) => severity === 'error'),
      [],
    );
    const notes = entries.flatMap((entry) => entry.notes).join('\n');
    for (const [index, template] of templates.entries()) {
      const migrated = after.templates[index];
      if (migrated === undefined) continue;
      const view = await viewInjected(t, migrated, world, VALUES);
      const expected = await before(t, template, text, world);
      t.same(withoutNoted(view, expected, notes), expected);
    }
  });
}

/** Leaves out what a container did not have and what a note says: variables by their names, and files by their folder. */
function withoutNoted(view: View, expected: View, notes: string): View {
  return Object.fromEntries(
    Object.entries(view).map(([name, { variables, files }]) => {
      const [, more = ''] = new RegExp(`The container ${name} also gets (.*)\\.`).exec(notes) ?? [];
      const noted = more === '' ? [] : more.split(', ');
      const isNew = (one: string) => noted.some((start) => one === start || one.startsWith(`${start}/`));
      const kept = (now: Record<string, string>, before: Record<string, string> = {}) =>
        Object.fromEntries(Object.entries(now).filter(([one]) => one in before || !isNew(one)));
      return [
        name,
        { variables: kept(variables, expected[name]?.variables), files: kept(files, expected[name]?.files) },
      ];
    }),
  );
}
