/** Tests the ARNs that ECS takes for a part of a secret, and what they are here. */
import t from 'tap';
import { ecsReference, keysOf, splitEcsArn } from '../../../../webhook/declare/references/ecs.ts';

const ARN = 'arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:app/db-AbCdEf';

const ARNS: Readonly<Record<string, readonly [reference: string, keys: string]>> = {
  ':': ['', ''],
  ':password': ['#password', ' and jmesPath: [{path: password, objectAlias: password}]'],
  ':pass-word::': ['#"pass-word"', ` and jmesPath: [{path: '"pass-word"', objectAlias: pass-word}]`],
  '::AWSPREVIOUS': ['?stage=AWSPREVIOUS', ' and objectVersionLabel: "AWSPREVIOUS"'],
  '::AWSPREVIOUS:': ['?stage=AWSPREVIOUS', ' and objectVersionLabel: "AWSPREVIOUS"'],
  ':::0f1e': ['?version=0f1e', ' and objectVersion: "0f1e"'],
  ':user::0f1e': ['?version=0f1e#user', ' and objectVersion: "0f1e" and jmesPath: [{path: user, objectAlias: user}]'],
};

for (const [end, [reference, keys]] of Object.entries(ARNS)) {
  t.test(`an ARN of ECS is read: SECRET${end}`, async (t) => {
    t.equal(ecsReference(ARN + end), ARN + reference);
    const split = splitEcsArn(ARN + end);
    t.equal(split && keysOf(split), `objectName: ${ARN}${keys}`);
  });
}

const OTHERS: Readonly<Record<string, string>> = {
  'an ARN of a secret alone': ARN,
  'an ARN with one part more': `${ARN}:a:b:c:d`,
  'an ARN of a parameter': 'arn:aws:ssm:eu-west-1:111122223333:parameter/a:b',
  'an ARN without an account': 'arn:aws:secretsmanager:eu-west-1::secret:a:b',
  'an ARN with a JMESPath': `${ARN}:a#b`,
  'an ARN with a selector': `${ARN}:a?stage=b`,
};

for (const [what, text] of Object.entries(OTHERS)) {
  t.test(`${what} is none of ECS`, async (t) => t.equal(ecsReference(text), undefined));
}

t.test('an ARN of ECS has at most 2048 characters', async (t) => {
  const long = `${ARN}:`.padEnd(2048, 'k');
  t.equal(splitEcsArn(long)?.arn, ARN);
  t.equal(splitEcsArn(`${long}k`), undefined);
});
