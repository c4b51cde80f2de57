/** Reads the rights of the webhook from a manifest, and the comment beside each right that explains it. */
import { isMap, isSeq, parseAllDocuments } from 'yaml';

export type Permission = {
  readonly scope: 'its namespace' | 'the cluster';
  readonly resource: string;
  /** If the list is empty, the right is for objects of any name. */
  readonly names: readonly string[];
  readonly verbs: readonly string[];
  readonly why: string;
};

const SCOPES = { Role: 'its namespace', ClusterRole: 'the cluster' } as const;

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };

/** Returns the rules of all Roles and ClusterRoles of a manifest. */
export function permissions(manifest: string): Permission[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const kind: unknown = document.get('kind');
    const rules = document.get('rules');
    if ((kind !== 'Role' && kind !== 'ClusterRole') || !isSeq(rules)) return [];
    return rules.items.map((item, index) => {
      if (!isMap(item)) throw new Error(`a rule of the ${kind} is no map`);
      // The parser attaches a comment before the first rule to the list.
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
