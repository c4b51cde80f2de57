/** Bars as an SVG, for docs/performance.svg. Pure. */
import type { Report, Row } from '../../test/bench/report.ts';
import { code, table } from './markdown.ts';

const WIDTH = 760;
const LABEL = 210;
const BAR = 18;
const STEP = 26;
const TITLE = 34;
const GAP = 24;

type Panel = { readonly title: string; readonly figure: string; readonly rows: readonly Row[] };

/** Returns a panel of bars for each figure: the bar is the median, the line in it reaches from the smallest to the largest. */
export function renderPlot({ benches, date, machine }: Report): string {
  const panels: Panel[] = [
    { title: 'Init container: CPU time in ms', figure: 'CPU ms', rows: benches['fetch'] ?? [] },
    { title: 'Init container: time from start to end in ms', figure: 'wall ms', rows: benches['fetch'] ?? [] },
    { title: 'Webhook: reviews per second', figure: 'reviews/s', rows: benches['webhook'] ?? [] },
    { title: 'Webhook: 99th percentile of an answer in ms', figure: 'p99 ms', rows: benches['webhook'] ?? [] },
  ].filter(({ rows }) => rows.length > 0);
  let top = 10;
  const parts: string[] = [];
  for (const panel of panels) {
    parts.push(panelAt(panel, top));
    top += TITLE + panel.rows.length * STEP + GAP;
  }
  const note = text(10, top + 8, `${date}, ${machine}. Grey: floors, the least that the runtime can do.`, 11);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 20}" font-family="sans-serif">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...parts,
    note,
    '</svg>',
    '',
  ].join('\n');
}

function panelAt({ title, figure, rows }: Panel, top: number): string {
  const largest = Math.max(...rows.map(({ figures }) => figures[figure]?.max ?? 0));
  const x = (value: number) => LABEL + (value / largest) * (WIDTH - LABEL - 70);
  const bars = rows.flatMap(({ name, figures }, index) => {
    const { min, median, max } = figures[figure] ?? { min: 0, median: 0, max: 0 };
    const y = top + TITLE + index * STEP;
    const middle = y + BAR / 2;
    const color = name.startsWith('floor') ? '#b0b7bf' : '#2f6fb2';
    return [
      `<text x="${LABEL - 8}" y="${middle + 4}" font-size="12" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${round(x(median) - LABEL)}" height="${BAR}" fill="${color}"/>`,
      `<path d="M${round(x(min))} ${middle}H${round(x(max))}" stroke="#1a1a1a"/>`,
      text(round(x(max)) + 6, middle + 4, shown(median), 12),
    ];
  });
  return [text(10, top + 18, title, 14), ...bars].join('\n');
}

/** Returns the rows of each bench as a table: smallest, median and largest of each figure. */
export function renderFigures({ benches, date, machine, versions }: Report): string {
  const about = `Measured on ${date}: ${machine}; ${Object.entries(versions)
    .map((pair) => pair.join(' '))
    .join(', ')}.`;
  const tables = Object.entries(benches).map(([bench, rows]) => {
    const names = Object.keys(rows[0]?.figures ?? {});
    const cells = rows.map(({ name, figures }) => [
      name,
      ...names.map((one) => {
        const { min, median, max } = figures[one] ?? { min: 0, median: 0, max: 0 };
        return [min, median, max].map(shown).join(' / ');
      }),
    ]);
    return `${table([code(bench), ...names], cells)}`;
  });
  return [about, ...tables].join('\n\n');
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1).replace('.0', '');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function text(x: number, y: number, content: string, size: number): string {
  return `<text x="${x}" y="${y}" font-size="${size}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
