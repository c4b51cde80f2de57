/** Runs `bench hostile`: the worst that one hostile pod or client does to a webhook, beside an ordinary one in the same run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueAuthority, issueLeaf } from '../../certs/authority/issue.ts';
import { POLICY } from '../../certs/authority/lifecycle.ts';
import { annotationAttacks } from './hostile/annotations.ts';
import { classAttacks, hostileClasses } from './hostile/classes.ts';
import { connectionAttacks } from './hostile/connections.ts';
import { injectorTable } from './hostile/injector.ts';
import { podAttacks } from './hostile/pods.ts';
import { type Struck, strike } from './hostile/row.ts';
import { oneByOne } from './hostile/target.ts';
import { attacksTogether } from './hostile/together.ts';
import type { BenchOptions } from './options.ts';
import { table } from './table.ts';
import { startCluster } from './webhook/cluster.ts';
import { reviewOf } from './webhook/review.ts';

/** The limits hold on two quiet cores: milliseconds until others' reviews are answered (p99), and MiB of a replica. */
const LIMITS = { ms: 250, memory: 400 };

/** Attacks one webhook after another; `only` leaves rows out whose names do not contain it. */
export async function benchHostile({ only }: BenchOptions): Promise<string> {
  const attacks = [
    oneByOne('an ordinary pod', () => reviewOf()),
    ...annotationAttacks(),
    ...classAttacks(),
    ...podAttacks(),
    ...connectionAttacks(),
    ...attacksTogether(),
  ].filter(({ name }) => name.includes(only));
  const folder = mkdtempSync(join(tmpdir(), 'aws-secrets-injector-bench-'));
  const authority = await issueAuthority(new Date(), POLICY);
  const pair = await issueLeaf(new Date(), authority, ['localhost'], POLICY);
  const cluster = await startCluster(pair, authority.cert, hostileClasses());
  const files = { 'tls.crt': pair.cert, 'tls.key': pair.key, kubeconfig: cluster.kubeConfig };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  try {
    const [load] = loadavg();
    const rows: Struck[] = [];
    for (const attack of attacks) {
      const row = await strike(attack, folder, authority.cert);
      process.stderr.write(`${cellsOf(row).join(' | ')}\n`);
      rows.push(row);
    }
    return [
      `hostile: one attack at a time, each on a fresh replica; ${availableParallelism()} cores, load ${load?.toFixed(1)} at the start. * where one`,
      `review takes more than ${LIMITS.ms} ms of the event loop's thread, other reviews' p99 is above that, memory is above`,
      `${LIMITS.memory} MiB, a review or a probe fails, or the replica ends`,
      ...(rows.length > 0 ? [table(HEAD, rows.map(cellsOf))] : []),
      await injectorTable(folder, only),
      '',
    ].join('\n');
  } finally {
    cluster.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const HEAD = [
  ...['', 'CPU ms', 'loop ms', 'MiB', 'grown by', 'answer', 'its bytes', 'its ms'],
  ...["others' p50", 'p99', 'slowest', 'failed', 'probes failed'],
];

function cellsOf({ name, cpu, seen, reply, stall, idle, peak, ended }: Struck): string[] {
  const { p50, p99, slowest, reviews, failed, statuses, unhealthy } = seen;
  const isBad =
    ended || p99 > LIMITS.ms || (reply && cpu > LIMITS.ms) || peak > LIMITS.memory || failed > 0 || unhealthy > 0;
  return [
    `${isBad ? '* ' : ''}${name}`,
    Number.isNaN(cpu) ? 'ended' : cpu.toFixed(0),
    ended ? 'ended' : stall.toFixed(0),
    peak.toFixed(0),
    (peak - idle).toFixed(0),
    ...(reply ? [`${reply.status || 'none'}`, `${reply.bytes}`, reply.ms.toFixed(0)] : ['', '', '']),
    ...[p50, p99, slowest].map((ms) => ms.toFixed(0)),
    `${failed} of ${reviews}${failed > 0 ? `: ${statuses.join()}` : ''}`,
    `${unhealthy}`,
  ];
}
