/** Describes the requests that read objects by name, and which of two regions is asked first. */
import type { InjectorConfig } from '../contract/config.ts';
import { type ServiceName, serviceRow } from '../contract/services.ts';
import type { Source } from '../contract/source.ts';

/** Has the sources that one request reads, in one region or in each of two. */
export type Batch = {
  readonly service: ServiceName;
  readonly region: string;
  readonly failoverRegion: string | undefined;
  readonly sources: readonly Source[];
};

/** Returns whether the second region of the sources is asked only when the first one fails. */
export function isInTurn(sources: readonly Source[], { failoverMode }: InjectorConfig): boolean {
  return failoverMode === 'on-error' || sources.every(isPinned);
}

/** Returns whether the source names a version that has one value for ever. */
function isPinned({ service, version }: Source): boolean {
  return version !== undefined && serviceRow(service).hasFixedVersions === true;
}

/** Cuts a list into lists of at most so many items. */
export function chunks(names: readonly string[], size: number): string[][] {
  const count = Math.ceil(names.length / size);
  return Array.from({ length: count }, (_, index) => names.slice(index * size, (index + 1) * size));
}
