/**
 * Tests that package-lock.json describes everything that is installed to build and test the product, and that installing runs
 * no code.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import manifest from '../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');

/** One package of the lockfile, as npm writes it: https://docs.npmjs.com/cli/configuring-npm/package-lock-json. */
type Entry = {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const lock: { packages: Record<string, Entry> } = JSON.parse(await read('package-lock.json'));
const entries = Object.entries(lock.packages);
const packages = entries.filter(([path]) => path !== '');

/** Installing a package runs its install script only where .npmrc allows it, and it does not. */
const SCRIPTS_THAT_NEVER_RUN = [
  // The script of esbuild checks the binary, and replaces a launcher by it.
  'node_modules/esbuild',
];

function read(name: string): Promise<string> {
  return readFile(join(ROOT, name), 'utf8');
}

/** Returns the path of the entry that Node finds for `name` from the package at `path`, and undefined where there is none. */
function locate(path: string, name: string): string | undefined {
  const candidate = join(path, 'node_modules', name);
  if (candidate in lock.packages || path === '') return candidate in lock.packages ? candidate : undefined;
  const parent = dirname(path.slice(0, path.lastIndexOf('node_modules/') + 'node_modules'.length));
  return locate(parent === '.' ? '' : parent, name);
}

t.test('npm compares every package with a hash', async (t) => {
  t.ok(packages.length > 400);
  const unhashed = packages.filter(([, { integrity, inBundle }]) => !inBundle && !integrity?.startsWith('sha512-'));
  t.same(unhashed, [], 'the hash of a package covers what is bundled in it');
});

t.test('the lockfile has the packages of all platforms', async (t) => {
  const wanted = entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => ({ path, name })),
  );
  t.ok(wanted.length > 50);
  t.same(
    wanted.filter(({ path, name }) => locate(path, name) === undefined),
    [],
  );
});

t.test('the lockfile names no registry', async (t) => {
  t.same(
    packages.filter(([, { resolved }]) => resolved !== undefined),
    [],
  );
});

t.test('installing runs no code of a package', async (t) => {
  t.match(await read('.npmrc'), /^ignore-scripts=true$/m);
  t.notOk('allowScripts' in manifest, 'no package is an exception');
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  t.same(scripted, SCRIPTS_THAT_NEVER_RUN);
});

for (const image of ['webhook', 'injector']) {
  t.test(`the image of the ${image} is built from the lockfile, without install scripts`, async (t) => {
    const dockerfile = await read(`Dockerfile.${image}`);
    t.match(dockerfile, /^COPY package\.json package-lock\.json \.npmrc /m);
    t.same(dockerfile.match(/^RUN npm (?!run\b).*/gm), ['RUN npm ci --ignore-scripts --no-audit --no-fund']);
  });
}

t.test('all platforms build with one Node, and with one Bun', async (t) => {
  const tools = Object.entries(manifest.optionalDependencies);
  const versions = (prefix: string) => tools.filter(([name]) => name.startsWith(prefix)).map(([, version]) => version);
  t.equal(new Set(versions('node-')).size, 1);
  t.equal(new Set(versions('@oven/bun-')).size, 1);
});
