/**
 * A pod that names its ExternalSecrets in the annotation sees what it would see with the operator's Secrets: the variables and the
 * files of all its containers. The manifests are those of `migrate`.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { defaultSettings } from '../../../cli/admission/settings.ts';
import { worldOf } from '../../../cli/admission/world.ts';
import { findIn, type KubernetesObject, type Template } from '../../../cli/manifests/find.ts';
import { parseManifests } from '../../../cli/manifests/parse.ts';
import { namesIn } from '../../../webhook/external-secrets/names.ts';
import { viewInjected } from '../../cli/migrate/support/inject.ts';
import { makeSecrets } from '../../cli/migrate/support/operator.ts';
import { type Pod, type View, viewOf } from '../../cli/migrate/support/view.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cli/migrate');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const VALUES = JSON.parse(read('aws.json'));
const STORE = read('platform/store.yml');

/** The fixtures of what can not be replaced. */
const OTHERS = new Set(['cannot.yaml', 'partly.yaml']);
const names = globSync('*.yaml', { cwd: FOLDER }).filter(
  (name) => !OTHERS.has(name) && read(name).includes('kind: ExternalSecret'),
);
t.ok(names.length >= 5, 'the folder has been found');

/** Returns the ExternalSecrets whose Secrets a template uses. */
function usedBy({ spec }: Template, objects: readonly KubernetesObject[]): string[] {
  const used = new Set(namesIn(spec).map(({ name }) => name));
  return objects
    .filter(({ kind }) => kind === 'ExternalSecret')
    .filter(({ name, value }) => {
      const { target } = value['spec'] as { readonly target?: { readonly name?: string } };
      return used.has(target?.name ?? name);
    })
    .map(({ name }) => name);
}

/** Leaves out what a container did not have, as another container of the pod has it. */
function withoutMore(view: View, expected: View): View {
  const kept = (now: Record<string, string>, before: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(now).filter(([one]) => one in before));
  return Object.fromEntries(
    Object.entries(view).map(([name, { variables, files }]) => [
      name,
      { variables: kept(variables, expected[name]?.variables), files: kept(files, expected[name]?.files) },
    ]),
  );
}

for (const name of names) {
  // Kubernetes reads YAML 1.1, in which 0400 is octal.
  const text = `${STORE}\n---\n${read(name).replace(/: 0([0-7]{3})\b/g, ': 0o$1')}`;
  const { objects, templates } = findIn(parseManifests(name, text).manifests);
  const options = { namespace: 'shop', region: 'eu-west-1', kubernetes: '1.35', complete: false };
  const world = worldOf(objects, defaultSettings(), options);
  const documents = parseAllDocuments(text, { version: '1.1' }).map((one) => one.toJS() ?? {});
  const secrets = makeSecrets(documents, VALUES);
  for (const template of templates) {
    const used = usedBy(template, objects);
    if (used.length === 0) continue;
    t.test(`${name}, ${template.owner.name}: its containers see what they saw`, async (t) => {
      const annotations = { 'aws-secrets-injector.dev/external-secret': used.join(',') };
      const view = await viewInjected(
        t,
        { ...template, metadata: { ...template.metadata, annotations } },
        world,
        VALUES,
      );
      const expected = viewOf(template as unknown as Pod, { secrets, folders: new Map(), root: '' });
      t.same(withoutMore(view, expected), expected);
    });
  }
}
