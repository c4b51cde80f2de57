/** The part of the configuration about Kubernetes Secrets that the injector makes. */
import * as v from 'valibot';
import { index, text } from './access.ts';
import { strict } from './strict.ts';
import { texts } from './texts.ts';

const owner = strict({ apiVersion: text, kind: text, name: text, uid: text });

const madeSecret = strict({
  name: text,
  type: text,
  labels: v.optional(texts),
  annotations: v.optional(texts),
  data: v.pipe(
    v.array(
      strict({
        key: text,
        /** The index into `objects`. */
        object: index,
        jmesPath: v.optional(text),
      }),
    ),
    v.nonEmpty('must not be empty'),
  ),
});

/** Reads which Kubernetes Secrets the injector makes. If it is absent, it makes none, and asks no API server. */
export const sync = strict({
  /** The pod's ServiceAccount, for messages. */
  serviceAccount: text,
  /** The owners of the pod: a Secret is removed when its last owner is. If they are absent, that is the pod itself. */
  owners: v.optional(v.pipe(v.array(owner), v.nonEmpty('must not be empty'))),
  secrets: v.pipe(v.array(madeSecret), v.nonEmpty('must not be empty')),
});

export type ConfigSync = v.InferOutput<typeof sync>;
export type MadeSecret = ConfigSync['secrets'][number];
export type Owner = v.InferOutput<typeof owner>;
