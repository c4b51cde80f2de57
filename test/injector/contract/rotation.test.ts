/** Tests what the configuration accepts about secrets that change. */
import t from 'tap';
import { type ConfigError, decodeConfig, encodeConfig } from '../../../injector/contract/encode.ts';
import {
  CA_DIRECTORY,
  ENVIRONMENT_DIRECTORY,
  SECRETS_DIRECTORY,
  TOKEN_DIRECTORY,
} from '../../../injector/contract/names.ts';
import {
  REFRESH_COMMAND,
  RESTART_EXIT_CODE,
  ROTATION_RESTARTS,
  ROTATION_SECONDS,
  ROTATION_SIGNALS,
  STATE_DIRECTORY,
  WAIT_COMMAND,
} from '../../../injector/contract/rotation.ts';
import { FAILURES } from '../../../injector/errors.ts';

const config = {
  version: 1,
  namespace: 'shop',
  region: 'eu-west-1',
  identity: { kind: 'pod-identity', addresses: ['http://169.254.170.23/v1/credentials'] },
  objects: [],
};

const decode = (rotation: unknown) => decodeConfig(JSON.stringify({ ...config, rotation }));

t.test('no rotation is in a configuration that does not ask for it', async (t) => {
  t.notMatch(encodeConfig(decodeConfig(JSON.stringify(config))), 'rotation');
});

const accepted: [what: string, rotation: object][] = [
  ['the shortest interval', { seconds: ROTATION_SECONDS.least }],
  ['the longest interval', { seconds: ROTATION_SECONDS.most }],
  ['a notification of an address', { seconds: 60, notify: 'http://127.0.0.1:8080/reload?full=1' }],
  ['a notification of a name', { seconds: 60, notify: 'http://localhost/-/reload' }],
  ['a notification by IPv6', { seconds: 60, notify: 'http://[::1]:9000/' }],
  ...ROTATION_SIGNALS.map((signal) => [`the signal ${signal}`, { seconds: 60, signal }] as [string, object]),
  ...ROTATION_RESTARTS.map((restart) => [`a restart: ${restart}`, { seconds: 60, restart }] as [string, object]),
];
for (const [what, rotation] of accepted) {
  t.test(`${what} is read as it was written`, async (t) => {
    t.same(decodeConfig(encodeConfig(decode(rotation))).rotation, rotation);
  });
}

const refused: [what: string, rotation: object, because: RegExp][] = [
  ['a shorter interval', { seconds: ROTATION_SECONDS.least - 1 }, /seconds/],
  ['a longer interval', { seconds: ROTATION_SECONDS.most + 1 }, /seconds/],
  ['a part of a second', { seconds: 30.5 }, /seconds/],
  ['a host of the cluster', { seconds: 60, notify: 'http://reloader.tools:8080/' }, /loopback/],
  ['a host that begins like the loopback', { seconds: 60, notify: 'http://localhost.example.com/' }, /loopback/],
  ['the address of the node', { seconds: 60, notify: 'http://169.254.169.254/' }, /loopback/],
  ['a password', { seconds: 60, notify: 'http://me:hunter2@127.0.0.1/' }, /no password/],
  ['an address that is a number and not of the loopback', { seconds: 60, notify: 'http://2852039166/' }, /loopback/],
  ['TLS', { seconds: 60, notify: 'https://127.0.0.1/' }, /notify/],
  ['a signal that nobody can handle', { seconds: 60, signal: 'KILL' }, /signal/],
  ['a restart of something else', { seconds: 60, restart: 'node' }, /restart/],
  ['an unknown key', { seconds: 60, jitter: 1 }, /jitter/],
];
for (const [what, rotation, because] of refused) {
  t.test(`${what} is refused without repeating it`, async (t) => {
    const error: ConfigError = t.throws(() => decode(rotation), { name: 'ConfigError', message: because }) as never;
    t.notMatch(error.message, 'hunter2');
  });
}

t.test('no failure ends the program with the exit code that restarts the pod', async (t) => {
  t.notOk(Object.values(FAILURES).some(({ exitCode }) => (exitCode as number) === RESTART_EXIT_CODE));
});

t.test('the state is in no volume that the app may mount', async (t) => {
  for (const directory of [SECRETS_DIRECTORY, ENVIRONMENT_DIRECTORY, TOKEN_DIRECTORY, CA_DIRECTORY]) {
    t.notOk(`${STATE_DIRECTORY}/`.startsWith(`${directory}/`), directory);
  }
});

t.test('the commands can be told from options', async (t) => {
  for (const command of [WAIT_COMMAND, REFRESH_COMMAND]) t.match(command, /^[a-z]+$/);
});
