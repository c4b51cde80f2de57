/** Reads SecretStore and ClusterSecretStore objects of External Secrets that read from AWS. */
import * as v from 'valibot';
import { isMembers } from '../../injector/contract/members.ts';
import type { ServiceName } from '../../injector/contract/services.ts';
import { strict } from '../../injector/contract/strict.ts';
import { echo } from '../declare/echo.ts';
import { err, ok, type Result } from '../declare/result.ts';
import { checkRoles } from '../declare/role-arns.ts';
import { problemsIn, text, withoutNull } from './schema.ts';
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
const schema = v.object({
  provider: strict({
    aws: strict({
      service: v.picklist(['SecretsManager', 'ParameterStore']),
      region: text,
      role: v.optional(text),
      additionalRoles: v.optional(v.array(v.string()), []),
      externalID: v.optional(text),
      prefix: v.optional(v.string()),
      auth: v.optional(v.unknown()),
      /** It says how secrets are deleted, which only PushSecrets do. */
      secretsManager: v.optional(v.unknown()),
    }),
  }),
});

const accountRef = v.object({ name: v.string(), namespace: v.optional(v.string()) });
const withAccount = v.object({
  provider: v.object({ aws: v.object({ auth: v.object({ jwt: v.object({ serviceAccountRef: accountRef }) }) }) }),
});

/** Returns the ServiceAccount as which the operator reads AWS by this spec of a store; undefined if it is none. */
export function accountOf(spec: unknown): v.InferOutput<typeof accountRef> | undefined {
  const parsed = v.safeParse(withAccount, withoutNull(spec));
  return parsed.success ? parsed.output.provider.aws.auth.jwt.serviceAccountRef : undefined;
}

const otherProvider = v.object({
  provider: v.custom((members) => isMembers(members) && Object.keys(members).length > 0 && !('aws' in members)),
});

/** Returns whether a store of this spec may read from AWS: false only if it names another provider. */
export function isOfAws(spec: unknown): boolean {
  return !v.is(otherProvider, withoutNull(spec));
}

/** Returns what the spec of a store says. The problem is a clause about the store, without its name. */
export function readStore(raw: unknown): Result<Store> {
  const spec = withoutNull(raw);
  const parsed = v.safeParse(schema, spec);
  if (!parsed.success) return err(problemsIn(parsed.issues));
  const { service, region, role, additionalRoles, externalID, prefix = '' } = parsed.output.provider.aws;
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
