/** The part of the configuration about Kubernetes Secrets that the injector makes. */
import * as z from 'zod/mini';
import { text } from './access.ts';

const owner = z.strictObject({ apiVersion: text, kind: text, name: text, uid: text });

const texts = z.optional(z.record(z.string(), z.string()));

const madeSecret = z.strictObject({
  name: text,
  type: text,
  labels: texts,
  annotations: texts,
  data: z
    .array(
      z.strictObject({
        key: text,
        /** The index into `objects`. */
        object: z.int().check(z.minimum(0)),
        jmesPath: z.optional(text),
      }),
    )
    .check(z.minLength(1)),
});

/** Reads which Kubernetes Secrets the injector makes. If it is absent, it makes none, and asks no API server. */
export const sync = z.strictObject({
  /** The pod's ServiceAccount, for messages. */
  serviceAccount: text,
  /** The owners of the pod: a Secret is removed when its last owner is. If they are absent, that is the pod itself. */
  owners: z.optional(z.array(owner).check(z.minLength(1))),
  secrets: z.array(madeSecret).check(z.minLength(1)),
});

export type ConfigSync = z.infer<typeof sync>;
export type MadeSecret = ConfigSync['secrets'][number];
export type Owner = z.infer<typeof owner>;
