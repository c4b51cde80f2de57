/** Reads a SecretProviderClass, by the webhook's own code, into its files and the Secrets that the CSI driver makes. */

import { isMembers } from '../../injector/contract/members.ts';
import { sourceKey } from '../../injector/contract/source.ts';
import { startBudget } from '../../webhook/declare/budget.ts';
import { type ClassReading, readClasses } from '../../webhook/declare/classes/classes.ts';
import { overlay, type Parameters } from '../../webhook/declare/classes/parameters.ts';
import type { FileOutput } from '../../webhook/declare/outputs.ts';
import { UNTRANSLATED } from '../../webhook/declare/paths.ts';
import {
  type CsiVolume,
  classLengths,
  type ProviderClass,
  type RawSpec,
  readSpec,
} from '../../webhook/declare/provider-class.ts';
import { parseReference } from '../../webhook/declare/references/reference.ts';
import { err, ok, type Result } from '../../webhook/declare/result.ts';
import { withFailover } from '../../webhook/declare/scope.ts';
import type { Content } from '../../webhook/external-secrets/folder.ts';
import type { Access, Production } from '../../webhook/external-secrets/secret.ts';
import { referenceOf, type Value } from '../../webhook/external-secrets/value.ts';
import { factsFor, UNKNOWN_REGION, type World } from '../admission/world.ts';
import { describeObject, type KubernetesObject, type Template } from '../manifests/find.ts';
import { whyMissing } from './versions.ts';

const DRIVER = 'secrets-store.csi.k8s.io';

/** Stands for a volume in a class that is read for its Secrets only. */
const NO_VOLUME = { name: 'none', attributes: {}, readOnly: true };

/** Returns the contents of the template's volumes that the driver fills by classes of AWS, by their names. */
export async function readCsiVolumes(
  { owner, spec }: Template,
  world: World,
): Promise<ReadonlyMap<string, Result<Content>>> {
  const namespace = owner.namespace ?? world.namespace;
  const contents = new Map<string, Result<Content>>();
  for (const { name, csi } of Array.isArray(spec['volumes']) ? spec['volumes'] : []) {
    if (!isMembers(csi) || csi['driver'] !== DRIVER) continue;
    const attributes = (isMembers(csi['volumeAttributes']) ? csi['volumeAttributes'] : {}) as CsiVolume['attributes'];
    const { secretProviderClass: className = '' } = attributes;
    const label = describeObject({ kind: 'SecretProviderClass', name: className }, namespace);
    const found = world.classes.get(label);
    if (found?.provider !== undefined && found.provider !== 'aws') continue;
    const volume = { name: String(name), className, attributes, readOnly: csi['readOnly'] === true };
    const content = found
      ? await readVolume(volume, found, namespace, world)
      : err(`The SecretProviderClass ${className} ${whyMissing(label, world)}.`);
    contents.set(volume.name, content);
  }
  return contents;
}

/** Returns the files of a volume. `found` is the class that it names. */
async function readVolume(
  volume: CsiVolume,
  found: ProviderClass,
  namespace: string,
  world: World,
): Promise<Result<Content>> {
  const reading = await readOne(volume, found, namespace, world);
  if (!reading.ok) return reading;
  const { outputs, identity = { kind: 'web-identity' as const } } = reading.value;
  const parameters = overlay(found.parameters, volume.attributes);
  const files = outputs.filter((output) => output.kind === 'files');
  const base = { access: [{ ...regionsOf(parameters), identity }], expanded: [] };
  if (!files.every(isReference)) return ok({ ...base, files: [], annotations: objectsOf(parameters) });
  return ok({
    ...base,
    files: files.map(({ part, source }) => ({
      path: part.path,
      mode: part.mode,
      value: valueFrom({ source, ...part }),
    })),
    annotations: {},
  });
}

/** Returns the Secrets of a class, those of type kubernetes.io/tls and wrong ones with the reason why they can not be declared. */
export async function readSecrets(producer: KubernetesObject, world: World): Promise<Production[]> {
  const spec = readSpec(producer.value['spec'] as RawSpec | undefined);
  if (spec.provider !== 'aws' || spec.secretObjects.length === 0) return [];
  const namespace = producer.namespace ?? world.namespace;
  const reading = await readOne({ ...NO_VOLUME, className: producer.name }, spec, namespace, world);
  const names = [...new Set(spec.secretObjects.map(({ secretName }) => secretName.trim()))];
  if (!reading.ok) return names.map((name) => ({ ok: false, name, reason: reading.problem }));
  const { synced, identity = { kind: 'web-identity' as const } } = reading.value;
  const access = { ...regionsOf(overlay(spec.parameters)), identity };
  return names.map((name): Production => {
    const draft = synced.find(({ secretName }) => secretName === name);
    if (draft === undefined) return { ok: false, name, reason: whyNot(name, spec) };
    const keys = new Map(draft.keys.map((one) => [one.key, valueFrom(one)]));
    return { ok: true, secret: { name, access, keys, extracts: [] } };
  });
}

async function readOne(
  volume: CsiVolume,
  found: ProviderClass,
  namespace: string,
  world: World,
): Promise<Result<ClassReading>> {
  const classes = new Map([[volume.className, found]]);
  const region = await factsFor(world, found.parameters).region();
  const defaults = { parameters: {}, region: world.region ?? region, mode: '0644' };
  const context = { namespace, classes, lengths: classLengths(classes), syncs: false };
  // There is one reading for each volume.
  const [reading] = readClasses([], [volume], defaults, context, startBudget()) as readonly [ClassReading];
  const [refused] = reading.refusals;
  return refused === undefined ? ok(reading) : err(`${refused.message} [${refused.code}]`);
}

function whyNot(name: string, { secretObjects }: ProviderClass): string {
  const isCertificate = secretObjects.some(
    ({ secretName, type }) => secretName.trim() === name && type.trim() === 'kubernetes.io/tls',
  );
  return isCertificate
    ? 'It is of type kubernetes.io/tls, for which the CSI driver changes the order of the certificates.'
    : 'The CSI driver would not make it: its secretObjects have no type, or name a file that the class has not.';
}

function regionsOf({ region, failoverRegion }: Parameters): Pick<Access, 'region' | 'failoverRegion'> {
  return { ...(region !== undefined && { region }), ...(failoverRegion !== undefined && { failoverRegion }) };
}

/** The annotations of the pod say the regions. */
function valueFrom({
  source: { region: _, failover: _failover, ...source },
  jmesPath,
}: Pick<FileOutput, 'source'> & { readonly jmesPath?: string | undefined }): Value {
  return [{ source, ...(jmesPath !== undefined && { jmesPath }) }];
}

/** Returns whether a reference says the same as the entry of the class: it has no object of its own for the second region. */
function isReference({ source, part: { jmesPath } }: FileOutput): boolean {
  const text = referenceOf({ source, ...(jmesPath !== undefined && { jmesPath }) });
  const region = source.region === UNKNOWN_REGION ? undefined : source.region;
  const parsed = parseReference(text, region, startBudget());
  if (!parsed.ok || parsed.value.jmesPath !== jmesPath) return false;
  const scope = { region: source.region, failoverRegion: source.failover?.region, translation: UNTRANSLATED, mode: '' };
  const read = withFailover(parsed.value.source, scope);
  return sourceKey({ ...read, ...(source.region !== undefined && { region: source.region }) }) === sourceKey(source);
}

function objectsOf({ objects = '', pathTranslation }: Parameters): Record<string, string> {
  return { objects, ...(pathTranslation !== undefined && { 'path-translation': pathTranslation }) };
}
