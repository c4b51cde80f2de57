import * as v from 'valibot';
import { list, oneOf, pageSize, text } from '../constraints.ts';
import { type Context, epoch, present, read } from '../context.ts';
import { authorize } from '../iam/policy.ts';
import { pageOf } from '../paging.ts';
import { Filter, filterSecrets } from './filter.ts';
import type { Secret } from './store.ts';

const ListInput = v.object({
  Filters: v.optional(list(Filter, 0, 10)),
  IncludePlannedDeletion: v.optional(v.boolean()),
  MaxResults: v.optional(pageSize(100)),
  NextToken: v.optional(text(1, 4096)),
  SortBy: v.optional(oneOf(['created-date', 'last-accessed-date', 'last-changed-date', 'name'])),
  SortOrder: v.optional(oneOf(['asc', 'desc'])),
});

/** Answers ListSecrets. Its permission has no resource: only `*` gives it. */
export function listSecrets(context: Context, input: unknown): object {
  const { Filters = [], IncludePlannedDeletion, SortBy, SortOrder, ...page } = read(ListInput, input);
  authorize(context.caller, 'secretsmanager:ListSecrets', '*');
  const found = filterSecrets(context, Filters, IncludePlannedDeletion);
  if (SortBy === 'name') found.sort((a, b) => b.name.localeCompare(a.name));
  if (SortBy === 'last-changed-date') found.sort((a, b) => b.changedAt.getTime() - a.changedAt.getTime());
  if (SortOrder === 'asc') found.reverse();
  const { items, nextToken } = pageOf(found, {
    token: page.NextToken,
    size: page.MaxResults ?? 100,
    refusal: 'InvalidNextTokenException',
  });
  return present({ SecretList: items.map(entry), NextToken: nextToken });
}

function entry(secret: Secret): object {
  return { ...metadata(secret), SecretVersionsToStages: stagesOf(secret) };
}

/** Returns what a list and a description of a secret share. */
export function metadata(secret: Secret): object {
  return present({
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyArn,
    CreatedDate: epoch(secret.createdAt),
    LastChangedDate: epoch(secret.changedAt),
    DeletedDate: secret.deletedAt && epoch(secret.deletedAt),
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
  });
}

/** Returns the stages of the versions that have any. */
export function stagesOf({ versions }: Secret): Record<string, string[]> {
  const labelled = versions.filter(({ stages }) => stages.size > 0);
  return Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]]));
}
