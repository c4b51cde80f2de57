/** Describes the Secrets that others make of values of AWS, with the object of AWS that each value comes from. */

import type { RenameStep } from '../../injector/contract/rename.ts';
import type { Declaration } from '../declare/declaration.ts';
import type { SearchSource } from '../declare/outputs.ts';
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

/** A JSON object whose keys become keys of the Secret, or a search, which makes a key of each name that it finds. */
export type Extract = ({ readonly piece: Piece } | { readonly search: SearchSource; readonly isDecoded: boolean }) & {
  /** The steps that make the keys of the Secret. Without them, keys stay as they are. */
  readonly rename?: readonly RenameStep[];
};

/** A Secret that an ExternalSecret makes, or the CSI driver by a SecretProviderClass. */
export type MadeSecret = {
  readonly name: string;
  readonly access: Access;
  readonly keys: ReadonlyMap<string, Value>;
  /** The keys that only AWS knows. Those of a later one win, and `keys` win over all of them. */
  readonly extracts: readonly Extract[];
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
  if ('search' in extract) {
    return err(
      'is one of what is searched for, and only AWS knows the names: take all keys, by envFrom or a volume without items',
    );
  }
  const { piece, rename } = extract;
  if (rename === undefined) return ok([{ ...piece, jmesPath: below(piece.jmesPath, key) }]);
  if (piece.jmesPath !== undefined || piece.filters !== undefined) {
    return err('has another name in a part of a secret, or is decoded besides: name the key in spec.data');
  }
  return ok([{ ...piece, pick: { key, rename: [...rename] } }]);
}
