/** Tests the requests and limits of the container that stays beside the app, where pods have rotation. */
import t from 'tap';
import { chooseSidecarResources } from '../../../../webhook/mutate/container/sidecar-resources.ts';
import type { Pod } from '../../../../webhook/pod/pod.ts';
import type { AdmissionSettings } from '../../../../webhook/settings.ts';

type Amounts = Readonly<Record<string, string>>;
type Row = {
  readonly what: string;
  readonly app?: { readonly requests?: Amounts; readonly limits?: Amounts };
  readonly pod?: { readonly requests?: Amounts; readonly limits?: Amounts };
  readonly overrides?: { readonly cpu?: string; readonly memory?: string };
  readonly chart?: AdmissionSettings['injector']['resources'];
  readonly requests: Amounts;
  readonly limits: Amounts;
};

const GUARANTEED = { limits: { cpu: '1', memory: '1Gi' } };

const ROWS: readonly Row[] = [
  { what: 'nothing of the app', requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '98Mi' } },
  {
    what: 'the limit of CPU that every container has',
    app: { requests: { cpu: '1' }, limits: { cpu: '2' } },
    requests: { cpu: '10m', memory: '64Mi' },
    limits: { cpu: '2', memory: '98Mi' },
  },
  {
    what: 'limits that are the requests in a Guaranteed pod',
    app: GUARANTEED,
    requests: { cpu: '100m', memory: '98Mi' },
    limits: { cpu: '100m', memory: '98Mi' },
  },
  {
    what: 'a limit of the disk where every container has one',
    app: { limits: { 'ephemeral-storage': '1Gi' } },
    requests: { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
    limits: { memory: '98Mi', 'ephemeral-storage': '64Mi' },
  },
  {
    what: 'the annotations, with no limit of CPU where the app has none',
    overrides: { cpu: '20m', memory: '128Mi' },
    requests: { cpu: '20m', memory: '128Mi' },
    limits: { memory: '128Mi' },
  },
  {
    what: 'the annotations before the chart, with a limit of CPU where the app has one',
    app: GUARANTEED,
    overrides: { cpu: '20m', memory: '128Mi' },
    chart: { requests: { cpu: '30m', memory: '100Mi' } },
    requests: { cpu: '20m', memory: '128Mi' },
    limits: { cpu: '20m', memory: '128Mi' },
  },
  {
    what: 'the chart, also in a Guaranteed pod',
    app: GUARANTEED,
    chart: { requests: { cpu: '30m' }, limits: { memory: '200Mi' } },
    requests: { cpu: '30m', memory: '200Mi' },
    limits: { memory: '200Mi' },
  },
  {
    what: 'what the app leaves of the requests of the pod',
    app: { requests: { cpu: '995m', memory: '1000Mi' } },
    pod: { requests: { cpu: '1', memory: '1024Mi' } },
    requests: { cpu: '5m', memory: '24Mi' },
    limits: { memory: '98Mi' },
  },
  {
    what: 'nothing where the app takes all of the requests of the pod',
    app: { requests: { cpu: '1', memory: '1Gi' } },
    pod: { requests: { cpu: '1', memory: '1Gi' } },
    requests: { cpu: '0', memory: '0' },
    limits: { memory: '98Mi' },
  },
  {
    what: 'its own request where the pod has room for it',
    app: { requests: { cpu: '100m' } },
    pod: { requests: { cpu: '1', memory: '1Gi' } },
    requests: { cpu: '10m', memory: '64Mi' },
    limits: { memory: '98Mi' },
  },
  {
    what: 'no more than the limits of the pod',
    pod: { limits: { cpu: '5m', memory: '97Mi' } },
    requests: { cpu: '5m', memory: '64Mi' },
    limits: { memory: '97Mi' },
  },
];

for (const { what, app = {}, pod, overrides = {}, chart, requests, limits } of ROWS) {
  t.test(`a sidecar gets ${what}`, (t) => {
    const whole: Pod = {
      metadata: {},
      spec: { containers: [{ name: 'app', resources: app }], ...(pod && { resources: pod }) },
    };
    // Two MiB of volumes come on top of the 96 MiB for the program.
    const needs = { pod: whole, volumeBytes: 2 * 2 ** 20, overrides };
    t.strictSame(chooseSidecarResources(needs, chart), { requests, limits });
    t.end();
  });
}

const LIMITS = { cpu: '1', memory: '1Gi' };
const IMAGE = { name: 'migrate', image: 'x' };
const BESIDE: Readonly<Record<string, readonly [spec: Partial<Pod['spec']>, cpu: string]>> = {
  'a container with limits': [{ containers: [{ name: 'side', resources: { limits: LIMITS } }] }, '100m'],
  'a container with a smaller request': [
    { containers: [{ name: 'side', resources: { limits: LIMITS, requests: { cpu: '500m' } } }] },
    '10m',
  ],
  'a container with one limit': [{ containers: [{ name: 'side', resources: { limits: { memory: '1Gi' } } }] }, '10m'],
  'an init container without limits': [{ initContainers: [IMAGE] }, '10m'],
  'our own containers of an earlier pass': [
    {
      initContainers: [
        { ...IMAGE, name: 'aws-secrets-injector' },
        { ...IMAGE, name: 'aws-secrets-injector-sentinel' },
      ],
    },
    '100m',
  ],
};

for (const [what, [{ containers = [], initContainers = [] }, cpu]] of Object.entries(BESIDE)) {
  t.test(`a sidecar beside a Guaranteed container requests ${cpu} where there is ${what}, too`, async (t) => {
    const app = { name: 'app', resources: GUARANTEED };
    const pod: Pod = { metadata: {}, spec: { containers: [app, ...containers], initContainers } };
    const { requests } = chooseSidecarResources({ pod, volumeBytes: 0, overrides: {} }, undefined);
    t.equal(requests?.['cpu'], cpu);
  });
}
