/** The help of `get`. */
import type { Command } from '../command.ts';
import { FORMATS } from '../formats.ts';
import { output } from '../options.ts';

export const get: Command = {
  name: 'get',
  summary: 'print the version of a secret, or its value with --reveal',
  description:
    'Asks AWS for what a reference names, with your own AWS credentials, found as the AWS CLI finds them. Prints names, versions, sizes and the keys of JSON. The value is printed with --reveal only, byte for byte.',
  arguments: [
    { syntax: '<reference>', meaning: 'a reference as annotations have it, or all parameters below ssm:/PATH/' },
  ],
  options: [
    output('how it is written', FORMATS.get),
    {
      flags: '--region <name>',
      meaning: 'the AWS region; else the one of an ARN, of the environment or the profile',
    },
    { flags: '--reveal', meaning: 'print the value, and nothing else' },
  ],
  exitCodes: [
    { code: 0, meaning: 'it is printed' },
    { code: 1, meaning: 'AWS does not give what the reference names' },
    { code: 2, meaning: 'the command line is wrong, or there are no credentials' },
  ],
  examples: [
    { what: 'See which version is there', command: 'aws-secrets-injector get shop/db' },
    { what: 'Print one part', command: "aws-secrets-injector get 'shop/db#password' --reveal" },
    { what: 'List what is below a path', command: 'aws-secrets-injector get ssm:/shop/ -o json' },
  ],
  load: () => import('./command.ts'),
};
