/** Describes the Secrets that others make of values of AWS, with the object of AWS that each value comes from. */
import type { Declaration } from '../declare/declaration.ts';
import { err, ok, type Result } from '../declare/result.ts';
import { below } from './property.ts';
import type { Piece, Value } from './value.ts';

/** Says how AWS is reached. All that one pod declares has to agree in it. */
export type Access = {
  /** Undefined if it is the region of the cluster. */
  readonly region?: string;
  readonly failoverRegion?: string;
  /** The ARNs of the roles that are assumed after the pod's own, in this order. */
  readonly roles?: readonly string[];
  readonly externalId?: string;
  readonly identity: Declaration['identity'];
};

/** A Secret that an ExternalSecret makes, or the CSI driver by a SecretProviderClass. */
export type MadeSecret = {
  readonly name: string;
  readonly access: Access;
  readonly keys: ReadonlyMap<string, Value>;
  /** The JSON objects whose keys become keys of the Secret, too. A later one wins, and `keys` win over all of them. */
  readonly extracts: readonly Piece[];
};

/** A Secret, or the reason why nothing can be declared for it, as a whole sentence. */
export type Production =
  | { readonly ok: true; readonly secret: MadeSecret }
  | { readonly ok: false; readonly name: string; readonly reason: string };

/** Returns the value of a key. The problem is the end of a sentence about the key. */
export function valueAt({ keys, extracts }: Pick<MadeSecret, 'keys' | 'extracts'>, key: string): Result<Value> {
  const known = keys.get(key);
  if (known !== undefined) return ok(known);
  const [extract, ...others] = extracts;
  if (extract === undefined) {
    return err(`is not in it: it has ${[...keys.keys()].map((one) => `"${one}"`).join(', ') || 'no keys'}`);
  }
  if (others.length > 0) return err('comes from one of several secrets, and only AWS knows which of them has it');
  return ok([{ ...extract, jmesPath: below(extract.jmesPath, key) }]);
}
