/** Gives a pod secrets that it reads twenty at a time. */
import type { Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import type { Statement } from '../../aws/server.ts';
import { FAILOVER, PRIMARY } from './two-regions.ts';
import { createWorld } from './world.ts';

/** The request that reads several secrets, as the in-memory AWS names it. */
export const BATCH = { service: 'secretsmanager', operation: 'BatchGetSecretValue' } as const;

/** Returns a world with so many secrets in both regions, whose values are their names and regions. */
export async function startBatches(t: Test, count: number, policy?: Statement[]) {
  const world = await createWorld(t, policy);
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  for (const region of [PRIMARY, FAILOVER]) {
    for (const name of names) world.aws.setSecret({ name, value: `${name} ${region}`, region });
  }
  const config = (objects: InjectorConfig['objects'], more: Partial<InjectorConfig> = {}) =>
    world.config(objects, { batch: true, ...more });
  const asked = (operation: string, region?: string) =>
    world.aws.calls.filter((call) => call.operation === operation && (region === undefined || call.region === region));
  const counts = () => [asked('BatchGetSecretValue').length, asked('GetSecretValue').length];
  return { ...world, names, config, asked, counts };
}
