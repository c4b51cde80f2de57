import type { InjectorConfig } from '../../../injector/contract/config.ts';

/** A configuration that names no object yet. It is for functions that read a configuration and ask AWS for nothing. */
export const CONFIG: InjectorConfig = {
  version: 1,
  namespace: 'shop',
  region: 'eu-west-1',
  identity: { kind: 'web-identity', roleArn: 'arn', tokenFile: '/token' },
  directory: '/x',
  objects: [],
  retryTimeoutSeconds: 30,
  log: { level: 'info' },
};
