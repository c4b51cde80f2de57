/** Reads SecretStore and ClusterSecretStore objects of External Secrets that read from AWS. */
import * as z from 'zod';
import type { ServiceName } from '../../injector/contract/services.ts';
import { echo } from '../declare/echo.ts';
import { err, ok, type Result } from '../declare/result.ts';
import { checkRoles } from '../declare/role-arns.ts';
import { problemsIn, withoutNull } from './schema.ts';
import type { Access } from './secret.ts';

export const STORE_KINDS = ['SecretStore', 'ClusterSecretStore'] as const;

export type StoreKind = (typeof STORE_KINDS)[number];

export type Store = {
  readonly service: ServiceName;
  readonly prefix: string;
  readonly access: Access;
};

const SERVICES = { SecretsManager: 'secretsmanager', ParameterStore: 'ssm' } as const;

/** A pod needs the names of the objects, the region and the role. How the operator gets its own credentials does not matter to it. */
const schema = z.object({
  provider: z.strictObject({
    aws: z.strictObject({
      service: z.enum(['SecretsManager', 'ParameterStore']),
      region: z.string().min(1),
      role: z.string().min(1).optional(),
      additionalRoles: z.array(z.string()).default([]),
      externalID: z.string().min(1).optional(),
      prefix: z.string().optional(),
      auth: z.unknown().optional(),
      /** It says how secrets are deleted, which only PushSecrets do. */
      secretsManager: z.unknown().optional(),
    }),
  }),
});

const accountRef = z.object({ name: z.string(), namespace: z.string().optional() });
const withAccount = z.object({
  provider: z.object({ aws: z.object({ auth: z.object({ jwt: z.object({ serviceAccountRef: accountRef }) }) }) }),
});

/** Returns the ServiceAccount as which the operator reads AWS by this spec of a store; undefined if it is none. */
export function accountOf(spec: unknown): z.infer<typeof accountRef> | undefined {
  const parsed = withAccount.safeParse(withoutNull(spec));
  return parsed.success ? parsed.data.provider.aws.auth.jwt.serviceAccountRef : undefined;
}

const otherProvider = z.object({
  provider: z
    .record(z.string(), z.unknown())
    .refine((members) => Object.keys(members).length > 0 && !('aws' in members)),
});

/** Returns whether a store of this spec may read from AWS: false only if it names another provider. */
export function isOfAws(spec: unknown): boolean {
  return !otherProvider.safeParse(withoutNull(spec)).success;
}

/** Returns what the spec of a store says. The problem is a clause about the store, without its name. */
export function readStore(raw: unknown): Result<Store> {
  const spec = withoutNull(raw);
  const parsed = schema.safeParse(spec);
  if (!parsed.success) return err(problemsIn(parsed.error, spec));
  const { service, region, role, additionalRoles, externalID, prefix = '' } = parsed.data.provider.aws;
  const texts = [...additionalRoles, ...(role === undefined ? [] : [role])];
  const roles = checkRoles(texts);
  if (!roles.ok) {
    const members = additionalRoles.length > 0 ? 'additionalRoles with role' : 'role';
    return err(`spec.provider.aws.${members} "${echo(texts.join(', '))}" ${roles.problem}`);
  }
  return ok({
    service: SERVICES[service],
    prefix,
    access: {
      region,
      identity: { kind: 'web-identity' },
      ...(roles.value.length > 0 && { roles: roles.value }),
      // The operator gives it for `role`, and for none of the roles before.
      ...(role !== undefined && externalID !== undefined && { externalId: externalID }),
    },
  });
}
