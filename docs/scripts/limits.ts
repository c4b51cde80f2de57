/** The tables of limits, from the numbers that the code uses. */
import { CONFIG_LIMIT } from '../../injector/contract/encode.ts';
import { SERVICES } from '../../injector/contract/services.ts';
import { TOTAL_LIMIT, VARIABLE_LIMIT } from '../../injector/environment/limits.ts';
import { OBJECTS, PAGES } from '../../injector/services/pages.ts';
import { MOST } from '../../webhook/admission/bounds.ts';
import { MOST_LEXEMES } from '../../webhook/declare/budget.ts';
import { ANNOTATION_BYTES } from '../../webhook/declare/checks.ts';
import { MOST_ELEMENTS } from '../../webhook/declare/paths.ts';
import { MOST_CLASSES } from '../../webhook/declare/values.ts';
import { table } from './markdown.ts';

/** webhook/admission/bounds.ts has the arithmetic. */
const WHY: Record<keyof typeof MOST, string> = {
  containers: 'About 3,000 would not fit into etcd.',
  volumes: 'About 20,000 would not fit into etcd; the kubelet mounts each before the first container starts.',
  'volumes of the Secrets Store CSI driver': 'Each is read with its class.',
  'volume mounts': 'About 20,000 would not fit into etcd.',
  variables: 'About 20,000 would not fit into etcd.',
  'owner references': 'A controller writes one.',
};

/** Returns the Markdown of each table by its name. */
export function renderLimits(): Record<string, string> {
  return {
    'limits of a pod': limits([
      ['annotations, all together', bytes(ANNOTATION_BYTES), 'Kubernetes takes no more.'],
      [
        'annotations and classes, with YAML aliases written out',
        bytes(ANNOTATION_BYTES),
        'An alias may stand for a long text.',
      ],
      ['pieces of YAML (names, texts, marks)', number(MOST_LEXEMES), 'Reading one takes about 2 µs.'],
      ['declaration, as the init container reads it', bytes(CONFIG_LIMIT), 'Linux takes 128 KiB for one variable.'],
      ['folders of one path, with its file', number(MOST_ELEMENTS), 'They are made on every start.'],
      ['classes named by annotation', number(MOST_CLASSES), 'Each may be asked of the API server.'],
      ...Object.entries(WHY).map(([what, why]) => [what, number(MOST[what as keyof typeof MOST]), why]),
    ]),
    'limits of values': limits([
      ['a secret', bytes(SERVICES.secretsmanager.valueBytes), 'Secrets Manager holds no larger one.'],
      ['a parameter', bytes(SERVICES.ssm.valueBytes), 'Parameter Store holds no larger one.'],
      ['one variable', bytes(VARIABLE_LIMIT + 1), 'Linux starts no process with a larger one.'],
      [
        'all variables of a container',
        bytes(TOTAL_LIMIT),
        "Linux takes a quarter of the stack's limit, for arguments too.",
      ],
      ['secrets that a search finds', bytes(SERVICES.secretsmanager.searchBytes), 'They are held in memory.'],
      ['parameters that a search finds', bytes(SERVICES.ssm.searchBytes), 'They are held in memory.'],
      ['objects that a search finds', number(OBJECTS), 'Each becomes a file or a variable.'],
      ['pages of a list', number(PAGES), 'A list that does not end comes from a wrong endpoint.'],
    ]),
  };
}

function limits(rows: readonly (readonly string[])[]): string {
  return table(['of', 'limit', 'why'], rows);
}

function bytes(count: number): string {
  return count % 2 ** 20 === 0 ? `${count / 2 ** 20} MiB` : `${count / 2 ** 10} KiB`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}
