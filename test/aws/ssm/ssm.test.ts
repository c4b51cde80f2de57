import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  type ParameterStringFilter,
  paginateGetParametersByPath,
} from '@aws-sdk/client-ssm';
import t from 'tap';
import { KEY, startWithUser } from '../clients.ts';

t.test('reads parameters with version and label; Name is plain and Selector holds what was asked', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setParameter({ name: '/a/b', value: 'one', labels: ['prod'] });
  const { arn, version } = aws.setParameter({ name: '/a/b', value: 'two' });
  t.same([arn, version], ['arn:aws:ssm:eu-west-1:123456789012:parameter/a/b', 2]);
  const Names = ['/a/b', '/a/b:1', '/a/b:prod', `${arn}:2`];
  const { Parameters = [] } = await clients.ssm.send(new GetParametersCommand({ Names }));
  const seen = Parameters.map(({ Name, Value, Version, Selector }) => ({ Name, Value, Version, Selector }));
  t.same(
    new Set(seen.map((each) => JSON.stringify(each))),
    new Set(
      [
        { Name: '/a/b', Value: 'two', Version: 2 },
        { Name: '/a/b', Value: 'one', Version: 1, Selector: ':1' },
        { Name: '/a/b', Value: 'one', Version: 1, Selector: ':prod' },
        { Name: '/a/b', Value: 'two', Version: 2, Selector: ':2' },
      ].map((each) => JSON.stringify(each)),
    ),
  );
});

t.test('lists what it does not find as invalid, as it was asked', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setParameter({ name: 'plain', value: 'x' });
  const Names = ['/gone', 'plain', 'plain:9', '/plain'];
  const answer = await clients.ssm.send(new GetParametersCommand({ Names }));
  t.match(answer.Parameters, [{ Name: 'plain', ARN: 'arn:aws:ssm:eu-west-1:123456789012:parameter/plain' }]);
  t.same(answer.InvalidParameters, ['/gone', 'plain:9', '/plain']);
});

t.test('refuses more than ten names, repeated names and names that are none', async (t) => {
  const { clients } = await startWithUser(t);
  const get = (Names: string[]) => clients.ssm.send(new GetParametersCommand({ Names }));
  for (const names of [Array.from({ length: 11 }, (_, index) => `p${index}`), ['/a', '/a'], ['/a b'], []]) {
    await t.rejects(get(names), { name: 'ValidationException' }, names.join());
  }
  await t.resolves(get(['/a', '/a:1', '/a:x']));
});

t.test('one name that is not allowed refuses the whole call', async (t) => {
  const { aws, clients } = await startWithUser(t, {
    policy: [{ actions: ['ssm:GetParameters'], resources: ['arn:aws:ssm:*:*:parameter/mine/*'] }],
  });
  aws.setParameter({ name: '/mine/a', value: 'x' });
  await t.resolves(clients.ssm.send(new GetParametersCommand({ Names: ['/mine/a', '/mine/gone'] })));
  await t.rejects(clients.ssm.send(new GetParametersCommand({ Names: ['/mine/a', '/other'] })), {
    name: 'AccessDeniedException',
    message:
      'User: arn:aws:iam::123456789012:user/tester is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/other because no identity-based policy allows the ssm:GetParameters action',
  });
  await t.rejects(clients.ssm.send(new GetParameterCommand({ Name: '/mine/a' })), { name: 'AccessDeniedException' });
});

