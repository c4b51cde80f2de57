/** Gives a pod objects in two regions, the first of which fails over to the second. */
import type { Test } from 'tap';
import type { ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import type { FaultEffect } from '../../aws/server.ts';
import { createWorld, parameter, secret } from './world.ts';

export const [PRIMARY, FAILOVER] = ['eu-west-1', 'eu-central-1'];

/** Returns the part of an object that names what the second region has for it. */
export function twin(
  name: string,
  more: Partial<NonNullable<ConfigObject['failover']>> = {},
): Pick<ConfigObject, 'failover'> {
  return { failover: { region: FAILOVER, name, ...more } };
}

/** Returns a world with one secret and one parameter in both regions, whose values are the names of the regions. */
export async function startBoth(t: Test) {
  const world = await createWorld(t);
  for (const region of [PRIMARY, FAILOVER]) {
    world.aws.setSecret({ name: 'db', value: region, region });
    world.aws.setParameter({ name: '/key', value: region, region });
  }
  const config = (more: Partial<InjectorConfig> = {}) =>
    world.config([secret('db', twin('db')), parameter('/key', 'key', twin('/key'))], more);
  const asked = () => world.aws.calls.map(({ operation, region }) => `${operation} ${region}`).sort();
  return { ...world, config, asked };
}

export const status = (code: number): FaultEffect => ({ kind: 'status', status: code });
export const denied: FaultEffect = { kind: 'access-denied' };
