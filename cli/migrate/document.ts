/** Migrates one document as a whole, or leaves it as it is. */
import { type Examined, examine } from '../admission/examine.ts';
import { UNKNOWN_REGION, type World } from '../admission/world.ts';
import type { Need } from '../iam-policy/roles.ts';
import { edit } from '../inject/edit.ts';
import { EditError } from '../inject/place.ts';
import { styleOf } from '../inject/write.ts';
import { findIn, type Template } from '../manifests/find.ts';
import { type Manifest, parseManifests } from '../manifests/parse.ts';
import type { Inventory } from './inventory.ts';
import { type Plan, planTemplate } from './pod.ts';
import type { Apart } from './versions.ts';

export type Migrated = {
  /** The text of the document; the same as before if nothing was migrated. */
  readonly text: string;
  readonly outcome: 'untouched' | 'migrated' | 'stays';
  /** Why the document stays as it is, a sentence each. */
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  readonly needs: readonly Need[];
  /** Says what else the pods depend on, and is not known. */
  readonly unknown: readonly string[];
};

/** Is what all files together say. */
export type Known = { readonly inventory: Inventory; readonly world: World; readonly apart: Apart };

/** Returns the document after its migration. `text` is its part of the file. */
export async function migrateDocument(manifest: Manifest, text: string, known: Known): Promise<Migrated> {
  const { templates } = findIn([manifest]);
  const first = await attempt(templates, text, { ...known, shell: false });
  if (first.outcome !== 'stays') return first;
  // A cluster may be too old for variables that the kubelet sets.
  const second = await attempt(templates, text, { ...known, shell: true });
  return second.outcome === 'migrated' ? second : first;
}

type Setting = Known & { readonly shell: boolean };

async function attempt(templates: readonly Template[], text: string, setting: Setting): Promise<Migrated> {
  const plans: Placed[] = [];
  for (const template of templates) {
    plans.push({
      path: template.path,
      ...(await planTemplate(template, setting.inventory, setting.world, setting.shell)),
    });
  }
  const same: Migrated = { text, outcome: 'untouched', reasons: [], notes: [], needs: [], unknown: [] };
  const reasons = plans.flatMap((plan) => plan.reasons);
  if (reasons.length > 0) return { ...same, outcome: 'stays', reasons: [...new Set(reasons)] };
  if (plans.every(({ patch }) => patch.length === 0)) return same;
  const apart = new Set(templates.flatMap(({ owner }) => setting.apart(owner) ?? []));
  if (apart.size > 0) return { ...same, outcome: 'stays', reasons: [...apart] };
  const edited = editAll(plans, text);
  if ('reason' in edited) return { ...same, outcome: 'stays', reasons: [edited.reason] };
  const checked = await check(edited.text, plans, setting.world);
  if (checked.reasons.length > 0) return { ...same, outcome: 'stays', reasons: checked.reasons };
  const notes = [...new Set([...plans.flatMap((plan) => plan.notes), ...checked.notes])];
  return { ...checked, text: edited.text, outcome: 'migrated', notes };
}

/** A plan with the place of its template in the document. */
type Placed = Plan & Pick<Template, 'path'>;

function editAll(plans: readonly Placed[], text: string): { readonly text: string } | { readonly reason: string } {
  let result = text;
  const style = styleOf(text);
  try {
    for (const { path, patch } of plans) result = edit(result, path, patch, style);
    return { text: result };
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    return { reason: `The text can not be changed in place: ${error.message}.` };
  }
}

type Checked = Pick<Migrated, 'reasons' | 'notes' | 'needs' | 'unknown'>;

/** Asks the webhook's own code about the migrated pods. A role that is missing is to be made, and is no reason. */
async function check(text: string, plans: readonly Plan[], world: World): Promise<Checked> {
  const roles = new Map([...world.roles].filter(([, { roleArn }]) => roleArn !== undefined));
  const { templates } = findIn(parseManifests('', text).manifests);
  const declaring = templates.filter((_, index) => plans[index]?.declares);
  const all: Checked[] = [];
  for (const template of declaring) all.push(toChecked(await examine(template, { ...world, roles, complete: false })));
  return {
    reasons: all.flatMap(({ reasons }) => reasons),
    notes: all.flatMap(({ notes }) => notes),
    needs: all.flatMap(({ needs }) => needs),
    unknown: all.flatMap(({ unknown }) => unknown),
  };
}

const NO_REGION = 'The region is not known, so that the policies of some roles are not here: say it by --region.';

function toChecked(examined: Examined): Checked {
  const nothing = { notes: [], needs: [], unknown: [] };
  if (!examined.ok) return { ...nothing, reasons: [`It would be no pod: ${examined.problem}.`] };
  const { refusals, injection, answer, pod, namespace, unknown } = examined;
  if (!injection) {
    const refused = refusals.map(({ code, message }) => `${message} [${code}]`);
    const left = answer.outcome === 'denied' ? unknown : [`The webhook leaves the pod as it is (${answer.reason}).`];
    return { ...nothing, reasons: refused.length > 0 ? refused : left };
  }
  const { config } = injection;
  const account = { namespace, name: pod.spec.serviceAccountName || 'default' };
  const hasRegion = config.region !== UNKNOWN_REGION;
  return {
    reasons: [],
    notes: (answer.review.response.warnings ?? []).map((warning) => `The webhook warns: ${warning}`),
    needs: hasRegion ? [{ account, config }] : [],
    unknown: hasRegion ? unknown : [...unknown, NO_REGION],
  };
}
