/** Lists what pods with annotations of the Vault Agent injector would need. */
import { annotationsOf } from '../admission/world.ts';
import type { Template } from '../manifests/find.ts';

const PREFIX = 'vault.hashicorp.com/';
const SECRET = `${PREFIX}agent-inject-secret-`;

/** Returns a sentence for each file that the agent writes. https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations */
export function vaultFiles({ metadata }: Template): string[] {
  const annotations = annotationsOf({ value: { metadata } });
  const folder = annotations[`${PREFIX}secret-volume-path`] ?? '/vault/secrets';
  const files = Object.entries(annotations).filter(([key]) => key.startsWith(SECRET));
  if (files.length === 0 && annotations[`${PREFIX}agent-inject`] === 'true') {
    return ['The Vault agent is injected without a secret: what it is for has to be looked up.'];
  }
  return files.map(([key, path]) => {
    const id = key.slice(SECRET.length);
    const name = annotations[`${PREFIX}agent-inject-file-${id}`] ?? id;
    const template = annotations[`${PREFIX}agent-inject-template-${id}`] !== undefined;
    const way = template
      ? `write its template anew in the annotation templates, as "${name}"`
      : `write the annotation files with "${name}" and its name in AWS`;
    return `The Vault agent writes ${folder}/${name} from ${path}: put that secret into AWS, and ${way}.`;
  });
}
