/** Compiles the injector into one program: `npm run build:injector`, or `node .github/scripts/compile-injector.ts ENTRY OUTFILE` for another. */
import { execFileSync } from 'node:child_process';
import { arch, argv, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

const [entry = 'injector/main.ts', outfile = 'dist/aws-secrets-injector'] = argv.slice(2);

// The package `bun` would choose the platform's package in an install script, and install scripts are switched off in .npmrc.
const bun = import.meta.resolve(`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`);

const options = [
  '--compile',
  '--bytecode',
  '--format=esm',
  '--conditions=module',
  '--splitting',
  '--minify',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  // The injector ends before machine code would pay. The command line checks many files, in half of the time with it.
  ...(entry.startsWith('cli/') ? [] : ['--compile-jit-policy=100']),
];
execFileSync(fileURLToPath(bun), ['build', entry, ...options, '--outfile', outfile], { stdio: 'inherit' });
