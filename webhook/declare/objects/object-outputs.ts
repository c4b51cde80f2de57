/** Turns a checked descriptor into its source, its file and the files of its parts. */

import { serviceRow } from '../../../injector/contract/services.ts';
import type { Source } from '../../../injector/contract/source.ts';
import type { Output, Part } from '../outputs.ts';
import type { Owner } from '../scope.ts';
import { serviceOf } from './descriptor.ts';
import type { Descriptor } from './descriptor-yaml.ts';
import type { Extensions } from './extensions.ts';

/** Returns the outputs of a checked descriptor in ASCP's order: the whole value, then its parts. */
export function toOutputs(descriptor: Descriptor, owner: Owner, extensions: Extensions): Output[] {
  const { annotation, directory, translation } = owner;
  const { objectName, objectAlias, filePermission, jmesPath } = descriptor;
  const mode = fileMode(filePermission || owner.mode);
  const source = toSource(descriptor, owner);
  const base = { annotation, label: objectName, source };
  const where = directory === undefined ? {} : { directory };
  const { optional } = extensions.whole;
  const whole: Output = extensions.expand
    ? {
        ...base,
        kind: 'folders',
        part: {
          ...where,
          path: translation.toPath(objectAlias),
          mode,
          slash: translation.slash,
          ...(extensions.rename && { rename: extensions.rename }),
          ...(optional && { optional }),
        },
      }
    : {
        ...base,
        kind: 'files',
        part: { ...where, path: translation.toPath(objectAlias || objectName), mode, ...extensions.whole },
      };
  const parts = toParts(descriptor, owner, extensions).map((part, index): Output => {
    return { ...base, label: jmesPath[index]?.objectAlias ?? '', kind: 'files', part: { ...where, ...part } };
  });
  return [whole, ...parts];
}

/** Returns the files of the checked entries of `jmesPath`. The mode of an entry that has none is the one of the object. */
export function toParts(
  { filePermission, jmesPath }: Descriptor,
  { mode, translation }: Owner,
  { parts }: Extensions,
): (Part<'files'> & { readonly jmesPath: string })[] {
  return jmesPath.map((part, index) => ({
    path: translation.toPath(part.objectAlias),
    mode: fileMode(part.filePermission || filePermission || mode),
    jmesPath: part.path,
    ...parts[index],
  }));
}

/** Returns the mode without its setuid, setgid and sticky bits, as ASCP writes its files. */
export function fileMode(permission: string): string {
  return `0${permission.slice(1)}`;
}

function toSource(descriptor: Descriptor, { region, failoverRegion }: Owner): Source {
  const { objectName, objectVersion, objectVersionLabel, failoverObject } = descriptor;
  const service = serviceOf(descriptor);
  return {
    service,
    name: objectName,
    ...selector(objectVersion, objectVersionLabel),
    ...(region !== undefined && { region }),
    ...(failoverRegion !== undefined && { failover: toFailover() }),
  };

  /** Takes what the second object leaves out from the first one. Parameter Store takes one selector: the version, as in ASCP. */
  function toFailover(): NonNullable<Source['failover']> {
    const version = failoverObject.objectVersion || objectVersion;
    const label = failoverObject.objectVersionLabel || objectVersionLabel;
    const name = failoverObject.objectName || objectName;
    return {
      region: failoverRegion ?? '',
      name,
      ...selector(version, serviceRow(service).selectorInName && version !== '' ? '' : label),
    };
  }
}

function selector(version: string, label: string): Pick<Source, 'version' | 'label'> {
  return { ...(version !== '' && { version }), ...(label !== '' && { label }) };
}
