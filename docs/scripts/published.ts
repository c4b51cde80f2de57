/** Shows docs/published.json: figures of ours, of floors and of other projects, which others measured in one run. It is pure. */
import { table } from './markdown.ts';
import { type Bar, COLORS, type Panel } from './plot.ts';

export type Published = {
  /** The day on which the figures were published, such as 2026-11-26. */
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly tables: readonly PublishedTable[];
};

type PublishedTable = {
  readonly title: string;
  readonly columns: readonly string[];
  /** Has a median for each column. */
  readonly rows: readonly {
    readonly name: string;
    readonly kind: keyof typeof COLORS;
    readonly values: readonly number[];
  }[];
};

/** Returns a panel of bars for each table, in which the rows stand together by their columns. */
export function publishedPanels({ tables, date }: Published): Panel[] {
  return tables.map(({ title, columns, rows }) => ({
    title: `Published ${date}, one machine. ${title}`,
    bars: columns.flatMap((column, at) =>
      rows.map(({ name, kind, values }): Bar => {
        const value = values[at] ?? Number.NaN;
        return { label: `${name}, ${column}`, color: COLORS[kind], min: value, median: value, max: value };
      }),
    ),
  }));
}

/** Returns where the figures come from, and a table for each of the published ones. */
export function renderPublished({ date, machine, versions, tables }: Published): string {
  const about = `Published on ${date}, measured in one run on ${machine}. Versions: ${Object.entries(versions)
    .map((pair) => pair.join(' '))
    .join(', ')}. Each figure is a median.`;
  const shown = tables.map(({ title, columns, rows }) =>
    table(
      [title, ...columns],
      rows.map(({ name, values }) => [name, ...values.map(String)]),
    ),
  );
  return [about, ...shown].join('\n\n');
}
