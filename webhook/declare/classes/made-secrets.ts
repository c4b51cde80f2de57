/**
 * Reads secretObjects for a pod that makes these Kubernetes Secrets itself, and refuses what the CSI driver or the API server would
 * not take.
 */
import type { Source } from '../../../injector/contract/source.ts';
import { CLUSTER_TYPES, REQUIRED_KEYS, TLS } from '../../../injector/contract/sync.ts';
import type { MadeSecret } from '../../../injector/contract/sync-schema.ts';
import { type Refusal, refusal } from '../../errors.ts';
import { echo } from '../echo.ts';
import type { FileOutput, Output } from '../outputs.ts';
import type { SecretObject } from '../provider-class.ts';
import { OBJECT_NAME } from '../values.ts';
import { KEY } from './synced.ts';

type Key = { readonly key: string; readonly source: Source; readonly jmesPath?: string };

/** A Secret whose keys name what they are fetched from. */
export type SecretDraft = Omit<MadeSecret, 'data'> & { readonly data: readonly Key[]; readonly annotation: string };

type Files = ReadonlyMap<string, FileOutput>;

/** Returns the Secrets that a class declares, or a refusal for each of its mistakes. `annotation` names the class in refusals. */
export function secretsBy(
  secretObjects: readonly SecretObject[],
  outputs: readonly Output[],
  annotation: string,
): { readonly secrets: readonly SecretDraft[]; readonly refusals: readonly Refusal[] } {
  const files = new Map(outputs.filter((output) => output.kind === 'files').map((file) => [file.part.path, file]));
  const refusals: Refusal[] = [];
  const secrets = secretObjects.flatMap((secret, index) => {
    const problem = problemOf(secret, files);
    if (problem === undefined) return [draftOf(secret, files, annotation)];
    refusals.push(refusal('ASI_ADMIT_SYNC', `${annotation}: secretObjects[${index}]: ${problem}`));
    return [];
  });
  return { secrets, refusals };
}

/** Returns the first thing that is wrong with a Secret, with the fix; undefined if it can be made. */
function problemOf({ secretName, type, data }: SecretObject, files: Files): string | undefined {
  const name = secretName.trim();
  if (!OBJECT_NAME.test(name)) return `secretName "${echo(name)}" is no name of a Secret; write one like shop-db`;
  if (type.trim() === '') return 'type is empty; write Opaque, or another type of Secrets';
  if (CLUSTER_TYPES.has(type.trim())) {
    return `type ${type.trim()} is for credentials of the cluster, which no pod may make; write Opaque`;
  }
  if (data.length === 0) return 'data is empty; write an objectName and a key';
  for (const { objectName, key } of data) {
    if (!KEY.test(key.trim()))
      return `key "${echo(key)}" is no key of a Secret; write letters, digits, ".", "-" and "_"`;
    const file = files.get(objectName.trim());
    if (file === undefined || file.part.path.startsWith('..')) {
      return `objectName "${echo(objectName)}" is no file of the class; write the objectAlias or the name of one of its objects`;
    }
  }
  return keysProblem(type.trim(), new Set(data.map(({ key }) => key.trim())));
}

function keysProblem(type: string, keys: ReadonlySet<string>): string | undefined {
  const { all = [], oneOf = [] } = REQUIRED_KEYS.get(type) ?? {};
  const missing = all.find((key) => !keys.has(key));
  if (missing !== undefined) return `type ${type} needs the key ${missing}; add it to data`;
  if (oneOf.length > 0 && !oneOf.some((key) => keys.has(key))) {
    return `type ${type} needs one of the keys ${oneOf.join(' and ')}; add one to data`;
  }
  const other = type === TLS ? [...keys].find((key) => !all.includes(key)) : undefined;
  return other === undefined ? undefined : `type ${type} has the keys ${all.join(' and ')} only; remove ${echo(other)}`;
}

/** Names are trimmed, and of two entries with one key the last one counts, as the driver does it. */
function draftOf(
  { secretName, type, labels, annotations, data }: SecretObject,
  files: Files,
  annotation: string,
): SecretDraft {
  const keys = new Map<string, Key>();
  for (const entry of data) {
    const [key, file] = [entry.key.trim(), files.get(entry.objectName.trim())];
    const { jmesPath } = file?.part ?? {};
    if (file) keys.set(key, { key, source: file.source, ...(jmesPath !== undefined && { jmesPath }) });
  }
  return {
    annotation,
    name: secretName.trim(),
    type: type.trim(),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    data: [...keys.values()],
  };
}

/**
 * Returns the Secrets with the indices of their objects. Several volumes may name one class; two classes that make one Secret in
 * different ways are refused.
 */
export function toSecrets(
  drafts: readonly SecretDraft[],
  indexOf: (source: Source) => number,
): { readonly secrets: readonly MadeSecret[]; readonly refusals: readonly Refusal[] } {
  const secrets = new Map<string, MadeSecret>();
  const refusals: Refusal[] = [];
  for (const { annotation, ...draft } of drafts) {
    const data = draft.data.map(({ source, ...key }) => ({ ...key, object: indexOf(source) }));
    const secret = { ...draft, data };
    const other = secrets.get(draft.name);
    if (other === undefined) secrets.set(draft.name, secret);
    else if (JSON.stringify(other) !== JSON.stringify(secret)) {
      const message = `${annotation}: the Secret "${draft.name}" is declared before in another way; rename it in one of the classes`;
      refusals.push(refusal('ASI_ADMIT_SYNC', message));
    }
  }
  return { secrets: [...secrets.values()], refusals };
}
