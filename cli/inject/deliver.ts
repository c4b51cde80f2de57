/** Prints or writes files that were changed. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { type Shell, UsageError } from '../shell.ts';

export type Changed = { readonly name: string; readonly before: string; readonly after: string };

export type Delivery = { readonly write?: boolean; readonly diff?: boolean };

/** Throws a `UsageError` if standard input is to be written. */
export function checkDelivery({ write, file }: Delivery & { readonly file: readonly string[] }): void {
  if (write && file.includes('-')) throw new UsageError('--write can not change standard input: leave it out.');
}

/** Writes the files that changed, or prints their differences, as the options say; without any, it prints all files. */
export function deliver(results: readonly Changed[], { write, diff }: Delivery, shell: Shell): void {
  const changed = results.filter(({ before, after }) => after !== before);
  if (diff) for (const result of changed) shell.out(difference(result));
  if (write) for (const { name, after } of changed) shell.write(name, after);
  if (!diff && !write) shell.out(joined(results));
}

function difference({ name, before, after }: Changed): string {
  return createTwoFilesPatch(name, name, before, after, '', '', { context: 3, headerOptions: FILE_HEADERS_ONLY });
}

/** Returns all files as one stream of documents. */
function joined(results: readonly Changed[]): string {
  return results
    .map(({ after }, index) => {
      const text = after === '' || after.endsWith('\n') ? after : `${after}\n`;
      return index === 0 || text.startsWith('---') ? text : `---\n${text}`;
    })
    .join('');
}
