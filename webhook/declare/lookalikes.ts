/** Finds annotations that nobody reads although they look like ours: those with a misspelt domain, and `inject` alone. */
import { isOurs, PREFIX } from './annotations.ts';
import { echo } from './echo.ts';
import { isNear } from './spelling.ts';

/** The part of our domain that tells it from others, without its hyphens. */
const NAME = 'awssecretsinjector';

/** A name with so many other characters still looks like ours: `secrets-injector`, `aws-secret-injector`. */
const MOST_DIFFERENCES = 3;

/** More warnings about the same mistake would not help. */
const MOST_WARNINGS = 5;

/** Returns a warning for each annotation whose domain looks like ours and is another, as its author believes that we read it. */
export function warnOfLookalikes(annotations: Readonly<Record<string, unknown>> | null | undefined): string[] {
  const found = Object.keys(annotations ?? {}).filter((key) => !isOurs(key) && looksLikeOurs(key));
  return found.slice(0, MOST_WARNINGS).map((key) => {
    const slash = key.indexOf('/');
    const fix = slash < 0 ? PREFIX : `${PREFIX}${key.slice(slash + 1)}`;
    return `the annotation ${echo(key)} has no effect; did you mean ${echo(fix)}?`;
  });
}

/** Returns the warning about a pod that says `inject: "true"` and has nothing that could be injected. */
export function warnOfNothing(inject: boolean | undefined): string[] {
  if (inject !== true) return [];
  return [`inject: "true" has no effect: the pod declares nothing and has no CSI volume; add ${PREFIX}files`];
}

/** Matches each key with a part of a domain that is long enough to look like ours. Most keys have none. */
const LONG_LABEL = new RegExp(`^[^/]*[^./]{${NAME.length - MOST_DIFFERENCES}}`);

function looksLikeOurs(key: string): boolean {
  if (!LONG_LABEL.test(key)) return false;
  const [domain = ''] = key.split('/', 1);
  return domain.split('.').some((label) => isNear(label, NAME, MOST_DIFFERENCES));
}
