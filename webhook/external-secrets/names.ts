/** Finds the names of Secrets and classes that a value speaks of, wherever they stand. */
import { isMembers } from '../../injector/contract/members.ts';

export type Named = { readonly kind: 'Secret' | 'SecretProviderClass'; readonly name: string };

/** Matches the members by which objects of any kind name a Secret: `secretName`, `secretKeyRef`, `imagePullSecrets`, `certificateRefs`. */
const MEMBER = /secret|certificateRef/i;

const CLASS = 'secretProviderClass';

/** Returns everything that a value names. A text may be no name of a Secret, so that the caller looks for those it knows. */
export function namesIn(value: unknown, isNamed = false): Named[] {
  if (typeof value === 'string') return isNamed ? [{ kind: 'Secret', name: value }] : [];
  if (Array.isArray(value)) return value.flatMap((one) => namesIn(one, isNamed));
  if (!isMembers(value)) return [];
  const own = isNamed && typeof value['name'] === 'string' ? [value['name']] : [];
  return [
    ...own.map((name): Named => ({ kind: 'Secret', name })),
    ...Object.entries(value).flatMap(([key, member]): Named[] => {
      if (key === CLASS && typeof member === 'string') return [{ kind: 'SecretProviderClass', name: member }];
      return namesIn(member, MEMBER.test(key));
    }),
  ];
}
