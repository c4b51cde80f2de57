import t from 'tap';
import { rateLimited } from '../../../webhook/server/rate-limited-log.ts';

t.test('says each thing once a second, and how often it was left out', (t) => {
  let clock = 0;
  const lines: [object, string][] = [];
  const warn = rateLimited({ warn: (...line) => void lines.push(line) }, () => clock);
  for (const at of [0, 0, 400, 999]) {
    clock = at;
    warn({ at }, 'broken');
    warn({ at }, 'odd');
  }
  clock = 1000;
  warn({ at: clock }, 'broken');
  clock = 3000;
  warn({ at: clock }, 'broken');
  t.strictSame(lines, [
    [{ at: 0 }, 'broken'],
    [{ at: 0 }, 'odd'],
    [{ at: 1000, suppressed: 3 }, 'broken'],
    [{ at: 3000 }, 'broken'],
  ]);
  t.end();
});
