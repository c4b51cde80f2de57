/**
 * Names each filter of a template's placeholder, with how many bytes one byte of a value can become, from which the webhook
 * sizes the volume: a control character is `\u0001` in JSON and in properties, `'` is `'\''` in a shell, and a letter of two bytes may
 * have a capital of three.
 */
export const FILTER_GROWTH = {
  json: 6,
  quote: 6,
  base64: 2,
  base64decode: 1,
  base64urldecode: 1,
  base64auto: 1,
  urlencode: 3,
  shell: 4,
  properties: 6,
  upper: 2,
  lower: 2,
  trim: 1,
} as const;

export type FilterName = keyof typeof FILTER_GROWTH;

export const FILTERS = Object.keys(FILTER_GROWTH) as readonly FilterName[];
