/** Makes the webhook's settings from values of the chart, as templates/_helpers.tpl does; a test compares both. */
import { parse } from 'yaml';
import { isMembers } from '../../injector/contract/members.ts';
import manifest from '../../package.json' with { type: 'json' };
import { type AdmissionSettings, readSettings } from '../../webhook/settings.ts';
import { UsageError } from '../shell.ts';

type Members = Readonly<Record<string, unknown>>;

/** The namespace that the README installs the webhook in. Its pods are exempt. */
const NAMESPACE = 'aws-secrets-injector';

/** The image of values.yaml, whose tag is the chart's appVersion, which is the version of this program. */
const IMAGE = { registry: 'ghcr.io', repository: 'aws-secrets-injector/aws-secrets-injector', tag: manifest.version };

/** The settings of what a decision about a pod does not depend on. */
const CERTIFICATES = { mode: 'cert-manager', directory: '/certificates' };

/** Returns the settings of an installation without values. */
export function defaultSettings(): AdmissionSettings {
  return settingsFrom('{}', 'the default values');
}

/** Returns the settings of an installation with these values, as YAML. Throws a `UsageError` that names the file if they are wrong. */
export function settingsFrom(text: string, file: string): AdmissionSettings {
  const values: unknown = parse(text, { logLevel: 'error' }) ?? {};
  if (!isMembers(values)) throw new UsageError(`${file} holds no values of the chart: write a map.`);
  const { injector, aws, takeOverCsiVolumes, takeOverExternalSecrets, syncSecrets } = values;
  const { image, resources, ...others } = isMembers(injector) ? injector : {};
  const { pullPolicy, ...reference } = isMembers(image) ? image : {};
  const json = withoutEmpty({
    injector: { ...others, image: imageOf({ ...IMAGE, ...given(reference) }), pullPolicy, resources: texts(resources) },
    aws,
    takeOverCsiVolumes,
    takeOverExternalSecrets,
    syncSecrets,
    certificates: CERTIFICATES,
  });
  const read = readSettings(JSON.stringify(json));
  if (read.ok) return { ...read.settings, namespace: NAMESPACE };
  throw new UsageError(
    `${file} has values that the chart does not take:${read.problem.slice(read.problem.indexOf(':') + 1)}`,
  );
}

/** Returns the reference of an image. A repository that begins with a registry stands for itself. */
function imageOf({ registry, repository, tag, digest }: Members): string {
  const hasRegistry = /^(localhost|[^/]*[.:][^/]*)\//.test(String(repository));
  const name = registry && !hasRegistry ? `${String(registry).replace(/\/$/, '')}/${repository}` : String(repository);
  return digest ? `${name}@${digest}` : `${name}:${tag}`;
}

/** Leaves out a tag or digest that is empty, so that the default holds. An empty registry is meant. */
function given(reference: Members): Members {
  return Object.fromEntries(Object.entries(reference).filter(([key, value]) => value !== '' || key === 'registry'));
}

/** Returns quantities as text: `cpu: 1` is a number in YAML. */
function texts(resources: unknown): unknown {
  if (!isMembers(resources)) return resources;
  return Object.fromEntries(
    Object.entries(resources).map(([key, value]) => [key, isMembers(value) ? texts(value) : String(value)]),
  );
}

/** Leaves out members that are empty, false or zero, as the chart does. */
function withoutEmpty(members: Members): Members {
  const kept = Object.entries(members).flatMap(([key, value]): [string, unknown][] => {
    if (!isMembers(value)) return value ? [[key, value]] : [];
    const inside = withoutEmpty(value);
    return Object.keys(inside).length > 0 ? [[key, inside]] : [];
  });
  return Object.fromEntries(kept);
}
