/** Tests `check --wait`, which checks again until nothing is wrong. */
import t from 'tap';
import { check } from '../support/check.ts';
import { NOW, startInstallation, unreachable } from '../support/installation.ts';

t.test('waits until nothing is wrong', async (t) => {
  let isUp = false;
  const server = await startInstallation(t, [], { refuse: () => (isUp ? undefined : unreachable('refused').refuse()) });
  const waits: string[] = [];
  const { code } = await check(server, ['--wait', '60'], NOW, () => {
    waits.push('');
    isUp = waits.length === 3;
  });
  t.equal(code, 0);
  t.equal(waits.length, 3);
});

t.test('waits no longer than the user says', async (t) => {
  const server = await startInstallation(t, [], unreachable('refused'));
  let waits = 0;
  const { code, out } = await check(server, ['--wait', '10'], NOW, () => {
    waits += 1;
  });
  t.equal(code, 1);
  t.equal(waits, 5);
  t.match(out, /PROBLEM +dry-run/);
});

t.test('a time to wait that is no number is wrong use', async (t) => {
  const { code, err } = await check(await startInstallation(t), ['--wait', '2m']);
  t.equal(code, 2);
  t.match(err, /--wait 2m is no number of seconds/);
});
