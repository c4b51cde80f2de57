/** Decides how variables reach the app, and checks that `env-delivery`, `env-file` and `env-file-format` fit what is declared. */
import { type Refusal, refusal } from '../../errors.ts';
import { PREFIX } from '../annotations.ts';
import type { Values } from '../options.ts';

/** The annotation that most of these mistakes need, as it is pasted. */
export const FILE = `${PREFIX}env-file: app.env`;

export type Delivery = {
  /** Undefined if the pod declares no variables, or only those of `env-from` in the env file. */
  readonly kind?: 'kubelet' | 'shell' | 'file';
  /** True if there is an env file, which has all variables. */
  readonly envFile: boolean;
};

/**
 * Returns how variables reach the app, and a refusal for each annotation that does not fit to the others. `declared` is the value
 * of `env-delivery`: undefined if it is absent or wrong. A wrong one is refused elsewhere.
 */
export function readDelivery(
  own: ReadonlyMap<string, string>,
  declared: Values['env-delivery'],
): { delivery: Delivery; refusals: Refusal[] } {
  const [env, envFrom, envFile] = [own.has('env'), own.has('env-from'), own.has('env-file')];
  const hasVariables = env || envFrom;
  // References to Secrets of a class are variables, too: whether the pod has any is only known with its containers.
  const kind = declared === 'shell' || (declared && hasVariables) ? declared : env ? 'kubelet' : undefined;
  const delivery = { envFile, ...(kind && { kind }) };
  if (own.has('env-delivery') && declared === undefined) return { delivery, refusals: [] };
  const problems = [
    ...(hasVariables ? misfits(kind, env, envFrom, envFile) : useless(own, kind)),
    ...(own.has('env-file-format') && !envFile ? [`env-file-format: no file is declared; add ${FILE}`] : []),
  ];
  return { delivery, refusals: problems.map((problem) => refusal('ASI_ADMIT_ENV_FILE', problem)) };
}

/** Recommends the shell together with what it needs, because the containers are not known here. */
export const SHELL = `${PREFIX}env-delivery: shell, for which each container that gets variables needs a command in the pod`;

function misfits(kind: Delivery['kind'], env: boolean, envFrom: boolean, envFile: boolean): string[] {
  if (kind === 'shell') return [];
  const sources = [...(env ? ['env'] : []), ...(envFrom ? ['env-from'] : [])].join(' and ');
  if (kind === 'kubelet' && !env) {
    return [
      `env-delivery: the kubelet must know the names of variables, and those of env-from are in the secret; write ${FILE} without env-delivery, or ${SHELL}`,
    ];
  }
  if (kind === 'kubelet' && envFrom && !envFile) {
    return [
      `env-from: the names of its variables are in the secret, so the kubelet can not set them; add ${FILE}, or ${SHELL}`,
    ];
  }
  if (kind === 'kubelet' || envFile) return [];
  return [`${sources}: no file is declared for the variables; add ${FILE}, or ${SHELL}`];
}

function useless(own: ReadonlyMap<string, string>, kind: Delivery['kind']): string[] {
  const isShell = kind === 'shell';
  const hasDelivery = own.has('env-delivery');
  const exception = isShell
    ? ', which may stay if a container has a variable from a Secret of a SecretProviderClass'
    : '';
  const way = hasDelivery ? `remove env-file and env-delivery${exception}` : 'add env-from, or remove env-file';
  return [
    ...(own.has('env-file') ? [`env-file: no variables are declared for it; ${way}`] : []),
    ...(hasDelivery && !isShell ? ['env-delivery: no variables are declared; remove env-delivery'] : []),
  ];
}
