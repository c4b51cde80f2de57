/** Each case of test/fixtures/conformance, as an unmodified ASCP user's pod would live through it. A new case is a new file. */
import t, { type Test } from 'tap';
import type { ConfigObject, InjectorConfig } from '../../injector/contract/config.ts';
import { isCurrent } from '../../injector/contract/source.ts';
import type { Call } from '../aws/call.ts';
import { type Again, type Case, type Expected, type ExpectedFiles, expectedOf, readCases } from './support/case.ts';
import { createPlay, type Play } from './support/play.ts';
import type { Written } from './support/written.ts';

const { CASE: only } = process.env;

for (const one of readCases()) {
  if (one.notApplicable !== undefined || (only !== undefined && only !== one.case)) continue;
  t.test(`${one.case}: ${one.title}`, async (t) => {
    const play = await createPlay(t, one);
    const expected = expectedOf(one);
    const config = await atAdmission(t, play, one, expected);
    if (config !== undefined) await inContainer(t, play, config, expected);
    for (const again of one.again ?? []) await afterwards(t, play, { config, one, again });
    if (config?.objects.some(isCurrent)) await t.test('together', (t) => together(t, one, expected));
  });
}

/** Tests that the files and messages are the same if the secrets are prefetched together with another one of their regions. */
async function together(t: Test, one: Case, expected: Expected): Promise<void> {
  const play = await createPlay(t, one);
  const { config } = await play.admit(one);
  if (config === undefined) throw new Error('there is no configuration');
  const { objects } = config;
  const others = objects.filter(({ service }) => service === 'secretsmanager').map(companionOf);
  for (const { region = config.region, failover } of others) {
    const secrets = [{ name: COMPANION, value: '{}' }];
    play.sow({ regions: { [region]: { secrets }, ...(failover && { [failover.region]: { secrets } }) } });
  }
  const { requests: _, ...rest } = expected;
  await inContainer(t, play, { ...config, objects: [...objects, ...others], batch: true }, rest);
}

const COMPANION = 'companion';

/** Returns an object of the same regions that has no output. */
function companionOf({ service, region, failover }: ConfigObject): ConfigObject {
  return { service, name: COMPANION, region, failover: failover && { region: failover.region, name: COMPANION } };
}

/** A case that says what AWS has gets as far as the init container; any other error is the admission's. */
async function atAdmission(t: Test, play: Play, one: Case, expected: Expected): Promise<InjectorConfig | undefined> {
  const admitted = await play.admit(one);
  if (expected.error !== undefined && !one.aws) {
    begins(t, admitted.refusals[0] ?? `not refused: ${JSON.stringify(admitted.config?.objects)}`, expected.error);
    holds(t, admitted.refusals.join('\n'), expected.also);
    return undefined;
  }
  t.strictSame(admitted.refusals, [], 'the pod is admitted');
  holds(t, admitted.warnings.join('\n'), expected.warns);
  if (expected.config !== undefined) t.match(admitted.config, expected.config);
  if (expected.pod !== undefined) t.match(admitted.pod, expected.pod);
  if (expected.untouched) t.same(admitted.pod, admitted.before, 'the pod comes out as it went in');
  else t.ok(admitted.config, 'the pod is injected');
  return admitted.config;
}

async function inContainer(t: Test, play: Play, config: InjectorConfig, expected: Expected): Promise<void> {
  const { exitCode, message, log } = await play.run(config);
  const calls = play.calls();
  const wrong = expected.error !== undefined;
  t.equal(exitCode, wrong ? (expected.exit ?? 10) : 0, `exit code; ${message}`);
  if (wrong) {
    const lines = message.split('\n');
    begins(t, lines.find((line) => line.startsWith(expected.error ?? '')) ?? message, expected.error ?? '');
    t.equal(play.written(config).size, 0, 'nothing is written');
  } else {
    sameFiles(t, play.written(config), expected.files ?? {});
  }
  play.cluster?.compare(t, expected.secrets ?? {});
  if (wrong) holds(t, message, expected.also);
  holds(t, log, expected.log);
  asked(t, calls, expected);
  if (expected.hosts !== undefined) {
    const hosts = expected.hosts.map((host) => `${host}:443`);
    t.strictSame([...new Set(play.hosts())].sort(), hosts.sort(), 'the names of AWS');
  }
}

type Past = { readonly config: InjectorConfig | undefined; readonly one: Case; readonly again: Again };

async function afterwards(t: Test, play: Play, { config, one, again }: Past): Promise<void> {
  t.comment(again.about);
  play.sow(again.aws);
  play.cluster?.change(again.cluster);
  const { objects = one.objects, secretObjects = one.secretObjects, owners = one.owners } = again;
  const given = { ...one, objects, secretObjects, owners };
  const changed = again.class === undefined ? given : { ...given, class: again.class };
  const next = again.newPod ? (await play.admit(changed)).config : config;
  if (next === undefined) throw new Error('there is no configuration');
  const polls = next.rotation !== undefined && !again.newPod && !again.restarts;
  const { exitCode, message, log } = await (polls ? play.poll(next) : play.run(next));
  t.equal(exitCode, 0, message);
  sameFiles(t, play.written(next), again.files ?? {});
  play.cluster?.compare(t, again.secrets ?? {});
  holds(t, log, again.log);
  asked(t, play.calls(), again);
}

function begins(t: Test, found: string, expected: string): void {
  t.equal(found.slice(0, expected.length), expected, found);
}

function holds(t: Test, text: string, parts: readonly string[] = []): void {
  for (const part of parts) t.ok(text.includes(part), `"${part}" is in: ${text}`);
}

function sameFiles(t: Test, written: Written, expected: ExpectedFiles): void {
  t.strictSame([...written.keys()].sort(), Object.keys(expected).sort(), 'the files');
  for (const [path, file] of Object.entries(expected)) {
    const found = written.get(path);
    const { content, base64, mode } = typeof file === 'string' ? { content: file, mode: '0644' } : { ...file };
    if (content !== undefined) t.equal(found?.bytes.toString(), content, path);
    if (base64 !== undefined) t.equal(found?.bytes.toString('base64'), base64, path);
    t.equal(found?.mode, mode, `the mode of ${path}`);
  }
}

/** Compares the distinct requests. How often a failing one is made depends on the retry policy. */
function asked(t: Test, calls: readonly Call[], { requests, sts }: Pick<Expected, 'requests' | 'sts'>): void {
  const distinct = (isSts: boolean) => {
    const some = calls.filter(({ service }) => (service === 'sts') === isSts);
    const lines = some.map(({ region, operation, names, host }) => [region ?? host, operation, ...names].join(' '));
    return [...new Set(lines)].sort();
  };
  if (requests !== undefined) t.strictSame(distinct(false), [...requests].sort(), 'the requests');
  if (sts !== undefined) t.strictSame(distinct(true), [...sts].sort(), 'the requests to STS');
}
