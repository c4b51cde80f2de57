/**
 * Reads, compares and writes Kubernetes quantities, as far as sizes need it.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
import type { Resources } from '../../pod/pod.ts';

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

export type Quantity = string | number;

/** Returns the quantity in its base unit (cores, bytes), or NaN for a text that the API server refuses too. */
export function amount(quantity: Quantity): number {
  const [, number, suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(quantity)) ?? [];
  return Number(number) * (SUFFIXES[suffix] ?? Number.NaN);
}

/** The suffixes that {@link bytes} writes, the largest first. */
const BINARY = [
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const;

/**
 * Returns the quantity for a number of bytes as the API server writes it, with the largest suffix that leaves a whole
 * number.
 */
export function bytes(count: number): string {
  for (const [suffix, unit] of BINARY) if (count % unit === 0) return `${count / unit}${suffix}`;
  return String(count);
}

/** Returns the request for the resource. A limit without a request is the request, as in Kubernetes. */
export function request(resources: Resources, name: string): Quantity | undefined {
  return resources?.requests?.[name] ?? resources?.limits?.[name];
}

/** Returns the larger of two quantities as it is written, the first if both are equal; undefined if there is neither. */
export function larger(one: Quantity | undefined, other: Quantity | undefined): Quantity | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one !== other && amount(other) > amount(one) ? other : one;
}

/** Returns the smaller of a quantity and a ceiling, if there is one; undefined if there is no quantity. */
export function atMost(quantity: Quantity | undefined, ceiling: Quantity | undefined): Quantity | undefined {
  if (quantity === undefined || ceiling === undefined) return quantity;
  return amount(quantity) > amount(ceiling) ? ceiling : quantity;
}
