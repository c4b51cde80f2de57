/** Starts the injected container of a case: an init container that ends or, with rotation, a sidecar that stays. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { STATE_DIRECTORY } from '../../../injector/contract/rotation.ts';
import { addState, type Watched, watch } from '../../injector/support/rotation.ts';
import type { Run, World } from '../../injector/support/world.ts';
import type { CaseCluster } from './cluster.ts';

/** Has what can be seen of the container. `log` is what is new in it. A container that runs on has the exit code 0. */
export type Result = Pick<Run, 'exitCode' | 'message' | 'log'>;

export type InjectedContainer = {
  /** Starts it, also again. It returns when the container has ended or, with rotation, when the first files are there. */
  start(config: InjectorConfig): Promise<Result>;
  /** Lets the interval pass in a container that was started with rotation. */
  poll(config: InjectorConfig): Promise<Result>;
};

/** `cluster` is the cluster of the pod; undefined if no case of it makes a Secret. */
export function createContainer(t: Test, world: World, cluster: CaseCluster['cluster'] | undefined): InjectedContainer {
  let watched: Watched | undefined;
  let seen = 0;
  const result = (): Result => {
    const lines = (watched?.lines ?? []).slice(seen).map((line) => JSON.stringify(line));
    seen += lines.length;
    return { exitCode: 0, message: '', ...watched?.outcome, log: lines.join('\n') };
  };
  return {
    start: async (config) => {
      const milliseconds = intervalOf(config);
      if (milliseconds === undefined) return world.run(config, [], cluster);
      if (!existsSync(join(world.root, STATE_DIRECTORY))) addState(t, world.root);
      watched = await watch(world, config, { limit: milliseconds / 2, ...(cluster && { cluster }) });
      seen = 0;
      return result();
    },
    poll: async (config) => {
      await watched?.pass(intervalOf(config) ?? 0);
      return result();
    },
  };
}

/** Returns the interval in milliseconds. */
function intervalOf({ rotation }: InjectorConfig): number | undefined {
  return rotation && rotation.seconds * 1000;
}
