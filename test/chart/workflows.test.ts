/**
 * Tests that everything is pinned that the workflows run with rights that reach users: actions, base images and the images of
 * the chart.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { parse } from 'yaml';
import { PLATFORMS } from '../../.github/scripts/krew.ts';
import versions from '../e2e/versions.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');
const WORKFLOWS = join(ROOT, '.github/workflows');
const run = promisify(execFile);

type Step = {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
};

type Job = {
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly include?: readonly { readonly platform: string }[] } };
  readonly steps: readonly Step[];
};

type Workflow = {
  readonly defaults?: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
};

const names = await readdir(WORKFLOWS);
const texts = await Promise.all(names.map((name) => readFile(join(WORKFLOWS, name), 'utf8')));
const release: Workflow = parse(await readFile(join(WORKFLOWS, 'release.yaml'), 'utf8'));

/** Returns the steps of the job `name` of the release. */
function stepsOf(name: string): readonly Step[] {
  const job = release.jobs[name];
  if (!job) throw new Error(`the release has no job ${name}`);
  return job.steps;
}

t.test('nobody moves a tag under an action', async (t) => {
  const used = texts.flatMap((text) => text.match(/(?<=\buses: ).*/g) ?? []);
  t.ok(used.length > 20);
  for (const action of used) t.match(action, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

t.test(
  'nobody moves a tag under the nodes of the cluster, and each is of the version that it is listed for',
  async (t) => {
    for (const [version, { node }] of Object.entries(versions))
      t.match(node, new RegExp(`^kindest/node:v${version.replace('.', '\\.')}\\.\\d+@sha256:[0-9a-f]{64}$`));
  },
);

t.test('a release stops where any command of a pipe fails', async (t) => {
  t.match(release, { defaults: { run: { shell: 'bash' } } });
});

t.test('a release takes nothing from the cache that other runs fill', async (t) => {
  const nodes = Object.values(release.jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ uses }) => uses?.startsWith('actions/setup-node@'));
  t.ok(nodes.length > 0);
  for (const node of nodes) t.strictSame(node.with, { 'node-version': 24, 'package-manager-cache': false });
});

t.test('what comes from npm runs with the right to read, and with no other', async (t) => {
  t.strictSame(release.permissions, { contents: 'read' });
  const installing = Object.values(release.jobs).filter(({ steps }) =>
    steps.some((step) => /\bnpx |\bnpm (?!publish --ignore-scripts )/.test(step.run ?? '')),
  );
  t.ok(installing.length > 0);
  for (const { permissions } of installing) t.equal(permissions, undefined);
});

t.test('both images are built on base images that the release names by digest', async (t) => {
  const build = stepsOf('image').find(({ uses }) => uses?.startsWith('docker/build-push-action@'));
  t.match(build?.with, {
    'build-args': /^BUILD_IMAGE=.*bases\.outputs\.build }}\nRUNTIME_IMAGE=.*bases\.outputs\[matrix\.image] }}\n$/,
  });
  for (const image of ['webhook', 'injector']) {
    const dockerfile = await readFile(join(ROOT, `Dockerfile.${image}`), 'utf8');
    const stages = dockerfile.match(/^FROM .*/gm) ?? [];
    t.match(stages.at(-1), /^FROM \$\{RUNTIME_IMAGE}$/);
    for (const stage of stages) t.match(stage, /^FROM \$\{(BUILD|RUNTIME)_IMAGE}( AS [a-z]+)?$/);
  }
});

t.test('a release stops before it builds on a base image without a digest', async (t) => {
  const steps = stepsOf('image');
  const at = steps.findIndex(({ name }) => name === 'no base image without a digest');
  t.ok(at >= 0 && at < steps.findIndex(({ uses }) => uses?.startsWith('docker/build-push-action@')));
  const script = steps[at]?.run ?? '';
  const check = (env: { BUILD_IMAGE: string; RUNTIME_IMAGE: string }) =>
    run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { env });
  const tagged = 'registry.test/node:24';
  const pinned = `${tagged}@sha256:${'a'.repeat(64)}`;
  await check({ BUILD_IMAGE: pinned, RUNTIME_IMAGE: pinned });
  await t.rejects(check({ BUILD_IMAGE: tagged, RUNTIME_IMAGE: pinned }));
  await t.rejects(check({ BUILD_IMAGE: pinned, RUNTIME_IMAGE: tagged }));
});

t.test('the published chart and manifest name the images by the digests that were signed', async (t) => {
  const commands = stepsOf('chart').flatMap((step) => step.run?.trim().split('\n') ?? []);
  t.strictSame(
    commands.filter((command) => /^(npm run|helm)/.test(command)),
    ['npm run pin -- "$WEBHOOK" "$INJECTOR"', 'npm run manifests', 'helm package charts/aws-secrets-injector'],
  );
  t.strictSame(release.jobs['publish']?.needs, ['check', 'chart', 'plugin']);
  const sources = stepsOf('publish').filter(({ uses }) => /^actions\/(checkout|download-artifact)@/.test(uses ?? ''));
  t.match(sources, [{ with: { name: 'chart' } }, { with: { name: 'plugin', path: 'plugin' } }]);
  t.equal(sources.length, 2);
});

t.test('a program is built and tried for each platform that krew offers', async (t) => {
  const matrix = release.jobs['cli']?.strategy?.matrix.include ?? [];
  t.same(
    matrix.map(({ platform }) => platform),
    PLATFORMS.map(({ name }) => name),
  );
});
