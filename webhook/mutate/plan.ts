/** What is to become of a pod, and what is known of its cluster. */
import type { InjectorConfig } from '../../injector/config.ts';
import type { EnvFiles } from '../admission/facts.ts';
import type { Declaration } from '../declare/declaration.ts';
import type { SecretObject } from '../declare/provider-class.ts';
import type { Previous } from '../reinvocation/previous.ts';
import type { AdmissionSettings } from '../settings.ts';

export type Plan = {
  readonly declaration: Declaration;
  readonly config: InjectorConfig;
  readonly previous: Previous | undefined;
  readonly settings: AdmissionSettings;
  readonly envFiles: EnvFiles;
  /** Secrets that the CSI driver would make, whether or not anything stands in for them. */
  readonly unsynced: readonly Pick<SecretObject, 'secretName' | 'type'>[];
};
