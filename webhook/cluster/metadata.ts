/** Asks for the metadata of objects only: the API server then leaves the rest out of lists and watches. */
import type { KubeConfig } from '@kubernetes/client-node';

type Authenticated = Parameters<KubeConfig['applySecurityAuthentication']>[0];

/** The same cluster and credentials. */
export function metadataOnly(kubeConfig: KubeConfig): KubeConfig {
  const asking: KubeConfig = Object.create(kubeConfig);
  asking.applySecurityAuthentication = async (context: Authenticated) => {
    await kubeConfig.applySecurityAuthentication(context);
    const kind = context.getUrl().includes('watch=true') ? 'PartialObjectMetadata' : 'PartialObjectMetadataList';
    context.setHeaderParam('Accept', `application/json;as=${kind};g=meta.k8s.io;v=v1`);
  };
  return asking;
}
