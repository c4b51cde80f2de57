/** Lists the AWS services for the injector: how each is loaded, and the words in which its failures are explained. */
import type { ServiceName } from '../contract/services.ts';
import { canonicalParameterName } from './parameter-name.ts';
import type { Service } from './service.ts';

/** The row of a service. Everything but `load` is pure. The texts are given names that are cut and cleaned. */
type Entry = {
  /** Loads the module of the service. */
  readonly load: () => Promise<Service>;
  /** The IAM action that reads objects by name. */
  readonly readAction: string;
  /** Returns a name that is the same for every way to name one object in a request. */
  readonly canonicalName: (name: string) => string;
  /** Returns the last part of the ARN with which an IAM policy names an object. */
  readonly resourceOf: (name: string) => string;
  /**
   * ASCP's own first words of a failure, which its users know and search for. `fatal` is for an error that ASCP does not retry
   * in another region, `missing` for an object that is not in the answer, `other` for everything else.
   */
  readonly headlines: {
    readonly fatal: (object: string, region: string) => string;
    readonly missing?: (objectWithSelector: string, region: string) => string;
    readonly other: (object: string) => string;
  };
};

/** Has the row of each service. */
export const CATALOGUE: Readonly<Record<ServiceName, Entry>> = {
  secretsmanager: {
    load: async () => (await import('./secrets-manager.ts')).secretsManager,
    readAction: 'secretsmanager:GetSecretValue',
    canonicalName: (name) => name,
    // AWS adds a hyphen and six random characters to the name of a secret in its ARN.
    resourceOf: (name) => `secret:${name}-??????`,
    headlines: {
      fatal: (object, region) => `${region}: Failed fetching secret ${object}:`,
      other: (object) =>
        `Failed to fetch secret from all regions. Verify secret exists and required permissions are granted for: ${object}:`,
    },
  },
  ssm: {
    load: async () => (await import('./parameter-store.ts')).parameterStore,
    readAction: 'ssm:GetParameters',
    canonicalName: canonicalParameterName,
    resourceOf: (name) => `parameter/${name.replace(/^\//, '')}`,
    headlines: {
      fatal: (object, region) => `${region}: Failed fetching parameters: ${object}:`,
      missing: (object, region) => `400: ${region}: invalid parameters: ${object}.`,
      other: (object) => `Failed to fetch parameters from all regions. ${object}:`,
    },
  },
};
