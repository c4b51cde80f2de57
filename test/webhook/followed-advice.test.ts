/**
 * Follows the advice of every message about the delivery of variables: on the same pod, the refusal is gone then, and nothing
 * else is refused in its place.
 */
import t from 'tap';
import { decodeConfig } from '../../injector/contract/encode.ts';
import { CONFIG_ENV } from '../../injector/contract/names.ts';
import { kubeletFiles } from '../../injector/environment/kubelet.ts';
import { Secret } from '../../injector/secret.ts';
import type { Facts } from '../../webhook/admission/facts.ts';
import type { Container, Pod } from '../../webhook/pod/pod.ts';
import { answerTo, DB_CLASS, patched, readWorld } from './support/admission.ts';

const PREFIX = 'aws-secrets-injector.dev/';
const { settings, facts } = readWorld(`${DB_CLASS}---\nmetadata: {}\n`);
const oldFacts = { ...facts, envFiles: async () => ({ serverVersion: '1.30', server: false, everyNode: false }) };

type Case = { readonly pod: Pod; readonly cluster: Facts };
type Follow = (given: Case, match: readonly string[]) => Case;

const annotate =
  (values: Readonly<Record<string, string | undefined>>): Follow =>
  ({ pod, cluster }) => {
    const annotations = { ...pod.metadata.annotations };
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete annotations[PREFIX + name];
      else annotations[PREFIX + name] = value;
    }
    return { pod: { ...pod, metadata: { ...pod.metadata, annotations } }, cluster };
  };

const change = ({ pod, cluster }: Case, edit: (container: Container) => Container): Case => {
  const containers = pod.spec.containers.map((container) => edit({ ...container }));
  return { pod: { ...pod, spec: { ...pod.spec, containers } }, cluster };
};

const giveCommands: Follow = (given) => change(given, (one) => ({ ...one, command: one.command ?? ['run'] }));

const asFiles: Follow = (given, match) =>
  annotate({
    env: undefined,
    'env-from': undefined,
    'env-delivery': undefined,
    'env-file': undefined,
    files: 'value: app/db',
  })(given, match);

/** Takes the references out of the containers that the message can mean: with the shell delivery, those without a command. */
const takeOut: Follow = (given) => {
  const isShell = given.pod.metadata.annotations?.[`${PREFIX}env-delivery`] === 'shell';
  return change(given, (container) => {
    const { env, envFrom: _, ...one } = container;
    if (isShell && one.command) return container;
    return { ...one, env: (env ?? []).filter(({ valueFrom }) => valueFrom?.secretKeyRef === undefined) };
  });
};

const byShell: Follow = (given, match) => giveCommands(annotate({ 'env-delivery': 'shell' })(given, match), match);

const ENV = 'A: app/db';

/** Lists every advice that messages about variables give, each with the change that a user makes to follow it. */
const ADVICE: readonly (readonly [RegExp, Follow])[] = [
  [/write the image's ENTRYPOINT and CMD into the pod as command/, giveCommands],
  [
    /name only the others with \S+containers: (\S+(?:, \S+)*)(?:,|\.)/,
    (given, match) => annotate({ containers: match[1] })(given, match),
  ],
  [/deliver the values as files|Deliver it as a file|deliver it as a file/, asFiles],
  [
    /let the container read the file.* out of the pod, and remove env-delivery/,
    (given, match) => annotate({ 'env-delivery': undefined })(takeOut(given, match), match),
  ],
  [/[Ll]et the container read the file(?!.*and remove env-delivery)/, takeOut],
  // The condition of this one is that no value is in the way, and a default is one.
  [/use env-delivery: kubelet/, annotate({ 'env-delivery': 'kubelet', env: ENV })],
  [/remove env-delivery(?: if|$)/, annotate({ 'env-delivery': undefined })],
  [/choose another/, annotate({ env: 'A: {from: app/db, default: plain}' })],
  [/write optional: true in its place/, annotate({ env: 'A: {from: app/db, optional: true}' })],
  [/env-delivery: shell, (?:which carries it|for which each container that gets variables needs a command)/, byShell],
  [/add \S+env-file: app\.env/, annotate({ 'env-file': 'app.env' })],
  [/write \S+env-file: app\.env without env-delivery/, annotate({ 'env-file': 'app.env', 'env-delivery': undefined })],
  [/env-file: app\.env with env-delivery: file/, annotate({ 'env-file': 'app.env', 'env-delivery': 'file' })],
  [/remove env-file and env-delivery/, annotate({ 'env-file': undefined, 'env-delivery': undefined })],
  [/remove env-file$/, annotate({ 'env-file': undefined })],
  [/add env-from, /, annotate({ 'env-from': '- app/db' })],
  [/upgrade the cluster/, ({ pod }) => ({ pod, cluster: facts })],
  [/make the Secret by other means and remove optional: true/, takeOptionalOff],
  [/exclude the quote/, (given) => given],
];

function takeOptionalOff(given: Case): Case {
  return change(given, ({ env, envFrom, ...one }) => ({
    ...one,
    env: (env ?? []).map((variable) => {
      const { name, key } = variable.valueFrom?.secretKeyRef ?? {};
      return name && key ? { name: variable.name, valueFrom: { secretKeyRef: { name, key } } } : variable;
    }),
    ...(envFrom && {
      envFrom: envFrom.map(({ prefix, secretRef }) => ({
        prefix: prefix ?? '',
        secretRef: { name: secretRef?.name ?? '' },
      })),
    }),
  }));
}

/** Returns the fix of a message: what follows its cause. */
const fixOf = (message: string) => message.slice(Math.max(message.indexOf('; '), message.indexOf(': ')) + 1);

const ways = (message: string) =>
  ADVICE.flatMap(([pattern, follow]) => {
    const match = fixOf(message).match(pattern);
    return match ? [{ match, follow }] : [];
  });

const REFERENCES: Readonly<Record<string, Container>> = {
  none: { name: '' },
  reference: { name: '', env: [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'db', key: 'all' } } }] },
  optional: {
    name: '',
    env: [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'db', key: 'all', optional: true } } }],
  },
  import: { name: '', envFrom: [{ secretRef: { name: 'db' } }] },
  odd: { name: '', env: [{ name: 'D.B', valueFrom: { secretKeyRef: { name: 'db', key: 'all' } } }] },
};

