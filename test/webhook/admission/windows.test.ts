/** Pods for Windows nodes, by everything that can keep a pod off Linux nodes. */
import t from 'tap';
import { answerTo, type Json } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

type Requirement = readonly [key: string, operator: string, ...values: string[]];

function affinity(...terms: readonly Requirement[][]): Json {
  const nodeSelectorTerms = terms.map((term) => ({
    matchExpressions: term.map(([key, operator, ...values]) => ({ key, operator, values })),
  }));
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

async function codeOf(spec: Json): Promise<string> {
  const metadata = { annotations: annotationsOf({ files: 'password: app/db#password' }) };
  const pod = { metadata, spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'x' }], ...spec } };
  return (await answerTo(pod)).reason;
}

const OS = 'kubernetes.io/os';
const OLD = 'beta.kubernetes.io/os';
const BUILD = 'node.kubernetes.io/windows-build';

const windows: Record<string, Json> = {
  'spec.os': { os: { name: 'windows' } },
  'the node selector': { nodeSelector: { [OS]: 'windows' } },
  'the older label': { nodeSelector: { [OLD]: 'windows' } },
  'the label of a Windows build': { nodeSelector: { [BUILD]: '10.0.20348' } },
  'an affinity to Windows': affinity([[OS, 'In', 'windows']]),
  'an affinity by the older label': affinity([[OLD, 'In', 'windows']]),
  'an affinity that rules Linux out': affinity([[OS, 'NotIn', 'linux']]),
  'an affinity to a Windows build': affinity([[BUILD, 'Exists']]),
  'an affinity to several builds': affinity([[BUILD, 'In', '10.0.20348', '10.0.26100']]),
  'an affinity with one such expression among others': affinity([
    ['disk', 'In', 'ssd'],
    [OS, 'In', 'windows'],
  ]),
  'an affinity of which every term says so': affinity([[OS, 'In', 'windows']], [[OS, 'NotIn', 'linux']]),
};

for (const [name, spec] of Object.entries(windows)) {
  t.test(`refuses a pod for Windows by ${name}`, async (t) => {
    t.equal(await codeOf(spec), 'ASI_ADMIT_WINDOWS');
  });
}

const linux: Record<string, Json> = {
  'spec.os': { os: { name: 'linux' } },
  'the node selector': { nodeSelector: { [OS]: 'linux' } },
  'an affinity to either': affinity([[OS, 'In', 'linux', 'windows']]),
  'an affinity that rules Windows out': affinity([[OS, 'NotIn', 'windows']]),
  'an affinity of which one term leaves it open': affinity([[OS, 'In', 'windows']], [['disk', 'In', 'ssd']]),
  'an affinity to nodes without a Windows build': affinity([[BUILD, 'DoesNotExist']]),
  'an affinity to nodes that name any system': affinity([[OS, 'Exists']]),
  'an affinity by fields only': {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } } },
  },
  'a mere preference for Windows': {
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: {} }] } },
  },
};

for (const [name, spec] of Object.entries(linux)) {
  t.test(`injects a pod that may run on Linux by ${name}`, async (t) => {
    t.equal(await codeOf(spec), 'declared');
  });
}
