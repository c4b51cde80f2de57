/** Asks for the metadata of objects only: the API server then leaves the rest out of lists and watches. */

/** For a list. */
export const METADATA_LIST = accept('PartialObjectMetadataList');

/** For a watch. */
export const METADATA = accept('PartialObjectMetadata');

function accept(kind: string): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=v1`;
}
