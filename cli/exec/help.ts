/** The help of `exec`. */
import type { Command } from '../command.ts';
import { CLUSTER, FILE, WRONG_USE } from '../options.ts';
import { FOLDER_VARIABLE } from './folder.ts';

export const exec: Command = {
  name: 'exec',
  summary: 'run a command with the files and variables that a pod would get',
  description: `Fetches what a pod declares with your own AWS credentials, found as the AWS CLI finds them, and runs the command with it. What the injector delivers as variables, the command gets as variables. A file of the pod is at the same path below the folder that the variable ${FOLDER_VARIABLE} names. Only you can read that folder. It is in memory where the system has a tmpfs, and it is removed when the command ends. Signals are passed on to the command.`,
  arguments: [{ syntax: '<command...>', meaning: 'the command and its arguments, after --' }],
  options: [
    FILE,
    { flags: '-c, --container <name>', meaning: 'the container to stand in for, if several get secrets' },
    { flags: '--object <kind/name>', meaning: 'the object whose pod is meant, if several declare secrets' },
    ...CLUSTER.filter(({ flags }) => !/^--(kubernetes|complete|region)/.test(flags)),
    {
      flags: '--region <name>',
      meaning: 'the AWS region of the cluster; else the one of the environment or the profile',
    },
  ],
  exitCodes: [
    { code: 1, meaning: 'the pod would be refused, or AWS does not give what it declares; the command has not run' },
    WRONG_USE,
    { code: 127, meaning: 'there is no such command; 126 if it can not be started' },
    { code: 128, meaning: 'and the number of the signal, if a signal ended the command; else its own exit code' },
  ],
  examples: [
    { what: 'Start an app', command: 'aws-secrets-injector exec -f deployment.yaml -- npm start' },
    {
      what: 'See the files of one container',
      command: `aws-secrets-injector exec -f deployment.yaml -c web -- sh -c 'find "$${FOLDER_VARIABLE}" -type f'`,
    },
  ],
  load: () => import('./command.ts'),
};
