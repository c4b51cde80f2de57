/**
 * Makes each failure of the catalogue once, and compares its whole sentence. `test/fixtures/failures/CODE.yaml` has what the world
 * is like, and `CODE.txt` the line of the termination message. `UPDATE_FIXTURES=1` writes what comes out; read the diff.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { encodeConfig } from '../../injector/contract/encode.ts';
import { KUBERNETES_TOKEN_FILE } from '../../injector/contract/names.ts';
import { sentinelFailures } from '../../injector/environment/kubelet.ts';
import { FAILURES, type Failure, type FailureCode } from '../../injector/errors.ts';
import { describe, unexpected } from '../../injector/report.ts';
import { run } from '../../injector/run.ts';
import { Secret } from '../../injector/secret.ts';
import type { Cluster } from '../../injector/sync/sync.ts';
import { explainWrite } from '../../injector/write/explain.ts';
import { parseSeed, sow } from '../aws/seed.ts';
import type { Statement } from '../aws/server.ts';
import type { Stored } from '../kubernetes/objects.ts';
import { createClock } from './support/clock.ts';
import { addCluster } from './support/cluster.ts';
import { proxyThatAnswers } from './support/proxy.ts';
import { addState, INTERVAL, watch } from './support/rotation.ts';
import { createWorld, type World } from './support/world.ts';

/** Bytes of one line: four of them fit into a termination message, and one into a message of a pod with fifteen containers. */
const LIMIT = 4096 / 4;

type Fixture = {
  /** A seed of the in-memory AWS, and the bodies of its answers by operation. */
  readonly aws?: object;
  readonly answers?: Readonly<Record<string, string | { readonly characters: number }>>;
  /** So many secrets below shop/, each a JSON object of so many keys. */
  readonly secrets?: { readonly count: number; readonly keys: number };
  readonly policy?: Statement[];
  readonly tls?: true;
  readonly podIdentity?: true;
  /** The status with which a proxy answers. */
  readonly proxy?: number;
  readonly objects?: InjectorConfig['objects'];
  readonly config?: Partial<InjectorConfig>;
  /** The text in place of a configuration. */
  readonly configText?: string;
  /** Folders that are in the volume already. */
  readonly folders?: readonly string[];
  /** The API server of the cluster: the rights of the ServiceAccount, a Secret that is there, and an answer to each apply. */
  readonly kubernetes?: {
    readonly rights?: Readonly<Record<string, readonly string[]>>;
    readonly secret?: Stored;
    readonly answer?: { readonly status: number; readonly message: string };
    /** No token is there. */
    readonly token?: false;
  };
  /** A secret's new value, after a first complete set of files. */
  readonly change?: { readonly name: string; readonly value: string };
  /** The variable of the second init container. */
  readonly sentinel?: string;
  /** A cause that only the system has: an error of a write, the name of an error, or the failure itself. */
  readonly write?: { readonly code: string; readonly path: string; readonly done: string[] };
  readonly error?: string;
  readonly failure?: Omit<Failure, 'code'>;
};

/** Matches what is another one in each run: ids of requests, and the ends of ARNs of secrets. */
const RANDOM = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=:secret:shop\/db-)\w{6}/g;

const FOLDER = join(import.meta.dirname, '../fixtures/failures');
const { UPDATE_FIXTURES: update } = process.env;

for (const code of Object.keys(FAILURES) as FailureCode[]) {
  t.test(`${code} is one line that fits, from a fixture of its own`, async (t) => {
    const file = join(FOLDER, `${code}.yaml`);
    if (!existsSync(file)) {
      t.fail(`${file} is missing: write what the world is like in which this failure comes`);
      return;
    }
    const said = await linesOf(t, code, parse(readFileSync(file, 'utf8')) as Fixture);
    const line = said.find((each) => each.includes(`[${code}]`)) ?? `none of: ${said.join('\n')}`;
    const text = `${line.replaceAll(RANDOM, 'ID')}\n`;
    if (update === '1') writeFileSync(join(FOLDER, `${code}.txt`), text);
    t.equal(text, readFileSync(join(FOLDER, `${code}.txt`), 'utf8'));
    t.ok(Buffer.byteLength(text) <= LIMIT, `${Buffer.byteLength(text)} bytes`);
  });
}

