import type { Context } from '../../../webhook/declare/declare.ts';

/** A cluster in us-west-2, and a pod that names no class and has no volume. */
export const CONTEXT: Context = { region: 'us-west-2', namespace: 'shop', classes: new Map(), volumes: [] };
