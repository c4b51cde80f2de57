import { PREFIX } from '../../../webhook/declare/annotations.ts';

export type Pod = { metadata: { annotations?: Record<string, string>; labels?: Record<string, string> }; spec: object };

/** Returns a pod with one container. */
export function pod(annotations?: Record<string, string>, spec: object = {}, labels?: Record<string, string>): Pod {
  const metadata = { ...(annotations && { annotations }), ...(labels && { labels }) };
  return { metadata, spec: { containers: [{ name: 'app' }], ...spec } };
}

/** Returns our annotation of this name, without the prefix in the name. */
export const ours = (name: string, value = 'x') => ({ [PREFIX + name]: value });
