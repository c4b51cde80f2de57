/** Identifies an object that is fetched once, however many files and variables get its value. */
import type { ConfigObject, ConfigSearch } from './config.ts';
import { SERVICE } from './defaults.ts';
import { serviceRow } from './services.ts';

export type Source = Pick<ConfigObject, 'service' | 'name' | 'version' | 'label' | 'region' | 'failover'>;

/** Returns a text that two sources share exactly if they are equal. An absent region differs from every region that is named. */
export function sourceKey({ service, region, name, version, label, failover }: Source): string {
  const second = failover && [failover.region, failover.name, failover.version ?? null, failover.label ?? null];
  return JSON.stringify([service, region ?? null, name, version ?? null, label ?? null, second ?? null]);
}

/** Returns the reference of the source in its first region, as annotations have it, without a path. */
export function referenceTo({ service, name, version, label }: Source): string {
  const { prefixes, labelWord } = serviceRow(service);
  const prefix = service === SERVICE || name.startsWith('arn:') ? '' : `${prefixes[0]}:`;
  const selector = version !== undefined ? `?version=${version}` : label !== undefined ? `?${labelWord}=${label}` : '';
  return `${prefix}${name}${selector}`;
}

/** Returns whether the source names a version in each of its regions. The value of a version does not change. */
export function isPinned({ version, failover }: Pick<Source, 'version' | 'failover'>): boolean {
  return version !== undefined && (failover === undefined || failover.version !== undefined);
}

/** Returns whether the source names the version that a prefetch reads: no version, and the service's current label or none. */
export function isCurrent({ service, version, label }: Pick<Source, 'service' | 'version' | 'label'>): boolean {
  const { prefetch } = serviceRow(service);
  return prefetch !== undefined && version === undefined && (label ?? prefetch.label) === prefetch.label;
}

/** Returns the name by which AWS knows an object that a search found. */
export function foundName(search: ConfigSearch, key: string): string {
  return search.service === 'ssm' && search.tags === undefined ? `${search.path.replace(/\/+$/, '')}/${key}` : key;
}
