/** Follows the SecretProviderClasses of the Secrets Store CSI driver. */
import type { Facts } from '../admission/facts.ts';
import { type ProviderClass, type RawSpec, readSpec } from '../declare/provider-class.ts';
import { followResource, type Resource, type ResourceOptions } from './custom-resources.ts';

/** Drivers before 1.0 have the second version only. */
const CLASSES: Resource<RawSpec, ProviderClass> = {
  group: 'secrets-store.csi.x-k8s.io',
  plural: 'secretproviderclasses',
  versions: ['v1', 'v1alpha1'],
  kinds: 'SecretProviderClasses',
  read: readSpec,
  trim,
};

/** Starts to follow the SecretProviderClasses, and returns a function that returns one. */
export function providerClasses(options: ResourceOptions): Facts['classOf'] {
  return followResource(CLASSES, options).one;
}

/** Keeps of another provider's class only whose it is: such classes may be many, and nothing else of them is read. */
function trim(found: ProviderClass): ProviderClass {
  const { provider } = found;
  if (provider === 'aws') return found;
  return { ...(provider !== undefined && { provider }), parameters: {}, secretObjects: [] };
}
