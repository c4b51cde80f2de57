/** The tables of limits, from the numbers that the code uses. */
import { CONFIG_LIMIT } from '../../injector/contract/encode.ts';
import { SERVICES } from '../../injector/contract/services.ts';
import { TOTAL_LIMIT, VARIABLE_LIMIT } from '../../injector/environment/limits.ts';
import { FOUND_FILES } from '../../injector/render/merge.ts';
import { OBJECTS, PAGES } from '../../injector/services/pages.ts';
import { MOST } from '../../webhook/admission/bounds.ts';
import { MOST_LEXEMES } from '../../webhook/declare/budget.ts';
import { ANNOTATION_BYTES } from '../../webhook/declare/checks.ts';
import { MOST_ELEMENTS } from '../../webhook/declare/paths.ts';
import { MOST_CLASSES } from '../../webhook/declare/values.ts';
import { MOST_LEVELS, MOST_VALUES } from '../../webhook/server/json-limits.ts';
import { THREAD_MEMORY } from '../../webhook/server/large/reviews.ts';
import {
  ADMISSION_LIMITS as ADMISSION,
  HEALTH_LIMITS as HEALTH,
  WAITING_PER_REVIEW,
} from '../../webhook/server/overload.ts';
import { table } from './markdown.ts';

const THREAD_MIB = THREAD_MEMORY.maxOldGenerationSizeMb + THREAD_MEMORY.maxYoungGenerationSizeMb;

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
      [
        'pieces of YAML (names, texts, marks)',
        number(MOST_LEXEMES),
        'About 2,800 files or 900 objects have so many. Reading one takes 2 to 5 µs.',
      ],
      ['declaration, as the init container reads it', bytes(CONFIG_LIMIT), 'Linux takes 128 KiB for one variable.'],
      ['folders of one path, with its file', number(MOST_ELEMENTS), 'They are made on every start.'],
      ['classes named by annotation', number(MOST_CLASSES), 'Each may be asked of the API server.'],
      ...Object.entries(WHY).map(([what, why]) => [what, number(MOST[what as keyof typeof MOST]), why]),
    ]),
    'limits of values': limits([
      ...Object.values(SERVICES).map(({ title, valueBytes }) => [
        `a value of ${title}`,
        bytes(valueBytes),
        'The service holds no larger one.',
      ]),
      ['one variable', bytes(VARIABLE_LIMIT + 1), 'Linux starts no process with a larger one.'],
      [
        'all variables of a container',
        bytes(TOTAL_LIMIT),
        "Linux takes a quarter of the stack's limit, for arguments too.",
      ],
      ...Object.values(SERVICES).map(({ plural, searchBytes }) => [
        `${plural} that a search finds`,
        bytes(searchBytes),
        'They are in memory until they are written.',
      ]),
      ['objects that a search finds', number(OBJECTS), 'Each becomes a file or a variable.'],
      ['files of one search', number(FOUND_FILES), 'With `jmesPath` or `expand`, an object becomes several.'],
      ['pages of a list', number(PAGES), 'A list that does not end comes from a wrong endpoint.'],
    ]),
    'limits of the webhook': limits([
      ['one review', bytes(ADMISSION.body), 'The API server takes objects of at most 3 MiB, and JSON may double it.'],
      [
        'levels and values of its JSON',
        `${number(MOST_LEVELS)} and ${number(MOST_VALUES)}`,
        'No pod that fits into etcd has more, and JSON.parse would take seconds.',
      ],
      [
        'larger reviews, together',
        `${bytes(ADMISSION.large)}, and ${ADMISSION.largeReviews} at once`,
        `As objects they take several times as much memory. They are read in a thread of their own, with at most ${THREAD_MIB} MiB of heap. Smaller ones have up to ${bytes(ADMISSION.small)}, and go first.`,
      ],
      [
        'reviews at a time',
        `\`webhook.maxConcurrentReviews\`, and ${bytes(ADMISSION.smallAtOnce)} of small ones`,
        'They fit into the memory limit of 512 MiB.',
      ],
      [
        'reviews that wait',
        `${WAITING_PER_REVIEW} for each one that may run, for ${seconds(ADMISSION.waitMs)}`,
        'The API server waits 10 seconds in all.',
      ],
      [
        'bodies that are being read',
        `${bytes(ADMISSION.smallBodies)} of small ones, ${bytes(ADMISSION.largeBodies)} of larger ones, ${seconds(ADMISSION.requestMs)} each`,
        'The client that the webhook waits for longest is refused.',
      ],
      [
        'answers that are not read yet',
        `${bytes(ADMISSION.answers)}, ${seconds(ADMISSION.answerMs)} each`,
        'The client that the webhook waits for longest is closed.',
      ],
      [
        'connections that the webhook waits for',
        `${number(ADMISSION.connections)}, of one address ${number(ADMISSION.connectionsPerAddress)}`,
        'They send no request, or read no answer. An API server has at most 200 changing requests in flight by default.',
      ],
      ['connections of the health port', number(HEALTH.connections), 'The kubelet and Prometheus use it.'],
    ]),
  };
}

function limits(rows: readonly (readonly string[])[]): string {
  return table(['of', 'limit', 'why'], rows);
}

function bytes(count: number): string {
  return count % 2 ** 20 === 0 ? `${count / 2 ** 20} MiB` : `${count / 2 ** 10} KiB`;
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} seconds`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}
