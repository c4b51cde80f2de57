/** Tests that the compiled program does the same whatever other variables it has. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { RUNTIME_VARIABLES, UNDEFENDED } from '../../injector/contract/runtime-variables.ts';
import { BINARY, createWorld, secret, type World } from './support/world.ts';

/** Has what the webhook sets in the container. */
const OURS = Object.fromEntries(RUNTIME_VARIABLES.map(({ name, value = '' }) => [name, value]));

/** Beginnings of the names that the runtime, its libraries and the C library read. */
const NAME =
  /\b(?:ALL|AWS|BUN|DO|FORCE|GLIBC|HTTPS?|JSC|LD|MALLOC|MIMALLOC|NODE|NO|OPENSSL|RES|SSL|TMP|UV|WEBKIT|WTF)_[A-Za-z0-9_]+\b/g;

const MORE = ['DEBUG', 'GCONV_PATH', 'HOME', 'LANG', 'LC_ALL', 'PATH', 'SSLKEYLOGFILE', 'TMPDIR', 'TZ', 'LD_BIND_NOW'];

/** Every name of that kind in the compiled program, which holds some thousand of them. */
function namesInBinary(): string[] {
  const found = readFileSync(BINARY, 'latin1').match(NAME) ?? [];
  return [...new Set([...found, ...MORE])].filter((name) => !name.startsWith('AWS_SECRETS_INJECTOR_'));
}

async function start(t: Test) {
  const world = await createWorld(t, undefined, { tls: true });
  world.aws.setSecret({ name: 'db', value: 'x' });
  const config = world.config([secret('db')]);
  return { world, config: { ...config, aws: { ...config.aws, caBundle: world.aws.certificate ?? '' } } };
}

type Config = Parameters<World['spawn']>[0];

/** Milliseconds, many times what it needs. */
const PATIENCE = 5_000;

/** Returns what the program does, without times. `waits` says that it does not end. */
async function behaviour(world: World, config: Config, env: Record<string, string>) {
  const child = world.spawn(config, { env });
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const { exitCode, output, message } = await child.finished;
  clearTimeout(timer);
  const text = output.replaceAll(/"(time":"[^"]*"|milliseconds":\d+),/g, '');
  return { ends: exitCode ?? 'waits', message, files: [...world.files(), ...readdirSync(world.root)], output: text };
}

t.test('behaves the same with every name that it holds set to 1', async (t) => {
  const { world, config } = await start(t);
  const defended = namesInBinary().filter((name) => !UNDEFENDED.some(({ pattern }) => pattern.test(name)));
  t.ok(defended.length > 500, `${defended.length} names`);
  const hostile = Object.fromEntries(defended.map((name) => [name, '1']));
  const usual = await behaviour(world, config, {});
  t.equal(usual.ends, 0);
  t.strictSame(await behaviour(world, config, { ...hostile, ...OURS }), usual);
});

const steering: [name: string, value: string][] = [
  ['BUN_OPTIONS', '--preload=./preload.js'],
  ['BUN_INSPECT', 'ws+unix://debugger.sock?wait=1'],
  ['BUN_BE_BUN', '1'],
  ['BUN_JSC_watchdog', '1'],
  ['BUN_BYTECODE_ORDER_OUT', 'order'],
  ['BUN_BYTECODE_DIGEST_OUT', 'digest'],
  ['NODE_EXTRA_CA_CERTS', 'missing.pem'],
  ['LD_PRELOAD', '/missing.so'],
  ['LD_AUDIT', '/missing.so'],
  ['LD_DEBUG', 'help'],
];
for (const [name, value] of steering) {
  t.test(`${name} steers it, so the webhook sets it`, async (t) => {
    const { world, config } = await start(t);
    writeFileSync(join(world.root, 'preload.js'), 'console.log("preloaded");\n');
    const usual = await behaviour(world, config, OURS);
    t.notSame(await behaviour(world, config, { [name]: value }), usual);
    t.ok(name in OURS);
  });
}

const innocent: [name: string, value: string][] = [
  ['BUN_CONFIG_VERBOSE_FETCH', 'curl'],
  ['BUN_INSPECT_CONNECT_TO', '127.0.0.1:1'],
  ['BUN_INSPECT_PRELOAD', 'preload.js'],
  ['BUN_TMPDIR', '/missing'],
  ['GLIBC_TUNABLES', 'glibc.malloc.check=3'],
  ['HOSTALIASES', 'hosts'],
  ['HTTPS_PROXY', 'http://127.0.0.1:1'],
  ['LD_BIND_NOW', '1'],
  ['LOCALDOMAIN', 'evil.example'],
  ['MALLOC_CHECK_', '3'],
  ['MALLOC_TRACE', 'trace'],
  ['NODE_CHANNEL_FD', '1'],
  ['NODE_DEBUG', 'http,https,tls'],
  ['NODE_OPTIONS', '--require=./preload.js --inspect-wait'],
  ['NODE_REDIRECT_WARNINGS', 'warnings'],
  ['NODE_V8_COVERAGE', 'coverage'],
  ['RES_OPTIONS', 'attempts:0 timeout:0'],
  ['SSLKEYLOGFILE', 'keys'],
  ['TMPDIR', '/missing'],
  ['http_proxy', 'http://127.0.0.1:1'],
];
t.test('behaves the same with variables that steer other programs', async (t) => {
  const { world, config } = await start(t);
  writeFileSync(join(world.root, 'preload.js'), 'console.log("preloaded");\n');
  const usual = await behaviour(world, config, {});
  for (const [name, value] of innocent) {
    t.strictSame(await behaviour(world, config, { [name]: value }), usual, name);
  }
});

t.test('trusts no CA that the environment names', async (t) => {
  const { world, config } = await start(t);
  const file = join(world.root, 'ca.pem');
  writeFileSync(file, world.aws.certificate ?? '');
  const env = {
    NODE_EXTRA_CA_CERTS: file,
    SSL_CERT_FILE: file,
    SSL_CERT_DIR: world.root,
    NODE_USE_SYSTEM_CA: '1',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
  };
  const aws = { endpointUrl: config.aws.endpointUrl };
  const { exitCode, message } = await world.spawn({ ...config, aws, retryTimeoutSeconds: 0.2 }, { env }).finished;
  t.equal(exitCode, 10);
  t.match(message, 'ASI_AWS_TLS');
});
