/** Lists the commands of the program, in the order of `--help`. */
import { check } from './check/help.ts';
import type { Command } from './command.ts';
import { exec } from './exec/help.ts';
import { explain } from './explain/help.ts';
import { get } from './get/help.ts';
import { iamPolicy } from './iam-policy/help.ts';
import { inject } from './inject/help.ts';
import { lint } from './lint/help.ts';
import { migrate } from './migrate/help.ts';
import { rbac } from './rbac/help.ts';

export const COMMANDS: readonly Command[] = [lint, inject, explain, check, iamPolicy, rbac, migrate, exec, get];
