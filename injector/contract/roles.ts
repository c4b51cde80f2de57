/** Lists the roles that a pod assumes after its own. */
import type { InjectorConfig } from './config.ts';

/** One role that is assumed, with the external ID that its trust policy asks for, if there is one. */
export type AssumedRole = { readonly roleArn: string; readonly externalId?: string | undefined };

/** Returns the roles in the order in which they are assumed. The list is empty if the pod's own role reads the objects. */
export function assumedRoles(assume: InjectorConfig['assume']): AssumedRole[] {
  if (assume === undefined) return [];
  const { through = [], ...last } = assume;
  return [...through.map((roleArn) => ({ roleArn })), last];
}
