/** Which secrets are asked for together first: what comes so is not asked for alone. */
import type { InjectorConfig } from '../contract/config.ts';
import { isCurrent } from '../contract/source.ts';
import { type Batch, type Group, isInTurn } from './source.ts';

/** BatchGetSecretValue takes no more. */
const GROUP_SIZE = 20;

/** Of current values, in every region that is asked at the beginning. One secret is no group. */
export function groupsOf(secrets: readonly Batch[], config: InjectorConfig): Group[] {
  const crowds = new Map<string, { region: string; pair: boolean; names: Set<string> }>();
  const add = (region: string, pair: boolean, name: string) => {
    const key = JSON.stringify([region, pair]);
    const crowd = crowds.get(key) ?? { region, pair, names: new Set() };
    crowds.set(key, crowd);
    crowd.names.add(name);
  };
  for (const { region, sources } of secrets) {
    for (const source of sources) {
      const { failover } = source;
      if (isCurrent(source)) add(region, failover !== undefined, source.name);
      if (failover === undefined || isInTurn([source], config)) continue;
      if (isCurrent(failover)) add(failover.region, true, failover.name);
    }
  }
  return [...crowds.values()].flatMap(({ names, ...place }) =>
    chunks([...names])
      .filter((chunk) => chunk.length > 1)
      .map((chunk) => ({ ...place, names: chunk })),
  );
}

/** As many at a time as BatchGetSecretValue takes. */
export function chunks(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / GROUP_SIZE);
  return Array.from({ length: count }, (_, index) => names.slice(index * GROUP_SIZE, (index + 1) * GROUP_SIZE));
}
