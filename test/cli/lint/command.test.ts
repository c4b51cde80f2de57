import t from 'tap';
import { runIn } from '../support/run.ts';

const lint = (...args: string[]) => runIn('lint', ['lint', ...args]);

t.test('JSON on standard output is only JSON, with the place of each finding', async (t) => {
  const { code, out, err } = await lint('-f', 'block-scalar.yaml', '-o', 'json');
  t.equal(code, 1);
  t.equal(err, '');
  t.match(JSON.parse(out), {
    templates: 1,
    findings: [
      { file: 'block-scalar.yaml', document: 2, line: 21 },
      { line: 20, column: 12, code: 'ASI_ADMIT_INVALID_FILE_NAME' },
    ],
  });
});

t.test('JSON is JSON, too, where nothing is wrong', async (t) => {
  const { code, out } = await lint('-f', 'fine.yaml', '-o', 'json');
  t.equal(code, 0);
  t.same(JSON.parse(out).findings, []);
});

t.test('SARIF has a rule with its fix for each code, and the place of each finding', async (t) => {
  const { code, out } = await lint('-f', 'block-scalar.yaml', '-o', 'sarif');
  t.equal(code, 1);
  const [run] = JSON.parse(out).runs;
  t.match(
    run.tool.driver.rules.find(({ id }: { id: string }) => id === 'ASI_ADMIT_INVALID_FILE_NAME'),
    { shortDescription: { text: /\w/ }, help: { text: /\w/ } },
  );
  t.match(run.results[1], {
    ruleId: 'ASI_ADMIT_INVALID_FILE_NAME',
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'block-scalar.yaml' },
          region: { startLine: 20, startColumn: 12 },
        },
      },
    ],
  });
});

t.test('SARIF says what could not be checked, and has no result where nothing is wrong', async (t) => {
  const { out } = await lint('-f', 'fine.yaml', '-o', 'sarif');
  const [run] = JSON.parse(out).runs;
  t.same(run.results, []);
  t.match(run.invocations[0].toolExecutionNotifications[0], { level: 'note', message: { text: /not in the files/ } });
});

t.test('GitHub gets a command for each finding, on one line', async (t) => {
  const { code, out } = await lint('-f', 'block-scalar.yaml', '-o', 'github');
  t.equal(code, 1);
  t.match(out, /^::error file=block-scalar\.yaml,line=20,col=12,title=ASI_ADMIT_INVALID_FILE_NAME::files: "[^\n]+\n/m);
});

t.test('a warning is no mistake, unless that is asked for', async (t) => {
  t.equal((await lint('-f', 'warning.yaml')).code, 0);
  t.equal((await lint('-f', 'warning.yaml', '--strict')).code, 1);
});

t.test('reads standard input', async (t) => {
  const { code, out } = await runIn('lint', ['lint', '-f', '-'], 'kind: [');
  t.equal(code, 1);
  t.match(out, /^-:1:8: error: This is not YAML/);
});

t.test('reads every manifest below a folder, and knows ServiceAccounts of other files', async (t) => {
  const { code, out } = await lint('-f', 'folder');
  t.equal(code, 1);
  t.match(out, /^folder\/apps\/web\.json:1:\d+: error: Deployment default\/web: .* no annotation eks/);
  t.match(out, /2 pod templates checked: 1 error, 0 warnings\.\n$/);
});

t.test('says that there was nothing to check', async (t) => {
  const { code, out } = await runIn(
    'lint',
    ['lint', '-f', '-'],
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
  );
  t.equal(code, 0);
  t.equal(out, 'No pod and no pod template is there to check.\n');
});

t.test('takes a missing ServiceAccount for a mistake where the files are complete', async (t) => {
  t.equal((await lint('-f', 'fine.yaml')).code, 0);
  const { code, out } = await lint('-f', 'fine.yaml', '--complete');
  t.equal(code, 1);
  t.match(out, /there is no such ServiceAccount/);
});

t.test('compares ARNs with the region that is given', async (t) => {
  t.equal((await lint('-f', 'arn.yaml')).code, 0);
  const { code, out } = await lint('-f', 'arn.yaml', '--region', 'us-east-1');
  t.equal(code, 1);
  t.match(out, /us-east-1/);
});

t.test('knows what an older cluster can not do', async (t) => {
  const { code, out } = await lint('-f', 'env.yaml', '--kubernetes', '1.33');
  t.equal(code, 1);
  t.match(out, /ASI_ADMIT_ENV_DELIVERY/);
});

t.test('goes by the values of the chart', async (t) => {
  t.equal((await lint('-f', 'csi.yaml')).code, 0);
  const { code, out } = await lint('-f', 'csi.yaml', '--values', 'values/take-over.yml');
  t.equal(code, 1);
  t.match(out, /ASI_ADMIT_INVALID_VOLUME/);
});

t.test('serves pods from ExternalSecrets that they do not name, if the values say so', async (t) => {
  const { code: byDefault } = await lint('-f', 'external-secret.yaml', '--complete');
  t.equal(byDefault, 0);
  const { code, out } = await lint('-f', 'external-secret.yaml', '--complete', '--values', 'values/all-external.yml');
  t.equal(code, 1);
  t.match(out, /the role has to read shop\/db.*ASI_ADMIT_NO_ROLE/);
});
