/** `bench pod`: from the request for a pod to its app's first line, on a real cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import { retire } from '../e2e/harness/evidence.ts';
import { loadImages } from '../e2e/harness/images.ts';
import { install, uninstall } from '../e2e/harness/install.ts';
import { say } from '../e2e/harness/progress.ts';
import type { Settings } from '../e2e/harness/settings.ts';
import { findKubectl } from '../e2e/harness/tools.ts';
import { createNamespace, createWorld, type World } from '../e2e/harness/world.ts';
import { LATENCY } from './far-aws.ts';
import type { BenchOptions } from './main.ts';
import { type Marks, sharesOf, untilShare } from './pod/marks.ts';
import { type Row, rowsOf, TRIVIAL } from './pod/rows.ts';
import { createStarter, type Starter } from './pod/start.ts';
import { spread } from './statistics.ts';
import { range, table } from './table.ts';

type Measured = { readonly name: string; readonly marks: readonly Marks[] };

/** Installs the chart and removes it, with all that it made. */
export async function benchPod({ runs }: BenchOptions, settings: Settings): Promise<string> {
  const made = await createWorld(settings, await findKubectl(), { latency: LATENCY, tlsNames: [settings.hostIp] });
  const world = { ...made, awsValues: direct(made) };
  try {
    await loadImages(settings);
    await install(world);
    const namespace = await createNamespace(world, 'bench');
    for (let index = 0; index < 5; index++) {
      world.aws.setSecret({ name: `bench/${index}`, value: `value ${index} `.repeat(100) });
    }
    const starter = await createStarter(namespace);
    try {
      return describe(await measure(starter, rowsOf(world, namespace), runs));
    } finally {
      starter.close();
      await retire(world);
    }
  } finally {
    await uninstall(world);
    await world.aws.close();
  }
}

/** As on EKS: no proxy, which would keep connections from being opened ahead. */
function direct({ aws, settings }: World): object {
  return { endpointUrl: `https://${settings.hostIp}:${aws.port}`, caBundle: aws.certificate };
}

/**
 * Rows take turns. The kubelet looks for ended containers once a second: a round starts its pods at one share of a second,
 * the rounds together at all of them, as chance would have it in the long run.
 */
async function measure(starter: Starter, rows: readonly Row[], runs: number): Promise<Measured[]> {
  const measured = rows.map(({ name, make }) => ({ name, make, marks: [] as Marks[] }));
  for (const { name, make } of measured) {
    say(`not counted: ${name}`);
    await starter.start(make('start-first'));
  }
  for (const [round, share] of sharesOf(runs).entries()) {
    say(`round ${round + 1} of ${runs}`);
    for (const [at, { make, marks }] of measured.entries()) {
      await sleep(untilShare(share, Date.now()));
      marks.push(await starter.start(make(`start-${round}-${at}`)));
    }
  }
  return measured;
}

function describe(rows: readonly Measured[]): string {
  const spreadOf = ({ marks }: Measured, figure: (marks: Marks) => number | undefined) =>
    spread(marks.map(figure).filter((value) => value !== undefined));
  const trivial = rows.find(({ name }) => name === TRIVIAL);
  const base = trivial ? spreadOf(trivial, ({ line }) => line).median : Number.NaN;
  const head = ['', 'answer', 'scheduled', 'init container done', "app's first line", 'median to echo'];
  const lines = rows.map((row) => {
    const done = spreadOf(row, ({ initDone }) => initDone);
    const line = spreadOf(row, (marks) => marks.line);
    const difference = line.median - base;
    return [
      row.name,
      range(spreadOf(row, ({ answered }) => answered)),
      range(spreadOf(row, ({ scheduled }) => scheduled)),
      Number.isNaN(done.median) ? '' : range(done),
      range(line),
      `${difference < 0 ? '' : '+'}${difference.toFixed(0)}`,
    ];
  });
  return [
    'pod: minimum / median / maximum, milliseconds since the request for the pod; STS answers in',
    `${LATENCY.sts} ms, a call in ${LATENCY.secretsmanager} ms. An app starts when the kubelet, which looks once a second, next sees that`,
    'no init container runs: a longer one shifts that look by its length at most, on average by its length',
    table(head, lines),
    '',
  ].join('\n');
}
