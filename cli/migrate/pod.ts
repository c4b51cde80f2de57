/** Plans the migration of one pod template: the annotations, and what is taken out of it. */
import jsonPatch, { type Operation } from 'fast-json-patch';
import { isMembers } from '../../injector/contract/members.ts';
import { ownAnnotations, PREFIX } from '../../webhook/declare/annotations.ts';
import { err, ok, type Result } from '../../webhook/declare/result.ts';
import { type Plan as PodPlan, planPod } from '../../webhook/external-secrets/plan.ts';
import { asPod } from '../../webhook/pod/pod.ts';
import { podOf } from '../../webhook/workload/pod.ts';
import { annotationsOf, type World } from '../admission/world.ts';
import type { Template } from '../manifests/find.ts';
import { sourceOf } from '../manifests/parse.ts';
import { type Inventory, keyOf } from './inventory.ts';
import { readCsiVolumes } from './provider-class.ts';

export type Plan = Pick<PodPlan, 'reasons' | 'notes'> & {
  /** The operations on the template; none if it has nothing that could be migrated. */
  readonly patch: readonly Operation[];
  /** True if the pod gets something of the injector then. */
  readonly declares: boolean;
};

/** Returns the plan for a template. With `shell`, the shells of the containers set the variables, and not the kubelet. */
export async function planTemplate(
  template: Template,
  inventory: Inventory,
  world: World,
  shell: boolean,
): Promise<Plan> {
  const read = asPod(podOf(template));
  if (!read.ok) return { patch: [], declares: false, reasons: [], notes: [] };
  const { patch, annotations, reasons, notes } = planPod(read.pod, {
    find: (name) => inventory.get(keyOf(template.owner, name, world))?.production,
    readMode: (path) => readMode(template, path),
    others: await readCsiVolumes(template, world),
    region: world.region,
    shell,
    own: ownAnnotations(annotationsOf({ value: { metadata: template.metadata } })),
  });
  if (patch.length === 0) return { patch, declares: false, reasons, notes };
  return {
    patch: [...annotate(template, annotations), ...patch],
    declares: Object.keys(annotations).length > 0,
    reasons: [...reasons, ...switchedOff(template)],
    notes,
  };
}

/** Returns a mode in octal digits. Kubernetes reads YAML 1.1, in which `0400` is octal. */
function readMode({ owner, path }: Template, modePath: readonly (string | number)[]): Result<string> {
  const text = sourceOf(owner.manifest, [...path, ...modePath])?.text ?? '';
  const octal = /^0o?([0-7]+)$/.exec(text)?.[1] ?? (/^[1-9]\d*$/.test(text) ? Number(text).toString(8) : undefined);
  if (octal !== undefined && octal.length <= 4) return ok(octal.padStart(4, '0'));
  return err(`Its ${modePath.at(-1)} is no number that stands where it belongs: write it out.`);
}

/** The pod keeps its Secrets if an annotation says so, or if it names them to the webhook. */
function switchedOff({ metadata }: Template): string[] {
  const own = ownAnnotations(annotationsOf({ value: { metadata } }));
  if (own.has('external-secret')) return [`It has ${PREFIX}external-secret already, and needs no migration.`];
  return own.get('inject') === 'false' ? [`It has ${PREFIX}inject: "false".`] : [];
}

function annotate({ metadata }: Template, annotations: Readonly<Record<string, string>>): Operation[] {
  const entries = Object.entries(annotations);
  if (entries.length === 0) return [];
  if (Object.keys(metadata).length === 0) return [{ op: 'add', path: '/metadata', value: { annotations } }];
  const { annotations: own } = metadata;
  if (!isMembers(own) || Object.keys(own).length === 0) {
    return [{ op: 'add', path: '/metadata/annotations', value: annotations }];
  }
  return entries.map(([key, value]) => ({
    op: Object.hasOwn(own, key) ? 'replace' : 'add',
    path: `/metadata/annotations/${jsonPatch.escapePathComponent(key)}`,
    value,
  }));
}
