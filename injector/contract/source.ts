/** What is fetched once, whatever number of files and variables come from it. */
import type { ConfigObject } from './config.ts';

export type Source = Pick<ConfigObject, 'service' | 'name' | 'version' | 'label' | 'region' | 'failover'>;

/** Returns a text that two sources share exactly if they are equal. An absent region differs from every region that is named. */
export function sourceKey({ service, region, name, version, label, failover }: Source): string {
  const second = failover && [failover.region, failover.name, failover.version ?? null, failover.label ?? null];
  return JSON.stringify([service, region ?? null, name, version ?? null, label ?? null, second ?? null]);
}

/** Returns whether the current value of a secret is meant: no version is pinned, and the stage is AWSCURRENT or absent. */
export function isCurrent({ version, label = 'AWSCURRENT' }: Pick<Source, 'version' | 'label'>): boolean {
  return version === undefined && label === 'AWSCURRENT';
}
