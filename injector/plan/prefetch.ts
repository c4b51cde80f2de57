/** Plans which current values are read together before each object is read on its own. */
import type { InjectorConfig } from '../contract/config.ts';
import { type ServiceName, serviceRow } from '../contract/services.ts';
import { isCurrent } from '../contract/source.ts';
import { type Batch, chunks, isInTurn } from './batch.ts';

/** Has the names that one request of a prefetch reads. */
export type Group = {
  readonly service: ServiceName;
  readonly region: string;
  /** True if the region is one of a pair, because the objects have a second region. */
  readonly pair: boolean;
  /** The names as they are declared, each once. */
  readonly names: readonly string[];
};

/**
 * Returns the groups of current values, for every region that is asked at the beginning. An object that would be alone in its
 * group is in none.
 */
export function groupsOf(batches: readonly Batch[], config: InjectorConfig): Group[] {
  const crowds = new Map<string, Omit<Group, 'names'> & { readonly names: Set<string> }>();
  const add = (group: Omit<Group, 'names'>, name: string) => {
    const key = JSON.stringify([group.service, group.region, group.pair]);
    const crowd = crowds.get(key) ?? { ...group, names: new Set() };
    crowds.set(key, crowd);
    crowd.names.add(name);
  };
  for (const { service, region, sources } of batches) {
    for (const source of sources) {
      const { failover } = source;
      if (isCurrent(source)) add({ service, region, pair: failover !== undefined }, source.name);
      if (failover === undefined || isInTurn([source], config)) continue;
      if (isCurrent({ service, ...failover })) add({ service, region: failover.region, pair: true }, failover.name);
    }
  }
  return [...crowds.values()].flatMap(({ names, ...group }) =>
    chunks([...names], serviceRow(group.service).prefetch?.size ?? 1)
      .filter((chunk) => chunk.length > 1)
      .map((chunk) => ({ ...group, names: chunk })),
  );
}
