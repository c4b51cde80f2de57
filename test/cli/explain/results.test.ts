/** Every output of every injected pod of the fixtures is explained, and each file or variable is where the explanation says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { accessOf } from '../../../cli/explain/access.ts';
import { resultsOf } from '../../../cli/explain/results.ts';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { otherContainers } from '../../../webhook/mutate/position.ts';
import { asPod, type Pod } from '../../../webhook/pod/pod.ts';
import { readPrevious } from '../../../webhook/reinvocation/previous.ts';
import { CASES } from '../support/fixtures.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/pods');

type Injected = { readonly name: string; readonly pod: Pod; readonly config: InjectorConfig };

const injected = CASES.flatMap((name): Injected[] => {
  const read = readInjected(name);
  const previous = read?.ok ? readPrevious(read.pod) : undefined;
  return read?.ok && previous ? [{ name, pod: read.pod, config: previous.config }] : [];
});
t.ok(injected.length > 80, 'the folder has been found');

function readInjected(name: string): ReturnType<typeof asPod> | undefined {
  try {
    return asPod(parse(readFileSync(join(FOLDER, `${name}.injected.yaml`), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Returns how many outputs the configuration has. */
function outputsIn({ objects, searches = [], templates = [], templateVariables = [] }: InjectorConfig): number {
  const lists = [
    ...objects.flatMap(({ files, folders, variables, expansions, environment }) => [
      files,
      folders,
      variables,
      expansions,
      environment,
    ]),
    ...searches.flatMap((search) => [search.folders, 'expansions' in search ? search.expansions : undefined]),
  ];
  return templates.length + templateVariables.length + lists.reduce((sum, list = []) => sum + list.length, 0);
}

for (const { name, pod, config } of injected) {
  const results = resultsOf(pod, config);

  t.test(`${name}: each output is explained`, async (t) => {
    t.ok(results.length >= outputsIn(config), `${results.length} of ${outputsIn(config)}`);
  });

  t.test(
    `${name}: each file is in a volume that its containers mount, and each variable of the kubelet is theirs`,
    async (t) => {
      const containers = new Map(otherContainers(pod).map((container) => [container.name, container]));
      for (const result of results) {
        const path = result.delivery === 'file' ? (result.envFile ?? '') : result.name;
        for (const container of result.containers) {
          const { volumeMounts = [], env = [] } = containers.get(container) ?? {};
          const isThere =
            result.delivery === 'kubelet'
              ? env?.some((one) => one.name === result.name && one.valueFrom?.fileKeyRef)
              : result.delivery === 'shell' || volumeMounts?.some(({ mountPath }) => path.startsWith(mountPath));
          t.ok(isThere, `${container}: ${path}`);
        }
      }
    },
  );

  t.test(`${name}: each region and service that is asked has an endpoint`, async (t) => {
    const { endpoints } = accessOf(config, 'shop/app');
    for (const { service, region = config.region } of config.objects) {
      t.ok(
        endpoints.some((one) => one.service === service && one.region === region),
        `${service} in ${region}`,
      );
    }
  });
}

t.test('names the files of what a search finds, with … for what only AWS knows', async (t) => {
  const { pod, config } = injected.find(({ name }) => name === 'declaration/search-parts') ?? {};
  const results = pod && config ? resultsOf(pod, config) : [];
  t.strictSame(
    results.map(({ from, kind, name, mode }) => [from.join(), kind, name, mode]),
    [
      ['service-*#password', 'files', '/mnt/secrets-store/services/…/password', '0400'],
      ['service-*#port', 'files', '/mnt/secrets-store/services/…/db_port', '0644'],
      ['ssm:/app/*', 'files', '/mnt/secrets-store/…/…', '0644'],
    ],
  );
});
