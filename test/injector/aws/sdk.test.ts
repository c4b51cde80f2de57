/** Tests what the SDK reads in answers that it is given. */
import t from 'tap';
import { type Operations, TARGETS } from '../../../injector/aws/operations.ts';
import { readAnswer } from '../../../injector/aws/sdk.ts';

const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'id-1' };

/** Has an input with what AWS requires of each operation. */
const INPUTS: { readonly [Name in keyof Operations]: Operations[Name][0] } = {
  BatchGetSecretValue: { SecretIdList: ['db'] },
  DescribeParameters: {},
  GetParameters: { Names: ['/port'] },
  GetParametersByPath: { Path: '/' },
  GetSecretValue: { SecretId: 'db' },
  ListSecrets: {},
};

for (const operation of Object.keys(TARGETS) as (keyof Operations)[]) {
  t.test(`${operation}: a refusal is the error of the SDK`, async (t) => {
    const body = Buffer.from('{"__type":"AccessDeniedException","message":"no"}');
    await t.rejects(readAnswer(operation, INPUTS[operation], { statusCode: 400, headers, body }), {
      name: 'AccessDeniedException',
      message: 'no',
      $metadata: { httpStatusCode: 400, requestId: 'id-1' },
    });
  });

  t.test(`${operation}: an answer without members is read`, async (t) => {
    const answer = { statusCode: 200, headers, body: Buffer.from('{}') };
    t.match(await readAnswer(operation, INPUTS[operation], answer), { $metadata: { httpStatusCode: 200 } });
  });
}
