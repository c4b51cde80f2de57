/** Tests the words about signals, with the processes of a pod as the system shows them. */
import t, { type Test } from 'tap';
import { createReactions } from '../../../injector/rotation/react.ts';
import { createClock } from '../support/clock.ts';
import { aroundFiles } from '../support/system.ts';

const mounts = (first: number, device: string, point: string) =>
  `${first} 1 0:${first} / / rw - overlay overlay rw\n${first + 1} ${first} ${device} / ${point} rw - tmpfs tmpfs rw\n`;

const stat = (pid: number) => `${pid} (app) S 0 ${pid} ${pid} 0 -1 0 1 0 0 0 1 1 0 0 20 0 1 0 ${pid} 1 1 1`;

/** The files of /proc: of three containers that mount the files, of one that does not, and of a process that has just ended. */
const PROC: Readonly<Record<string, string>> = {
  'self/mountinfo': mounts(10, '0:9', '/run/volume'),
  '20/stat': stat(20),
  '20/mountinfo': mounts(20, '0:9', '/etc/app'),
  '30/stat': stat(30),
  '30/mountinfo': mounts(30, '0:9', '/mnt'),
  '40/stat': stat(40),
  '40/mountinfo': mounts(40, '0:9', '/mnt'),
  '50/stat': stat(50),
  '50/mountinfo': mounts(50, '0:8', '/mnt'),
  '60/stat': stat(60),
};

type Answer = 'ESRCH' | 'EPERM' | 'EINVAL' | undefined;

/** Reacts to a change in a pod whose processes answer a signal so, and returns the lines of the log and the signals. */
function react(
  t: Test,
  rotation: { signal?: 'HUP'; restart?: 'container' },
  answers: Readonly<Record<number, Answer>>,
) {
  const signals: [number, string][] = [];
  const lines: unknown[][] = [];
  const notes: boolean[] = [];
  aroundFiles(t, {
    readdirSync: (real) =>
      ((path: never) => (path === '/proc' ? ['self', '20', '30', '40', '50', '60', '7x'] : real(path))) as never,
    readFileSync: (real) =>
      ((path: never, encoding: never) => {
        if (!String(path).startsWith('/proc/')) return real(path, encoding);
        const text = PROC[String(path).slice('/proc/'.length)];
        if (text === undefined) throw new Error('ENOENT');
        return encoding === 'utf8' ? text : Buffer.from(text);
      }) as never,
  });
  t.intercept(process, 'kill', {
    value: (pid: number, name: string) => {
      signals.push([pid, name]);
      const code = answers[pid];
      if (code !== undefined) throw Object.assign(new Error(code), { code });
    },
  });
  const clock = createClock([], { random: () => 0 });
  const reactions = createReactions({
    rotation: { seconds: 60, ...rotation },
    directories: ['/run/volume'],
    clock,
    log: (...line) => void lines.push(line),
    note: ({ restart }) => void notes.push(restart),
  });
  return { reactions, signals, lines, notes };
}

t.test('each container that mounts the files gets the signal, and the log counts them', async (t) => {
  const { reactions, signals, lines } = react(t, { signal: 'HUP' }, {});
  reactions.changed(['a'], false);
  t.strictSame(signals, [
    [20, 'SIGHUP'],
    [30, 'SIGHUP'],
    [40, 'SIGHUP'],
  ]);
  t.strictSame(lines, [['info', 'SIGHUP was sent to 3 containers.', { containers: 3 }]]);
});

t.test(
  'a container that can not be signalled is reported once for each cause, and one that has ended is not',
  async (t) => {
    const { reactions, lines } = react(t, { signal: 'HUP' }, { 20: 'EPERM', 30: 'EPERM', 40: 'ESRCH' });
    reactions.changed(['a'], false);
    t.strictSame(lines[0], ['info', 'SIGHUP was sent to 1 containers.', { containers: 1 }]);
    t.equal(lines.length, 2);
    t.match(lines[1], [
      'error',
      /^A container could not be sent SIGHUP\. It runs with another uid than the injector \(EPERM\)\. .*\[ASI_ROT_SIGNAL\]$/,
      { code: 'ASI_ROT_SIGNAL' },
    ]);
  },
);

t.test('another error of the system is named', async (t) => {
  const { reactions, lines } = react(t, { signal: 'HUP' }, { 20: 'EINVAL' });
  reactions.changed(['a'], false);
  t.match(lines[1], ['error', /^A container could not be sent SIGHUP\. The system says EINVAL\. /]);
});

t.test('a restart of containers is noted before it comes, and ends them by SIGTERM', async (t) => {
  const { reactions, signals, lines, notes } = react(t, { restart: 'container' }, {});
  reactions.changed(['a'], true);
  t.strictSame([notes, signals], [[true], []]);
  while (signals.length < 3) await new Promise((resolve) => setImmediate(resolve));
  t.strictSame(signals[0], [20, 'SIGTERM']);
  t.strictSame(notes, [true, false]);
  t.strictSame(
    lines.map(([, message]) => message),
    ['The container restarts in 5 s.', 'SIGTERM was sent to 3 containers.'],
  );
});
