import { PREFIX } from '../../../webhook/declare/annotations.ts';
import type { Context } from '../../../webhook/declare/declare.ts';

/** The annotations as a pod has them, from their names without our prefix. */
export function of(own: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(own).map(([name, value]) => [PREFIX + name, value]));
}

/** A cluster in us-west-2, and a pod that names no class and has no volume. */
export const CONTEXT: Context = { region: 'us-west-2', namespace: 'shop', classes: new Map(), volumes: [] };
