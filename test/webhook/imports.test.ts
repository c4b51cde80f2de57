/** Tests that the linter refuses imports across the borders of folders. An override of biome.json replaces those before it. */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';

const KUBERNETES = '@kubernetes/client-node';
const pure = (others: readonly string[]) => [...others, 'node:fs', 'node:net', 'node:child_process'];

/** Lists one import of every file beside the contract and of every other folder of the injector, so that no new one is forgotten. */
const besideContract = [
  ...globSync('injector/*.ts'),
  ...readdirSync('injector', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'contract')
    .map(({ name }) => `injector/${name}/x.ts`),
];

const refused: Record<string, readonly string[]> = {
  'injector/aws/x.ts': [
    '../../cli/program.ts',
    '../../webhook/pod/pod.ts',
    '../../certs/authority/issue.ts',
    KUBERNETES,
  ],
  'injector/render/x.ts': pure([
    '../../webhook/pod/pod.ts',
    '../../certs/authority/issue.ts',
    KUBERNETES,
    '@aws-sdk/client-ssm',
  ]),
  'injector/contract/x.ts': pure([
    '../errors.ts',
    '../plan/plan.ts',
    '../../webhook/pod/pod.ts',
    '../../certs/host.ts',
    KUBERNETES,
    '@aws-sdk/client-ssm',
  ]),
  'injector/contract/jmespath/x.ts': pure(['../../errors.ts', '../../plan/plan.ts', '../../../certs/host.ts']),
  'webhook/main.ts': besideContract.map((path) => `../${path}`),
  'webhook/cluster/x.ts': besideContract.map((path) => `../../${path}`),
  'webhook/declare/objects/x.ts': besideContract.map((path) => `../../../${path}`),
  'webhook/x.ts': ['../cli/program.ts', '../injector/plan/plan.ts', '../certs/authority/issue.ts'],
  'webhook/server/x.ts': ['../../injector/plan/plan.ts', '../../certs/authority/issue.ts'],
  'webhook/declare/x.ts': pure([
    '../../injector/plan/plan.ts',
    '../../certs/authority/issue.ts',
    KUBERNETES,
    'fastify',
  ]),
  'webhook/declare/classes/x.ts': ['../../../certs/certificates.ts'],
  'webhook/mutate/x.ts': pure([
    '../../injector/plan/plan.ts',
    '../../certs/authority/issue.ts',
    KUBERNETES,
    'prom-client',
  ]),
  'webhook/mutate/environment/x.ts': ['../../../certs/certificates.ts'],
  'webhook/admission/x.ts': pure([
    '../../injector/plan/plan.ts',
    '../../certs/authority/issue.ts',
    KUBERNETES,
    'fastify',
  ]),
  'webhook/pod/x.ts': pure(['../../injector/plan/plan.ts', '../../certs/authority/issue.ts', KUBERNETES]),
  'webhook/reinvocation/x.ts': pure(['../../injector/plan/plan.ts', '../../certs/authority/issue.ts', KUBERNETES]),
  'webhook/workload/x.ts': pure(['../../injector/plan/plan.ts', '../../certs/certificates.ts', KUBERNETES, 'fastify']),
  'webhook/kubernetes/x.ts': ['../pod/pod.ts', '../../injector/contract/config.ts', '../../certs/authority/issue.ts'],
  'cli/x.ts': [
    '../webhook/server/app.ts',
    '../webhook/cluster/nodes.ts',
    '../webhook/kubernetes/client.ts',
    '../certs/certificates.ts',
    ...besideContract.map((path) => `../${path}`),
    '../injector/services/secrets-manager.ts',
    KUBERNETES,
    'fastify',
  ],
  'cli/lint/x.ts': pure([
    '../../webhook/server/app.ts',
    '../files/inputs.ts',
    '../../injector/plan/plan.ts',
    'prom-client',
  ]),
  'cli/exec/x.ts': [
    '../../webhook/server/app.ts',
    '../../certs/certificates.ts',
    '../../injector/run.ts',
    '../../injector/aws/credentials.ts',
    '../../injector/rotation/rotate.ts',
    KUBERNETES,
  ],
  'certs/x.ts': ['../cli/program.ts', '../webhook/pod/pod.ts', '../injector/contract/config.ts', KUBERNETES],
  'certs/authority/x.ts': ['../../webhook/kubernetes/client.ts', '../../injector/contract/config.ts', KUBERNETES],
};

const allowed: Record<string, readonly string[]> = {
  'injector/contract/x.ts': ['./names.ts', './jmespath/parser.ts', 'valibot'],
  'injector/contract/jmespath/x.ts': ['../json.ts', './lexer.ts', 'jmespath'],
  'injector/aws/x.ts': ['../contract/config.ts', '@aws-sdk/client-ssm'],
  'webhook/cluster/x.ts': ['../kubernetes/client.ts', '../../injector/contract/config.ts', KUBERNETES],
  'webhook/main.ts': ['../injector/contract/jmespath/parser.ts', '../certs/certificates.ts'],
  'webhook/declare/x.ts': ['../errors.ts', '../../injector/contract/config.ts'],
  'webhook/mutate/x.ts': ['../pod/pod.ts', '../../injector/contract/config.ts'],
  'webhook/certificates/x.ts': ['../../certs/certificates.ts', '../kubernetes/client.ts', KUBERNETES],
  'webhook/kubernetes/x.ts': ['../../certs/host.ts', './errors.ts', KUBERNETES],
  'certs/authority/x.ts': ['../host.ts', './issue.ts'],
  'cli/x.ts': [
    '../webhook/admission/admit.ts',
    '../injector/contract/config.ts',
    '../injector/services/catalogue.ts',
    'commander',
  ],
  'cli/lint/x.ts': ['../../webhook/declare/annotations.ts', '../manifests/find.ts'],
  'cli/exec/x.ts': ['../../injector/write/write.ts', '../../injector/render/render.ts', 'node:child_process'],
  'cli/aws/x.ts': ['../../injector/fetch/fetch.ts', '@aws-sdk/client-sts'],
};

type Report = {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string; readonly start: { readonly line: number } };
  }[];
};

/** Lints one file for each path, with a line for each import, and returns the imports that are refused, by the path. */
function refusedBy(files: Record<string, readonly string[]>): Record<string, readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'imports-'));
  const { vcs: _, ...settings } = JSON.parse(readFileSync('biome.json', 'utf8'));
  writeFileSync(join(directory, 'biome.json'), JSON.stringify(settings));
  for (const [path, imports] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(
      join(directory, path),
      imports.map((from, index) => `export { x${index} } from '${from}';\n`).join(''),
    );
  }
  const options = ['--only=style/noRestrictedImports', '--reporter=json', '--max-diagnostics=none'];
  const { stdout } = spawnSync(resolve('node_modules/.bin/biome'), ['lint', ...options], {
    cwd: directory,
    encoding: 'utf8',
  });
  rmSync(directory, { recursive: true });
  const { diagnostics } = JSON.parse(stdout) as Report;
  const found = new Set(diagnostics.map(({ location: { path, start } }) => `${path}:${start.line}`));
  const entries = Object.entries(files);
  return Object.fromEntries(
    entries.map(([path, imports]) => [path, imports.filter((_from, index) => found.has(`${path}:${index + 1}`))]),
  );
}

t.test('the linter refuses what a folder must not import', async (t) => {
  t.strictSame(refusedBy(refused), refused);
});

t.test('the linter takes what a folder may import', async (t) => {
  t.strictSame(refusedBy(allowed), Object.fromEntries(Object.keys(allowed).map((path) => [path, []])));
});
