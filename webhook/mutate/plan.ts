/** What is to become of a pod, and what is known of its cluster. */
import type { InjectorConfig } from '../../injector/config.ts';
import type { Declaration } from '../declare/declaration.ts';
import type { EnvFiles } from '../facts.ts';
import type { AdmissionSettings } from '../settings.ts';

export type Plan = {
  readonly declaration: Declaration;
  readonly config: InjectorConfig;
  readonly settings: AdmissionSettings;
  readonly envFiles: EnvFiles;
  /** Names of Secrets that the CSI driver would make, and that nothing stands in for. */
  readonly unsynced: readonly string[];
};
