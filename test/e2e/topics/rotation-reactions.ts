import type { Test } from 'tap';
import { sh } from '../harness/files.ts';
import { INJECTOR, MOUNT, pod, podSpec, ready, runs } from '../harness/pods.ts';
import { say, until } from '../harness/progress.ts';
import type { World } from '../harness/world.ts';

const OBJECT = 'e2e/pair';

/** Changes, each of which somebody asks for. */
const CHANGES = 20;

/** The least number of reads by which two files are compared. */
const READS = 10_000;

/** Starts its child process anew at each SIGHUP, and writes down how often. */
const SUPERVISOR = `
begin() { sleep 3600 & child=$!; starts=$((starts + 1)); echo $starts > /tmp/starts; }
begin
trap 'kill $child; wait $child; begin' HUP
while :; do sleep 0.05; done`;

/** Writes down each request with its body. */
const SERVER = `
mkdir -p /tmp/www/cgi-bin
cat > /tmp/www/cgi-bin/reload <<'END'
#!/bin/sh
echo "$REQUEST_METHOD $(head -c "$CONTENT_LENGTH")" >> /tmp/requests
printf 'HTTP/1.1 204 No Content\\r\\n\\r\\n'
END
chmod +x /tmp/www/cgi-bin/reload
exec httpd -f -p 127.0.0.1:8080 -h /tmp/www`;

/** Reads two files of one moment without a pause, and counts how often their numbers were not the same. */
const READER = `
reads=0; torn=0
until test -e /tmp/stop; do
  cd ${MOUNT}/..data && { read -r user < user; read -r password < password; }
  test -n "$user" && test -n "$password" || exit 8
  reads=$((reads + 1))
  test "\${user##*-}" = "\${password##*-}" || torn=$((torn + 1))
done
echo "$reads $torn" > /tmp/result
sleep 3600`;

/** Has apps that notice each change: by a signal, by a request, and by reading all the time. */
export async function rotationReactions(t: Test, world: World, namespace: string): Promise<void> {
  let count = 0;
  const change = () => {
    count += 1;
    const [user, password] = ['user', 'password'].map((name) => `${world.canary}-${name}-${count}`);
    world.aws.setSecret({ name: OBJECT, value: JSON.stringify({ user, password }) });
  };
  change();
  const pair = { files: `user: ${OBJECT}#user\npassword: ${OBJECT}#password`, rotation: '1h' };
  const shared = { shareProcessNamespace: true, securityContext: { runAsUser: 1000 } };
  const app = (script: string) => ({ containers: [runs(world, 'app', script)] });
  const url = 'http://127.0.0.1:8080/cgi-bin/reload';
  await world.kubectl.apply(
    pod(
      namespace,
      'signalled',
      { ...pair, 'rotation-signal': 'HUP' },
      podSpec(world, { ...shared, ...app(SUPERVISOR) }),
    ),
    pod(namespace, 'notified', { ...pair, 'rotation-notify': url }, podSpec(world, app(SERVER))),
    pod(namespace, 'reader', pair, podSpec(world, app(READER))),
  );
  const names = ['signalled', 'notified', 'reader'];
  await Promise.all(names.map((name) => ready(world, namespace, name)));
  const refresh = (name: string) => world.kubectl.run(refreshOf(namespace, name));
  const look = (name: string, script: string) => sh(world, { namespace, pod: name, container: 'app' }, script);
  const starts = () => look('signalled', 'cat /tmp/starts');
  const requests = async () => (await look('notified', 'cat /tmp/requests')).trim().split('\n');

  await t.test(`${CHANGES} changes are ${CHANGES} signals, and a look without a change is none`, async (t) => {
    for (let done = 0; done < CHANGES; done += 1) {
      change();
      await Promise.all(names.map(refresh));
    }
    await until('the last signal', 10, async () => (Number(await starts()) > CHANGES ? true : undefined));
    await Promise.all(names.map(refresh));
    t.equal(Number(await starts()), CHANGES + 1);
  });

  await t.test('no process is left dead in the namespace that the containers share', async (t) => {
    const states = await look('signalled', 'grep -h ^State: /proc/[0-9]*/status');
    t.match(states, /sleeping/);
    t.notMatch(states, /zombie/i);
  });

  await t.test('each change is one request that names the files', async (t) => {
    await until('the last request', 10, async () => ((await requests()).length >= CHANGES ? true : undefined));
    t.strictSame(
      await requests(),
      Array.from({ length: CHANGES }, () => 'POST {"files":["user","password"]}'),
    );
  });

  await t.test('two files of one secret never disagree', async (t) => {
    const result = await until('the reader to end', 10, async () => {
      const text = await look('reader', 'touch /tmp/stop; cat /tmp/result');
      return text.trim() === '' ? undefined : text;
    });
    const [reads = 0, torn] = result.split(' ').map(Number);
    say(`rotation: ${reads} reads across ${CHANGES} changes`);
    t.equal(torn, 0);
    t.ok(reads >= READS, `${reads} reads`);
  });

  await t.test("SIGHUP to the sidecar's main process has it look", async () => {
    change();
    const script = `for each in /proc/[0-9]*; do
      if grep -q '^/aws-secrets-injector' $each/cmdline; then kill -HUP \${each#/proc/}; fi
    done`;
    await look('signalled', script);
    const wanted = `-${count}`;
    await until('the new file', 10, async () =>
      (await look('signalled', `cat ${MOUNT}/user`)).trim().endsWith(wanted) ? true : undefined,
    );
  });
}

/** Returns kubectl's arguments that have the pod's sidecar look at AWS. */
export function refreshOf(namespace: string, name: string): string[] {
  return ['exec', name, '-n', namespace, '-c', INJECTOR, '--', '/aws-secrets-injector', 'refresh'];
}
