/** Bars as an SVG, for docs/performance.svg. Pure. */
import type { Report, Row } from '../../test/bench/report.ts';
import { code, table } from './markdown.ts';

const WIDTH = 760;
const LABEL = 240;
const BAR = 18;
const STEP = 26;
const TITLE = 34;
const GAP = 24;

/** Blue is ours, grey is the least that a program can do, and orange is another project. */
export const COLORS = { ours: '#2f6fb2', floor: '#b0b7bf', peer: '#d98324' };

export type Bar = {
  readonly label: string;
  readonly color: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
};

export type Panel = { readonly title: string; readonly bars: readonly Bar[] };

/**
 * Returns a panel for each figure of a run, and the further panels below them. A bar is the median, the line in it reaches from the
 * smallest to the largest.
 */
export function renderPlot({ benches, date, machine }: Report, further: readonly Panel[]): string {
  const panels = [
    panelOf('Init container: CPU time in ms', 'CPU ms', benches['fetch']),
    panelOf('Init container: time from start to end in ms', 'wall ms', benches['fetch']),
    panelOf('Webhook: reviews per second', 'reviews/s', benches['webhook']),
    panelOf('Webhook: 99th percentile of an answer in ms', 'p99 ms', benches['webhook']),
    ...further,
  ].filter(({ bars }) => bars.length > 0);
  let top = 10;
  const parts: string[] = [];
  for (const panel of panels) {
    parts.push(panelAt(panel, top));
    top += TITLE + panel.bars.length * STEP + GAP;
  }
  const legend = 'Blue: ours. Grey: floors, the least that a program can do. Orange: other projects.';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 36}" font-family="sans-serif">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...parts,
    text(10, top + 8, legend, 11),
    text(10, top + 24, `What is not marked as published: ${date}, ${machine}.`, 11),
    '</svg>',
    '',
  ].join('\n');
}

function panelOf(title: string, figure: string, rows: readonly Row[] = []): Panel {
  const bars = rows.map(({ name, figures }): Bar => {
    const color = name.startsWith('floor') ? COLORS.floor : COLORS.ours;
    return { label: name, color, ...(figures[figure] ?? { min: 0, median: 0, max: 0 }) };
  });
  return { title, bars };
}

function panelAt({ title, bars }: Panel, top: number): string {
  const largest = Math.max(...bars.map(({ max }) => max));
  const x = (value: number) => LABEL + (value / largest) * (WIDTH - LABEL - 70);
  const drawn = bars.flatMap(({ label, color, min, median, max }, index) => {
    const y = top + TITLE + index * STEP;
    const middle = y + BAR / 2;
    return [
      `<text x="${LABEL - 8}" y="${middle + 4}" font-size="12" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${round(x(median) - LABEL)}" height="${BAR}" fill="${color}"/>`,
      `<path d="M${round(x(min))} ${middle}H${round(x(max))}" stroke="#1a1a1a"/>`,
      text(round(x(max)) + 6, middle + 4, shown(median), 12),
    ];
  });
  return [text(10, top + 18, title, 14), ...drawn].join('\n');
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
  if (value < 1) return `${Number(value.toPrecision(2))}`;
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
