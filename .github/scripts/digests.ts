/** The digests of the released images in the chart, which names its images by tag in the repository. */
import { parseDocument, Scalar } from 'yaml';

/** The digest of each image of the chart: `sha256:` and 64 hexadecimal digits. */
export type Digests = { readonly webhook: string; readonly injector: string };

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Returns the text of values.yaml with these digests, and throws where one is none or where the text has no place for it. */
export function pinValues(values: string, { webhook, injector }: Digests): string {
  // The last place first, as what is inserted moves what stands behind it.
  return insert(insert(values, ['injector', 'image', 'digest'], injector), ['image', 'digest'], webhook);
}

/** Returns the text of Chart.yaml in which the annotation for Artifact Hub names the images by these digests. */
export function pinAnnotation(chart: string, digests: Digests): string {
  return chart.replaceAll(
    /(- name: (webhook|injector)\n +image: [^\s:@]+):\S+/g,
    (_, image: string, name: keyof Digests) => `${image}@${digests[name]}`,
  );
}

function insert(text: string, path: readonly string[], digest: string): string {
  if (!DIGEST.test(digest)) throw new Error(`"${digest}" is no digest: it has to be sha256: and 64 hexadecimal digits`);
  const node = parseDocument(text).getIn(path, true);
  if (!(node instanceof Scalar && node.range)) throw new Error(`values.yaml has no ${path.join('.')}`);
  const [start, end] = node.range;
  return `${text.slice(0, start)}${digest}${text.slice(end)}`;
}