t.test('decrypts a SecureString only when asked, and only with the permission for its key', async (t) => {
  const { aws, clients } = await startWithUser(t, { policy: [{ actions: ['ssm:*'], resources: ['*'] }] });
  aws.setParameter({ name: '/own', value: 'clear', type: 'SecureString' });
  aws.setParameter({ name: '/keyed', value: 'clear', type: 'SecureString', kmsKeyArn: KEY });
  const get = async (Name: string, WithDecryption: boolean) =>
    (await clients.ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter?.Value;
  t.equal(await get('/own', true), 'clear');
  t.not(await get('/own', false), 'clear');
  await t.resolves(get('/keyed', false));
  await t.rejects(get('/keyed', true), {
    name: 'AccessDeniedException',
    message: /kms:Decrypt on resource: arn:aws:kms:.* \(Service: AWSKMS;/,
  });
});

t.test('names what a single GetParameter lacks', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setParameter({ name: '/a', value: 'x' });
  const get = (Name: string) => clients.ssm.send(new GetParameterCommand({ Name }));
  await t.rejects(get('/gone'), { name: 'ParameterNotFound' });
  await t.rejects(get('/a:7'), { name: 'ParameterVersionNotFound' });
});

t.test('lists what is below a path, its own level or all, and the latest version only', async (t) => {
  const { aws, clients } = await startWithUser(t);
  for (const name of ['/p/a', '/p/b', '/p/b', '/p/c/d', '/pq/e']) aws.setParameter({ name, value: name });
  const names = async (input: object) =>
    (await clients.ssm.send(new GetParametersByPathCommand({ Path: '/p', ...input }))).Parameters?.map(
      ({ Name, Version }) => `${Name}:${Version}`,
    );
  t.same(await names({}), ['/p/a:1', '/p/b:2']);
  t.same(await names({ Path: '/p/' }), ['/p/a:1', '/p/b:2']);
  t.same(await names({ Recursive: true }), ['/p/a:1', '/p/b:2', '/p/c/d:1']);
  t.same(await names({ Path: '/none' }), []);
});

t.test('walks a path in pages of at most ten, one of them empty', async (t) => {
  const { aws, clients } = await startWithUser(t);
  for (let index = 0; index < 12; index += 1) aws.setParameter({ name: `/p/${index}`, value: 'x' });
  const sizes: (number | undefined)[] = [];
  for await (const page of paginateGetParametersByPath({ client: clients.ssm }, { Path: '/p' })) {
    sizes.push(page.Parameters?.length);
  }
  t.same(sizes, [10, 0, 2]);
  const get = (input: object) => clients.ssm.send(new GetParametersByPathCommand({ Path: '/p', ...input }));
  await t.rejects(get({ MaxResults: 11 }), { name: 'ValidationException' });
  await t.rejects(get({ NextToken: 'x' }), { name: 'InvalidNextToken' });
});

t.test('describes parameters by tags and path, without their values', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setParameter({ name: '/p/a', value: 'secret', tags: { team: 'shop' } });
  aws.setParameter({ name: '/p/c/d', value: 'x', tags: { team: 'shop', stage: 'prod' } });
  aws.setParameter({ name: 'plain', value: 'x', tags: { team: 'stock' } });
  const describe = async (...ParameterFilters: ParameterStringFilter[]) =>
    (await clients.ssm.send(new DescribeParametersCommand({ ParameterFilters }))).Parameters;
  const names = async (...filters: ParameterStringFilter[]) => (await describe(...filters))?.map(({ Name }) => Name);
  const team = { Key: 'tag:team', Option: 'Equals', Values: ['shop'] };
  t.same(await names(team), ['/p/a', '/p/c/d']);
  t.same(await names({ Key: 'tag:team', Values: ['shop', 'stock'] }), ['/p/a', '/p/c/d', 'plain']);
  t.same(await names(team, { Key: 'tag:stage' }), ['/p/c/d']);
  t.same(await names({ Key: 'Path', Values: ['/p'] }), ['/p/a']);
  t.same(await names({ Key: 'Path', Option: 'Recursive', Values: ['/p'] }), ['/p/a', '/p/c/d']);
  t.notMatch(JSON.stringify(await describe(team)), 'secret');
  const refused: [ParameterStringFilter[], string][] = [
    [[team, team], 'InvalidFilterKey'],
    [[{ Key: 'Size', Values: ['1'] }], 'ValidationException'],
    [[{ ...team, Option: 'BeginsWith' }], 'InvalidFilterOption'],
    [[{ Key: 'Path', Option: 'Equals', Values: ['/p'] }], 'InvalidFilterOption'],
    [[{ Key: 'Path', Values: ['p'] }], 'InvalidFilterValue'],
    [[{ ...team, Values: [''] }], 'ValidationException'],
  ];
  for (const [filters, name] of refused) await t.rejects(describe(...filters), { name }, JSON.stringify(filters));
});

t.test('asks permission for a path on the path itself, and decrypts as everywhere', async (t) => {
  const { aws, clients } = await startWithUser(t, {
    policy: [
      { actions: ['ssm:GetParametersByPath'], resources: ['*:parameter/p/*'] },
      { effect: 'Deny', actions: ['ssm:*'], resources: ['*:parameter/p/secret'] },
    ],
  });
  aws.setParameter({ name: '/p/secret', value: 'clear', type: 'SecureString' });
  const get = (Path: string, WithDecryption = true) =>
    clients.ssm.send(new GetParametersByPathCommand({ Path, WithDecryption }));
  t.match((await get('/p/')).Parameters, [{ Name: '/p/secret', Value: 'clear' }]);
  t.not((await get('/p/', false)).Parameters?.[0]?.Value, 'clear');
  await t.rejects(get('/p'), {
    name: 'AccessDeniedException',
    message: /GetParametersByPath on resource: \S+:parameter\/p /,
  });
});

t.test("shares a parameter with another account by its ARN, and keeps the others' private", async (t) => {
  const { aws, clients } = await startWithUser(t);
  const account = '210987654321';
  const shared = aws.setParameter({ name: '/shared', value: 'x', account, sharedWith: ['123456789012'] });
  const kept = aws.setParameter({ name: '/kept', value: 'x', account });
  const answer = await clients.ssm.send(new GetParametersCommand({ Names: [shared.arn, kept.arn] }));
  t.match(answer.Parameters, [{ ARN: shared.arn }]);
  t.same(answer.InvalidParameters, [kept.arn]);
});

t.test('lets GetParameter and GetParameters share one rate per account and region', async (t) => {
  let time = new Date();
  const { aws, clients } = await startWithUser(t, { ssmCallsPerSecond: 2, now: () => time });
  aws.setParameter({ name: '/a', value: 'x' });
  const one = () => clients.ssm.send(new GetParameterCommand({ Name: '/a' }));
  await one();
  await clients.ssm.send(new GetParametersCommand({ Names: ['/a'] }));
  await t.rejects(one(), { name: 'ThrottlingException', message: 'Rate exceeded' });
  time = new Date(time.getTime() + 500);
  await t.resolves(one());
});
