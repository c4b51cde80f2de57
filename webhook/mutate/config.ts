/** What the init container is told. */
import type { InjectorConfig } from '../../injector/config.ts';
import type { Declaration } from '../declare/declaration.ts';
import { SECRETS_DIRECTORY, TOKEN_FILE } from '../names.ts';
import type { Pod } from '../pod.ts';
import type { AdmissionSettings } from '../settings.ts';
import { retryTimeoutSeconds } from './retry.ts';

type Sources = {
  readonly pod: Pod;
  readonly namespace: string;
  readonly roleArn: string;
  readonly declaration: Declaration;
  readonly settings: AdmissionSettings;
};

export function configOf({ pod, namespace, roleArn, declaration, settings }: Sources): InjectorConfig {
  const { region: _, ...aws } = settings.aws;
  return {
    version: 1,
    namespace,
    region: declaration.region,
    identity: { kind: 'web-identity', roleArn, tokenFile: TOKEN_FILE },
    directory: SECRETS_DIRECTORY,
    objects: [...declaration.objects],
    ...(declaration.envFile && { envFile: declaration.envFile }),
    retryTimeoutSeconds: retryTimeoutSeconds(pod, declaration.retryTimeoutSeconds),
    ...(Object.keys(aws).length > 0 && { aws }),
    log: { level: declaration.overrides.logLevel ?? settings.injector.logLevel, format: 'json' },
  };
}
