/** Writes values as the YAML of an annotation. */
import { stringify } from 'yaml';

/**
 * Returns the value as YAML, in which long lines stay whole. The webhook reads YAML as Kubernetes does, for which version 1.1
 * quotes texts like `yes`.
 */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false });
}
