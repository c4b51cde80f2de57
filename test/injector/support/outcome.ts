/** Renders a configuration and returns all that comes of it as plain values, for tables of cases. */
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { sourceKey } from '../../../injector/contract/source.ts';
import { render } from '../../../injector/render/render.ts';
import { Secret } from '../../../injector/secret.ts';
import { CONFIG } from './config.ts';

/** Has a configuration, and the values of its objects by name. An object that is `absent` does not exist. */
export type Case = {
  readonly config: Partial<InjectorConfig>;
  readonly values?: Readonly<Record<string, string>>;
  readonly absent?: readonly string[];
  /** The values that each search found, by the index of the search; null if it failed. */
  readonly found?: readonly (Readonly<Record<string, string>> | null)[];
};

const text = (value: Secret | undefined) => value && Buffer.from(value.reveal()).toString();

const secretsOf = (entries: Readonly<Record<string, string>>) =>
  new Map(Object.entries(entries).map(([key, value]) => [key, new Secret(value)]));

/** Returns what is not empty of: files, variables, Secrets, failures and warnings. */
export function outcomeOf({ config: more, values = {}, absent = [], found = [] }: Case): object {
  const config = { ...CONFIG, directory: '/d', ...more };
  const named = config.objects.filter(({ name }) => name in values);
  const gone = config.objects.filter(({ name }) => absent.includes(name));
  const rendered = render(config, {
    values: new Map(named.map((object) => [sourceKey(object), new Secret(values[object.name] ?? '')])),
    absent: new Map(
      gone.map((object) => [
        sourceKey(object),
        { code: 'ASI_AWS_NOT_FOUND', subject: object.name, headline: `${object.name} is not there.` },
      ]),
    ),
    found: new Map(found.flatMap((entries, index) => (entries === null ? [] : [[index, secretsOf(entries)]]))),
  });
  const outcome = {
    files: rendered.files.map(({ directory, path, mode, content }) => [
      `${directory}/${path}`,
      mode.toString(8),
      text(content),
    ]),
    environment: rendered.environment.map(({ name, value }) => [name, text(value)]),
    kubelet: rendered.kubelet.map(({ value, ...entry }) => ({ ...entry, value: text(value) })),
    containers: [...rendered.containers].map(([container, variables]) => [
      container,
      variables.map(({ value, ...variable }) => ({ ...variable, value: text(value) })),
    ]),
    secrets: rendered.secrets.map(({ data, ...secret }) => ({
      ...secret,
      data: [...data].map(([key, value]) => [key, text(value)]),
    })),
    failures: rendered.failures,
    warnings: rendered.warnings,
  };
  const full = Object.entries(outcome).filter(([, list]) => list.length > 0);
  return { ...Object.fromEntries(full), variables: rendered.variables };
}
