/** Tests the figures of other projects on the page of performance. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Published, publishedPanels } from '../../docs/scripts/published.ts';

const published: Published = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/published.json'), 'utf8'));

t.test('every published row has a figure for each column', async (t) => {
  for (const { title, columns, rows } of published.tables)
    for (const { name, values } of rows) t.equal(values.length, columns.length, `${title}: ${name}`);
});

t.test(
  'every published figure is a bar, which says on what day and on how many machines it was measured',
  async (t) => {
    const bars = publishedPanels(published).map(({ title, bars }) => [title, bars.map(({ median }) => median)]);
    t.strictSame(
      bars,
      published.tables.map(({ title, columns, rows }) => [
        `Published ${published.date}, one machine. ${title}`,
        columns.flatMap((_, at) => rows.map(({ values }) => values[at])),
      ]),
    );
  },
);
