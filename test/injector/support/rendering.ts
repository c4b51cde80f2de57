/** Renders configurations from values that no AWS had to give. */
import * as v from 'valibot';
import { type ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import { sourceKey } from '../../../injector/contract/source.ts';
import type { Failure } from '../../../injector/errors.ts';
import { render } from '../../../injector/render/render.ts';
import { Secret } from '../../../injector/secret.ts';

/**
 * Describes a secret, which gets the name s0, s1, … by its index. Without a value it does not exist; with `unknown` it failed.
 */
export type Part = Omit<ConfigObject, 'service' | 'name'> & { value?: string | Uint8Array; unknown?: true };

export type More = Partial<InjectorConfig> & { found?: Record<string, string>[] };

const DIRECTORY = '/secrets';

export function configOf(parts: readonly Part[], { found: _, ...more }: More = {}): InjectorConfig {
  const objects = parts.map(({ value: _, unknown: __, ...outputs }, index) => ({
    service: 'secretsmanager',
    name: `s${index}`,
    ...outputs,
  }));
  const identity = { kind: 'web-identity', roleArn: 'arn:x', tokenFile: '/t' };
  const log = { level: 'info' };
  const base = { version: 1, namespace: 'shop', region: 'eu-west-1', directory: DIRECTORY, retryTimeoutSeconds: 1 };
  return v.parse(InjectorConfig, { ...base, identity, log, objects, ...more });
}

/** Returns the files by their whole path, as text, and a line for each failure and warning. */
export function renderParts(parts: readonly Part[], more: More = {}) {
  const config = configOf(parts, more);
  const values = new Map<string, Secret>();
  const absent = new Map<string, Failure>();
  for (const [index, { value, unknown }] of parts.entries()) {
    const object = config.objects[index];
    if (object === undefined || unknown) continue;
    const { name } = object;
    if (value !== undefined) values.set(sourceKey(object), new Secret(value));
    else absent.set(sourceKey(object), { code: 'ASI_AWS_NOT_FOUND', subject: name, headline: `${name} is not there.` });
  }
  const found = new Map(
    (more.found ?? []).map((entries, index) => [
      index,
      new Map(Object.entries(entries).map(([key, value]) => [key, new Secret(value)])),
    ]),
  );
  const rendered = render(config, { values, absent, found });
  return {
    files: Object.fromEntries(
      rendered.files.map(({ directory, path, content }) => [
        `${directory}/${path}`,
        Buffer.from(content.reveal()).toString(),
      ]),
    ),
    modes: Object.fromEntries(rendered.files.map(({ path, mode }) => [path, mode.toString(8)])),
    failures: rendered.failures.map(({ code, headline, cause }) => [code, headline, cause].filter(Boolean).join(' ')),
    warnings: rendered.warnings,
  };
}
