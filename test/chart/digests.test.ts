import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { pinAnnotation, pinValues } from '../../.github/scripts/digests.ts';
import { CHART } from './support/helm.ts';
import { container, render, settingsText } from './support/render.ts';

const values = await readFile(join(CHART, 'values.yaml'), 'utf8');
const chart = await readFile(join(CHART, 'Chart.yaml'), 'utf8');
const digests = { webhook: `sha256:${'a'.repeat(64)}`, injector: `sha256:${'b'.repeat(64)}` };
const pinned = [
  `ghcr.io/aws-secrets-injector/aws-secrets-injector-webhook@${digests.webhook}`,
  `ghcr.io/aws-secrets-injector/aws-secrets-injector@${digests.injector}`,
];

/** Returns the lines of `after` that are not in `before`. */
function added(before: string, after: string): string[] {
  const lines = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !lines.has(line));
}

t.test('a chart with digests installs both images by digest', async (t) => {
  const rendering = await render(parse(pinValues(values, digests)));
  t.strictSame([container(rendering).image, JSON.parse(settingsText(rendering)).injector.image], pinned);
});

t.test('only the digests change in the values', async (t) => {
  t.strictSame(added(values, pinValues(values, digests)), [
    `  digest: ${digests.webhook}`,
    `    digest: ${digests.injector}`,
  ]);
});

t.test('Artifact Hub learns the same digests', async (t) => {
  const { annotations } = parse(pinAnnotation(chart, digests));
  const images: { image: string }[] = parse(annotations['artifacthub.io/images']);
  t.strictSame(
    images.map(({ image }) => image),
    pinned,
  );
});

t.test('a release without the digest of an image stops', async (t) => {
  t.throws(() => pinValues(values, { ...digests, injector: '' }), { message: /is no digest/ });
});