/** The lists say for each container whether it has a command. */
const COMMANDS = [[true], [false], [true, false], [false, false]];
const ENVS = [undefined, ENV, "A: {from: app/db, default: it's}", "A: {from: app/db, default: ''}"];
const DELIVERIES = [undefined, 'kubelet', 'shell', 'file'];

/** Returns every combination of one item of each list. */
function combine<T extends readonly (readonly unknown[])[]>(...lists: T): { [I in keyof T]: T[I][number] }[] {
  const combined = lists.reduce<unknown[][]>(
    (all, list) => all.flatMap((one) => list.map((item) => [...one, item])),
    [[]],
  );
  return combined as { [I in keyof T]: T[I][number] }[];
}

const CASES = combine(
  Object.values(REFERENCES),
  COMMANDS,
  ENVS,
  [undefined, '- app/db'],
  DELIVERIES,
  [undefined, 'x.env'],
  [facts, oldFacts],
).map(([references, commands, env, from, delivery, file, cluster]): Case => {
  const containers = commands.map((hasCommand, index) => ({
    ...structuredClone(references),
    name: `c${index}`,
    ...(hasCommand && { command: ['run'] }),
  }));
  const pod: Pod = { metadata: {}, spec: { serviceAccountName: 'app', containers } };
  const values = { 'secret-provider-class': 'db', env, 'env-from': from, 'env-delivery': delivery, 'env-file': file };
  return annotate(values)({ pod, cluster }, ['']);
});

/** Lists what the webhook only sees in a pod whose annotations it could read. */
const HIDDEN = new Set([
  'ASI_ADMIT_ENV_DELIVERY env:',
  'ASI_ADMIT_OPTIONAL_SECRET Container',
  'ASI_ADMIT_NO_COMMAND Container',
]);

/** Returns the code and the annotation of a refusal: its text may be another one after the pod has changed. */
const mistakeOf = (refusal: string) => refusal.split(' ').slice(0, 2).join(' ');

const refusalsOf = async ({ pod, cluster }: Case) =>
  ((await answerTo(pod, {}, settings, cluster)).refusals ?? []).map(({ code, message }) => `${code} ${message}`);

t.test('a refused pod is not refused any more where any advice of its refusal was followed', async (t) => {
  const seen = new Set<string>();
  const wrong = new Set<string>();
  for (const given of CASES) {
    const refusals = await refusalsOf(given);
    for (const refusal of refusals) {
      const found = ways(refusal);
      if (found.length === 0) wrong.add(`no advice: ${refusal}`);
      for (const { match, follow } of found) {
        seen.add(`${refusal.split(' ')[0]}: ${match[0]}`);
        const after = await refusalsOf(follow(given, match));
        const known = new Set(refusals.filter((one) => one !== refusal).map(mistakeOf));
        const more = after
          .map(mistakeOf)
          .filter((one) => !known.has(one) && (one === mistakeOf(refusal) || !HIDDEN.has(one)));
        if (more.length > 0) wrong.add(`${refusal}\n  ${match[0]}\n  ${more.join('\n  ')}`);
      }
    }
  }
  t.same([...wrong].slice(0, 10), []);
  t.ok(seen.size >= 20, `${seen.size} ways were followed`);
});

/** Returns the fixes that the injector prints if all values are this one, and the kubelet must deliver some of them. */
async function fixesFor({ pod, cluster }: Case, value: string): Promise<string[]> {
  const { review, refusals } = await answerTo(pod, {}, settings, cluster);
  if (refusals) return [];
  const container = patched(pod, review).spec.initContainers?.[0];
  const { objects, environment } = decodeConfig(container?.env?.find(({ name }) => name === CONFIG_ENV)?.value ?? '');
  const entries = objects.flatMap((object) => object.environment ?? []);
  const files = entries.map((entry) => ({ ...entry, value: new Secret(value) }));
  return kubeletFiles(files, environment?.delivery ?? 'kubelet').failures.map(({ fix = '' }) => `: ${fix}`);
}

t.test('the advice for a value that the kubelet can not deliver is never refused on the pod that has it', async (t) => {
  const [seen, wrong] = [new Set<string>(), new Set<string>()];
  for (const [value, given] of combine(["it's", 'a\0b', ''], CASES)) {
    for (const fix of await fixesFor(given, value)) {
      if (ways(fix).length === 0) wrong.add(`no advice: ${fix}`);
      for (const { match, follow } of ways(fix)) {
        seen.add(match[0]);
        const after = await refusalsOf(follow(given, match));
        if (after.length > 0) wrong.add(`${fix}\n  ${match[0]}\n  ${after.join('\n  ')}`);
      }
    }
  }
  t.same([...wrong].slice(0, 10), []);
  t.ok(seen.size >= 4, `${seen.size} ways were followed`);
});
