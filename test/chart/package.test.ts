/** Tests what comes with the chart: its description, and what Helm says after an installation. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { CHART, findHelm } from './support/helm.ts';
import { container, render, settingsText } from './support/render.ts';

const helm = await findHelm();
const run = promisify(execFile);
const chart = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'));
const annotation = (name: string) => chart.annotations[`artifacthub.io/${name}`];

t.test('has the version and the license of the package', async (t) => {
  t.strictSame([chart.version, chart.appVersion], [manifest.version, manifest.version]);
  t.equal(annotation('license'), manifest.license);
  t.equal(annotation('category'), 'security');
});

t.test('tells Artifact Hub the images that it installs', async (t) => {
  const rendering = await render();
  const images: { name: string; image: string }[] = parse(annotation('images'));
  t.strictSame(
    images.map(({ image }) => image),
    [container(rendering).image, JSON.parse(settingsText(rendering)).injector.image],
  );
});

t.test('tells Artifact Hub what changed, and where to read on', async (t) => {
  for (const change of parse(annotation('changes'))) {
    t.match(change, { kind: /^(added|changed|deprecated|removed|fixed|security)$/, description: /\S/ });
  }
  for (const link of parse(annotation('links'))) t.match(link, { name: /\S/, url: /^https:\/\// });
});

t.test("passes Helm's own check without a complaint", async (t) => {
  const { stdout } = await run(helm, ['lint', '--strict', CHART]);
  t.match(stdout, /0 chart\(s\) failed/);
  t.notMatch(stdout, /\[(WARNING|ERROR)\]/);
});

t.test('says three next commands after an installation, in its namespace', async (t) => {
  const args = ['install', 'aws-secrets-injector', CHART, '--namespace', 'security', '--dry-run=client'];
  const { stdout } = await run(helm, args, { maxBuffer: 16 * 1024 * 1024 });
  const notes = stdout.split('NOTES:')[1] ?? '';
  t.equal([...notes.matchAll(/^ {3}(kubectl|helm) /gm)].length, 3);
  t.match(notes, /-n security /);
  t.notMatch(notes, /\{\{|%!|<no value>/);
});
