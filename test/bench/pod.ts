/** Runs `bench pod`: from the request for a pod to its app's first line, on a real cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import { retire } from '../e2e/harness/evidence.ts';
import { loadImages } from '../e2e/harness/images.ts';
import { install, uninstall } from '../e2e/harness/install.ts';
import { say } from '../e2e/harness/progress.ts';
import type { Settings } from '../e2e/harness/settings.ts';
import { findKubectl } from '../e2e/harness/tools.ts';
import { createNamespace, createWorld, type World } from '../e2e/harness/world.ts';
import { LATENCY } from './far-aws.ts';
import type { BenchOptions } from './options.ts';
import { type Marks, sharesOf, untilShare } from './pod/marks.ts';
import { type Row, rowsOf, TRIVIAL } from './pod/rows.ts';
import { createStarter, type Starter } from './pod/start.ts';
import { type Spread, spread } from './statistics.ts';
import { range, table } from './table.ts';

type Effort = Pick<BenchOptions, 'runs' | 'long'>;

type Measured = {
  readonly name: string;
  /** The marks of pods that were created when the kubelet had just reported the end of another. */
  readonly next: readonly Marks[];
  /** The marks of pods that were created at any moment. The list is empty in a short bench. */
  readonly anyhow: readonly Marks[];
};

/** Installs the chart and removes it, with all that it made. */
export async function benchPod({ runs, long }: BenchOptions, settings: Settings): Promise<string> {
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
      return describe(await measure(starter, rowsOf(world, namespace), { runs, long }));
    } finally {
      starter.close();
      await retire(world);
    }
  } finally {
    await uninstall(world);
    await world.aws.close();
  }
}

/** Returns the settings of `aws` without a proxy, as on EKS: a proxy would prevent connections from being opened early. */
function direct({ aws, settings }: World): object {
  return { endpointUrl: `https://${settings.hostIp}:${aws.port}`, caBundle: aws.certificate };
}

/**
 * Rows take turns. The kubelet looks for ended containers once a second, and pods that follow one another are created just after
 * such a look, whereas other ones come at any moment: each of those rounds has another share of the second.
 */
async function measure(starter: Starter, rows: readonly Row[], { runs, long }: Effort): Promise<Measured[]> {
  const measured = rows.map((row) => ({ ...row, next: [] as Marks[], anyhow: [] as Marks[] }));
  for (const { name, make } of measured) {
    say(`not counted: ${name}`);
    await starter.start(make('start-first'));
  }
  for (let round = 0; round < runs; round++) {
    say(`round ${round + 1} of ${runs}`);
    for (const [at, { make, next }] of measured.entries()) {
      next.push(await starter.start(make(`start-next-${round}-${at}`)));
    }
  }
  for (const [round, share] of (long ? sharesOf(runs) : []).entries()) {
    say(`round ${round + 1} of ${runs}, at any moment`);
    for (const [at, { make, anyhow }] of measured.entries()) {
      await sleep(untilShare(share, Date.now()));
      anyhow.push(await starter.start(make(`start-anyhow-${round}-${at}`)));
    }
  }
  return measured;
}

function describe(rows: readonly Measured[]): string {
  const base = rows.find(({ name }) => name === TRIVIAL);
  const line = (figure: keyof Marks, of: readonly Marks[], base: readonly Marks[] = []) => {
    const found = spreadOf(of, figure);
    return Number.isNaN(found.median) ? ['', ''] : [range(found), difference(found, spreadOf(base, figure))];
  };
  const isLong = rows.some(({ anyhow }) => anyhow.length > 0);
  const head = ['', 'answer', 'scheduled', 'init container done', 'to echo', "app's first line", 'to echo'];
  const lines = rows.map(({ name, next, anyhow }) => {
    const both = [...next, ...anyhow];
    return [
      name,
      range(spreadOf(both, 'answered')),
      spreadOf(both, 'scheduled').median.toFixed(0),
      ...line('initDone', both, [...(base?.next ?? []), ...(base?.anyhow ?? [])]),
      ...line('line', next, base?.next),
      ...(isLong ? line('line', anyhow, base?.anyhow) : []),
    ];
  });
  return [
    `pod: minimum / median / maximum, milliseconds since the request for the pod; STS answers in ${LATENCY.sts} ms, a call in`,
    `${LATENCY.secretsmanager} ms. The kubelet looks once a second whether an init container has ended. These pods were created when a look had`,
    'just found another one ended, as controllers do: the next look finds all that ends within it. Of pods created at any moment,',
    'what an init container takes moves that look, on average by as much (--long measures them)',
    table(isLong ? [...head, 'at any moment', 'to echo'] : head, lines),
    '',
  ].join('\n');
}

function spreadOf(marks: readonly Marks[], figure: keyof Marks): Spread {
  return spread(marks.map((each) => each[figure]).filter((value) => value !== undefined));
}

/** Returns the difference of the medians. */
function difference(one: Spread, base: Spread): string {
  const more = one.median - base.median;
  return `${more < 0 ? '' : '+'}${more.toFixed(0)}`;
}
