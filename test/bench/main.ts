/** `npm run bench`: what a pod start and a pod creation cost, each next to floors that are measured in the same run. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench, BenchOptions } from './options.ts';
import { type Row, reportOf } from './report.ts';

/** Each is loaded only when it is asked for. */
const BENCHES: Record<string, Bench> = {
  fetch: async (options) => (await import('./fetch.ts')).benchFetch(options),
  webhook: async (options) => (await import('./webhook.ts')).benchWebhook(options),
  hostile: async (options) => (await import('./hostile.ts')).benchHostile(options),
  cli: async (options) => (await import('./cli.ts')).benchCli(options),
  image: async (options) => (await import('./image.ts')).benchImage(options),
  rotation: async (options) => (await import('./rotation.ts')).benchRotation(options),
  pod: async (options) => {
    const [{ benchPod }, { readSettings }] = await Promise.all([
      import('./pod.ts'),
      import('../e2e/harness/settings.ts'),
    ]);
    return benchPod(options, readSettings(process.env));
  },
  scale: async (options) => (await import('./scale.ts')).benchScale(options),
};

/** Without a name. hostile, rotation and scale take minutes, and pod needs a cluster. */
const USUAL = ['fetch', 'webhook', 'image'];

const USAGE = `npm run bench [-- [NAME ...] [--runs N] [--long] [--image FILE ...] [--only TEXT] [--json FILE]]

  NAME       ${Object.keys(BENCHES).join(', ')}; without one ${USUAL.join(', ')}. pod installs the chart on the
             cluster that KUBECONFIG points at, by the same E2E_ variables as npm run test:e2e, and removes it. scale
             starts an API server of its own: KUBEBUILDER_ASSETS names the folder of the programs etcd and kube-apiserver
  --runs N   counted runs of each row, after one that is not (default 15)
  --long     also what takes minutes: pods created at any moment, reviews by the hundred thousand, looks by ten thousand
  --image F  an archive of an image, as docker save writes it
  --only T   of hostile and rotation, the rows whose names contain this text
  --json F   write the rows of cli, fetch, scale and webhook, with the machine and the versions, to this file as well

Compare what one run printed: machines differ, and each differs from hour to hour.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '15' },
    long: { type: 'boolean', default: false },
    image: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const names = positionals.length === 0 ? USUAL : positionals;
const benches = names.map((name) => BENCHES[name]);
if (values.help || benches.includes(undefined)) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}
const recorded: Record<string, readonly Row[]> = {};
const options: BenchOptions = {
  runs: Number(values.runs),
  long: values.long,
  images: values.image,
  only: values.only,
  record: (bench, rows) => {
    recorded[bench] = rows;
  },
};
for (const bench of benches) process.stdout.write(`${await bench?.(options)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reportOf(recorded), undefined, 2)}\n`);
