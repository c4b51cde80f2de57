/** Makes hostile pods: lists as long as etcd's 1.5 MiB can hold, and, from a direct caller, reviews of 7 MB that are wrong. */
import { reviewOf } from '../webhook/review.ts';
import { CLASS_KEYS, CSI_CLASS } from './classes.ts';
import { type Change, hostileReview, many } from './review.ts';
import { type Attack, oneByOne } from './target.ts';

const FILES = { files: 'f: a' };
const ENV = { env: 'A: a' };

const containers = (count: number) => many(count, (index) => ({ name: `c${index}`, image: 'a' }));
const empty = (count: number) => many(count, (index) => ({ name: `v${index}`, emptyDir: {} }));
const memory = (count: number) => many(count, (index) => ({ name: `v${index}`, emptyDir: { medium: 'Memory' } }));
const csi = (count: number) =>
  many(count, (index) => ({
    name: `v${index}`,
    csi: {
      ...{ driver: 'secrets-store.csi.k8s.io', readOnly: true },
      volumeAttributes: { secretProviderClass: CSI_CLASS },
    },
  }));

/** Looks like one of ours that an earlier injection has left. */
const TOKEN = {
  name: 'aws-secrets-token',
  projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'sts.amazonaws.com' } }] },
};

const PODS: Readonly<Record<string, Change>> = {
  '25,000 containers and files': { annotations: FILES, spec: { containers: containers(25_000) } },
  '25,000 containers and env': { annotations: ENV, spec: { containers: containers(25_000) } },
  '25,000 containers and env in a shell': {
    annotations: { ...ENV, 'env-delivery': 'shell' },
    spec: { containers: many(25_000, (index) => ({ name: `c${index}`, image: 'a', command: ['a'] })) },
  },
  '25,000 init containers': { annotations: FILES, spec: { initContainers: containers(25_000) } },
  '25,000 containers of one name': { annotations: FILES, spec: { containers: many(25_000, () => ({ name: 'c' })) } },
  '25,000 volumes': { annotations: FILES, spec: { volumes: empty(25_000) } },
  '25,000 volumes in memory': { annotations: FILES, spec: { volumes: memory(25_000) } },
  '25,000 containers and as many volumes': {
    annotations: FILES,
    spec: { containers: containers(25_000), volumes: empty(25_000) },
  },
  'a token, 16,000 volumes in memory, 16,000 containers': {
    annotations: FILES,
    spec: { containers: containers(16_000), volumes: [TOKEN, ...memory(16_000)] },
  },
  '50,000 names in containers, 32,000 containers': {
    annotations: { ...FILES, containers: many(50_000, (index) => index.toString(36)).join() },
    spec: { containers: many(32_000, (index) => ({ name: `c${index}` })) },
  },
  '4 KB of mount path for 20,000 containers': {
    annotations: { ...FILES, 'mount-path': `/${'a'.repeat(4000)}` },
    spec: { containers: containers(20_000) },
  },
  '4 KB of mount path for 3,000 containers': {
    annotations: { ...FILES, 'mount-path': `/${'a'.repeat(4000)}` },
    spec: { containers: containers(3000) },
  },
  '4,000 variables for 300 containers': {
    annotations: { env: many(4000, (index) => `V${index}: a`).join('\n') },
    spec: { containers: containers(300) },
  },
  '4,000 variables and 50,000 of the container': {
    annotations: { env: many(4000, (index) => `V${index}: a`).join('\n') },
    spec: { containers: [{ name: 'a', env: many(50_000, (index) => ({ name: `V${index}` })) }] },
  },
  '40,000 mounts of one container': {
    annotations: FILES,
    spec: {
      containers: [{ name: 'a', volumeMounts: many(40_000, (index) => ({ name: 'v', mountPath: `/m${index}` })) }],
    },
  },
  '3,000 volumes, each mounted by 10 of 3,000 containers': {
    annotations: FILES,
    spec: {
      volumes: memory(3000),
      containers: many(3000, (index) => ({
        name: `c${index}`,
        volumeMounts: many(10, (mount) => ({ name: `v${(index + mount) % 3000}`, mountPath: `/m${mount}` })),
      })),
    },
  },
  [`10,000 CSI volumes of a class with ${CLASS_KEYS} keys`]: {
    annotations: { inject: 'true' },
    spec: { volumes: csi(10_000) },
  },
  [`20,000 variables from the Secret of a class with ${CLASS_KEYS} keys`]: {
    annotations: { inject: 'true' },
    spec: {
      volumes: csi(1),
      containers: [
        {
          name: 'a',
          env: many(20_000, (index) => ({
            name: `V${index}`,
            valueFrom: { secretKeyRef: { name: 's', key: `k${index % CLASS_KEYS}` } },
          })),
        },
      ],
    },
  },
  [`2,000 containers that take all of a class with ${CLASS_KEYS} keys`]: {
    annotations: { inject: 'true' },
    spec: {
      volumes: csi(1),
      containers: many(2000, (index) => ({ name: `c${index}`, envFrom: [{ secretRef: { name: 's' } }] })),
    },
  },
};

const BYTES = 7_000_000;

/** Replaces one word of a review that only a direct caller sends. */
function raw(change: Change, filling: string): string {
  return hostileReview(change).replace('"HERE"', () => filling);
}

const numbers = `[${Array(BYTES / 2).fill(1)}]`;
const objects = `[${Array(Math.floor(BYTES / 3)).fill('{}')}]`;
const nested = `${'['.repeat(BYTES / 2)}${']'.repeat(BYTES / 2)}`;
const maps = `${'{"a":'.repeat(BYTES / 6)}1${'}'.repeat(BYTES / 6)}`;
const keys = () => `{${many(BYTES / 20, (index) => `"key-${index.toString().padStart(8, '0')}":1`)}}`;

const RAW: Readonly<Record<string, () => string>> = {
  '7 MB of numbers as containers': () => raw({ annotations: FILES, spec: { containers: 'HERE' } }, numbers),
  '7 MB of empty containers': () => raw({ annotations: FILES, spec: { containers: 'HERE' } }, objects),
  '7 MB of empty volumes': () => raw({ annotations: FILES, spec: { volumes: 'HERE' } }, objects),
  '7 MB of numbers as variables': () =>
    raw({ annotations: FILES, spec: { containers: [{ name: 'a', env: 'HERE' }] } }, numbers),
  '7 MB of numbers as annotations': () =>
    reviewOf(0, false).replace('"annotations":{', () => `"annotations":${keys()},"x":{`),
  '7 MB of lists in lists': () => raw({ annotations: FILES, spec: { containers: 'HERE' } }, nested),
  '7 MB of lists in lists, where nobody looks': () => raw({ annotations: FILES, spec: { other: 'HERE' } }, nested),
  '7 MB of maps in maps': () => raw({ annotations: FILES, spec: { containers: 'HERE' } }, maps),
  '7 MB of keys': () => raw({ annotations: FILES, spec: { other: 'HERE' } }, keys()),
  '7 MB that is no JSON': () => '['.repeat(BYTES),
};

/** Returns each hostile pod and each wrong review as an attack. */
export function podAttacks(): Attack[] {
  return [
    ...Object.entries(PODS).map(([name, change]) => lazily(name, () => hostileReview(change))),
    ...Object.entries(RAW).map(([name, make]) => lazily(name, make)),
  ];
}

/** The text is made when the attack begins, and once. */
function lazily(name: string, make: () => string): Attack {
  let review: string | undefined;
  return oneByOne(name, () => {
    review ??= make();
    return review;
  });
}
