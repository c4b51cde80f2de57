import { PREFIX } from '../../../webhook/declare/annotations.ts';

/** The annotations as a pod has them, from their names without our prefix. */
export function annotationsOf(own: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(own).map(([name, value]) => [PREFIX + name, value]));
}
