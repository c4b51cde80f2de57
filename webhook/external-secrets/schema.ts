/** Says what in an object of External Secrets has no counterpart. */
import type * as z from 'zod';
import { isMembers } from '../workload/find.ts';

type Issue = z.ZodError['issues'][number];

/** Why a member or a value has no counterpart, by its name. */
const REASONS: Readonly<Record<string, string>> = {
  generatorRef: 'a generator makes values, and nothing of it is read from AWS',
  priority: 'no secret wins over another; give keys that several have other names in AWS',
  priorityPolicy: 'no secret wins over another; give keys that several have other names in AWS',
  Ignore: 'no secret wins over another; give keys that several have other names in AWS',
  JSON: 'the values are not joined into one JSON object; use the strategy Extract',
  transform: 'keys are not renamed by templates; write a regexp in its place, or name each key in data',
  templateFrom: 'templates of other objects are not read; write the text into spec.target.template.data',
  v1: 'templates are read as v2; write the template for engineVersion v2',
  manifest: 'it makes another object than a Secret',
  Merge: 'somebody else makes the Secret, and this adds to it; make one ExternalSecret of both',
  CreateOrMerge: 'somebody else may make the Secret, too',
  None: 'it makes no Secret',
  Fetch: 'tags can not be read',
  CreatedOnce: 'the Secret keeps its first values, while a pod reads what AWS has when it starts',
  OnChange: 'the Secret changes with the ExternalSecret only, while a pod reads what AWS has when it starts',
  sessionTags: 'sessions get no tags',
  syncWindows: 'a pod reads what AWS has when it starts',
};

/** Returns the value without members that are null, which are absent ones to Kubernetes. */
export function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isMembers(value)) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNull(member)]));
}

/** Returns everything in the spec that its schema does not know, as one clause. */
export function problemsIn({ issues }: z.ZodError, spec: unknown): string {
  return issues.map((issue) => problemOf(issue, spec)).join('; ');
}

function problemOf(issue: Issue, spec: unknown): string {
  const path = ['spec', ...issue.path.map(String)].join('.').replace(/\.(\d+)(?=\.|$)/g, '[$1]');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${path}.${key} has no counterpart${because(key)}`).join('; ');
  }
  const found = issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | null)?.[key], spec);
  if (found === undefined) return `${path} is missing`;
  if (issue.code === 'custom') return `${path} ${issue.message}`;
  const value = typeof found === 'string' ? found : '';
  return `${path}${value && ` ${JSON.stringify(value)}`} has no counterpart${because(value)}`;
}

function because(name: string): string {
  return Object.hasOwn(REASONS, name) ? `: ${REASONS[name]}` : '';
}
