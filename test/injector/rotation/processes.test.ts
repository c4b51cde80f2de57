/** Tests which processes get a signal, in a process namespace that the containers of a pod share. */
import t from 'tap';
import { mainProcesses, type Process } from '../../../injector/rotation/processes.ts';

const SECRETS = '0:101';
const STATE = '0:102';
const DIRECTORY = '/run/aws-secrets-injector/secrets';
const STATE_DIRECTORY = '/run/aws-secrets-injector/state';

/** Returns the text of a container's mountinfo: its root, and the volumes by device and path. */
const mounts = (first: number, volumes: Record<string, string> = {}) =>
  [
    `${first} 800 0:${first} / / ro,relatime - overlay overlay rw,lowerdir=/a b`,
    ...Object.entries(volumes).map(
      ([point, device], index) => `${first + index + 1} ${first} ${device} / ${point} ro - tmpfs tmpfs rw`,
    ),
    '',
  ].join('\n');

const process = (pid: number, mountinfo: string, { parent = 0, started = pid, name = 'app' } = {}): Process => ({
  pid,
  stat: `${pid} (${name}) S ${parent} ${pid} ${pid} 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 ${started} 1 1 1`,
  mountinfo,
});

const own = mounts(200, { [DIRECTORY]: SECRETS, [STATE_DIRECTORY]: STATE });
const find = (...processes: Process[]) =>
  mainProcesses(processes, { own, directories: [DIRECTORY], state: STATE_DIRECTORY });

const app = mounts(300, { '/mnt/secrets-store': SECRETS });

t.test('the main process of each container that mounts the files, wherever it does', async (t) => {
  const other = mounts(400, { '/etc/app/secrets': SECRETS });
  t.strictSame(find(process(1, mounts(100)), process(20, app), process(30, other)), [20, 30]);
});

t.test('not the containers without the files, nor the pause container, nor our own', async (t) => {
  t.strictSame(find(process(1, app), process(7, own), process(40, mounts(500, { '/tmp': '0:103' }))), []);
});

t.test('not the children of a main process, nor orphans, which have the pause process as their parent', async (t) => {
  t.strictSame(find(process(20, app), process(21, app, { parent: 20 }), process(22, app, { parent: 1 })), [20]);
});

t.test('not a process of kubectl exec, which has no parent either, but is younger', async (t) => {
  t.strictSame(find(process(20, app, { started: 9000 }), process(19, app, { started: 10_000 })), [20]);
});

t.test('a name with brackets and spaces is no trap', async (t) => {
  t.strictSame(find(process(20, app, { name: 'a) S 1 (b' })), [20]);
});

t.test('a process that ended meanwhile is none', async (t) => {
  t.strictSame(find(process(20, '')), []);
});

t.test('nobody is found where our own mounts are not known', async (t) => {
  t.strictSame(mainProcesses([process(20, app)], { own: '', directories: [DIRECTORY], state: STATE_DIRECTORY }), []);
});
