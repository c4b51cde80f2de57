/** Runs `lint`: reads the files, checks one after the other, and writes what is wrong as soon as it is known. */
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import type { Format } from '../formats.ts';
import { findIn } from '../manifests/find.ts';
import { parseManifests } from '../manifests/parse.ts';
import { EXIT, type Run } from '../shell.ts';
import type { Finding } from './findings.ts';
import { lint, syntaxFinding } from './lint.ts';
import { line, summary } from './output.ts';

export type LintOptions = ReadOptions & { readonly output: Format<'lint'>; readonly strict?: boolean };

/** Exits with 1 if a pod would be refused or a declaration has no effect; with `strict` also for warnings. */
export const run: Run<LintOptions> = async (options, shell) => {
  const { output: format, strict } = options;
  const inputs = shell.inputs(options.file);
  const world = readWorld(inputs, options, shell);
  const findings: Finding[] = [];
  const unknown = new Set<string>();
  let templates = 0;
  for (const [index, input] of inputs.entries()) {
    shell.progress(`${index} of ${inputs.length} files checked`);
    const { manifests, problems } = parseManifests(input.name, input.read());
    const checked = await lint(findIn(manifests), world);
    const found = [...problems.map(syntaxFinding), ...checked.findings];
    for (const finding of found) shell.out(line(finding, format, shell.colors));
    findings.push(...found);
    for (const sentence of checked.unknown) unknown.add(sentence);
    templates += checked.templates;
  }
  shell.out(summary({ findings, unknown: [...unknown], templates }, format));
  const counted = strict ? findings : findings.filter(({ severity }) => severity === 'error');
  return counted.length > 0 ? EXIT.findings : EXIT.fine;
};
