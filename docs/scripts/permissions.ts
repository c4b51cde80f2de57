/** What the webhook may do, and the comment beside each right that says why. */
import { isMap, isSeq, parseAllDocuments } from 'yaml';

export type Permission = {
  readonly scope: 'its namespace' | 'the cluster';
  readonly resource: string;
  /** Any, where empty. */
  readonly names: readonly string[];
  readonly verbs: readonly string[];
  readonly why: string;
};

const SCOPES = { Role: 'its namespace', ClusterRole: 'the cluster' } as const;

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };

/** The rules of all Roles and ClusterRoles of a manifest. */
export function permissions(manifest: string): Permission[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const kind: unknown = document.get('kind');
    const rules = document.get('rules');
    if ((kind !== 'Role' && kind !== 'ClusterRole') || !isSeq(rules)) return [];
    return rules.items.map((item, index) => {
      if (!isMap(item)) throw new Error(`a rule of the ${kind} is no map`);
      // What stands before the first rule belongs to the list, in the parser's eyes.
      const comment = item.commentBefore ?? (index === 0 ? rules.commentBefore : undefined) ?? '';
      const { apiGroups, resources, resourceNames = [], verbs } = item.toJS(document) as Rule;
      const [group] = apiGroups;
      return {
        scope: SCOPES[kind],
        resource: resources.join(', ') + (group ? `.${group}` : ''),
        names: resourceNames,
        verbs,
        why: comment.replaceAll(/\s+/g, ' ').trim(),
      };
    });
  });
}