/** Returns the lines that people get to see. */
async function linesOf(t: Test, code: FailureCode, fixture: Fixture): Promise<string[]> {
  const { configText, sentinel, write, error, failure, change } = fixture;
  if (failure !== undefined) return [describe({ code, ...failure })];
  if (error !== undefined) return [describe(unexpected(Object.assign(new Error('canary'), { name: error })))];
  if (sentinel !== undefined) return sentinelFailures(sentinel).map(describe);
  if (write !== undefined) {
    const files = [write.path, ...write.done].map((path) => ({
      directory: '/',
      path,
      mode: 0,
      content: new Secret('x'),
    }));
    return [describe(explainWrite(Object.assign(new Error('canary'), { code: write.code }), write, files))];
  }
  if (configText !== undefined) return (await runWith(t.testdir({}), configText)).split('\n');
  const { world, config, cluster } = await worldOf(t, fixture);
  if (change === undefined) return (await runWith(world.root, encodeConfig(config), cluster)).split('\n');
  addState(t, world.root);
  const happens = () => void world.aws.setSecret(change);
  const watched = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: 2.5 * INTERVAL * 1000 });
  return watched.lines.map(({ message = '' }) => message);
}

async function runWith(root: string, configText: string, cluster?: Cluster): Promise<string> {
  const given = { configText, podName: 'app1-7d9-x2x', root, clock: createClock(), write: () => {} };
  const outcome = await run({ ...given, ...(cluster && { cluster }) });
  return outcome.message;
}

type Made = { readonly world: World; readonly config: InjectorConfig; readonly cluster?: Cluster };

async function worldOf(t: Test, fixture: Fixture): Promise<Made> {
  const { aws = {}, answers = {}, secrets, policy, tls, podIdentity, proxy, objects = [], folders = [] } = fixture;
  const world = await createWorld(t, policy, { ...(tls && { tls }), ...(podIdentity && { podIdentity: {} }) });
  sow(world.aws, parseSeed(stringify(aws)));
  const keys = Array.from({ length: secrets?.keys ?? 0 }, (_, index) => [`k${index}`, 0]);
  for (let index = 0; index < (secrets?.count ?? 0); index += 1) {
    world.aws.setSecret({ name: `shop/${index}`, value: JSON.stringify(Object.fromEntries(keys)) });
  }
  for (const [operation, answer] of Object.entries(answers)) {
    const body = typeof answer === 'string' ? answer : JSON.stringify({ SecretString: 'x'.repeat(answer.characters) });
    world.aws.fault({ operation, effect: { kind: 'body', body } });
  }
  const config = world.config(objects, {
    ...(podIdentity && { identity: world.podIdentity() }),
    ...(proxy !== undefined && { aws: { httpsProxy: await proxyThatAnswers(t, proxy) } }),
    ...fixture.config,
  });
  for (const folder of folders) mkdirSync(join(world.root, config.directory, folder));
  return { world, config, ...(fixture.kubernetes && { cluster: await clusterOf(t, world, fixture.kubernetes) }) };
}

async function clusterOf(t: Test, { root }: World, kubernetes: NonNullable<Fixture['kubernetes']>): Promise<Cluster> {
  const { rights, secret, answer, token } = kubernetes;
  const server = await addCluster(t, root);
  if (rights) server.state.rights = { ...rights };
  if (secret) server.put(secret);
  if (answer) {
    const body = { kind: 'Status', message: answer.message };
    server.state.fault = (method) => (method === 'PATCH' ? { status: answer.status, body } : undefined);
  }
  if (token === false) rmSync(join(root, KUBERNETES_TOKEN_FILE));
  return server.cluster;
}
