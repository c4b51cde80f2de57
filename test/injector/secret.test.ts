/** Tests that a value is seen only where its bytes are asked for. */
import { format, inspect } from 'node:util';
import t from 'tap';
import { isTooLarge, Secret } from '../../injector/secret.ts';

const origin = { region: 'eu-west-1', version: 'v1' };

t.test('however a value is printed, it is not seen', async (t) => {
  const secret = new Secret('hunter2', origin);
  const printed = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ secret }),
    format('%s %o', secret, secret),
  ];
  t.strictSame(printed, [
    '[redacted]',
    '{"secret":"[redacted]"}',
    '[redacted]',
    '{ secret: [redacted] }',
    '[redacted] [redacted]',
  ]);
});

t.test('the bytes are those that AWS gave, with their origin', async (t) => {
  t.equal(Buffer.from(new Secret('pässword').reveal()).toString(), 'pässword');
  t.equal(new Secret('pässword').length, 9);
  t.equal(new Secret('x', origin).origin, origin);
  t.strictSame([...new Secret(Uint8Array.of(0, 255)).reveal()], [0, 255]);
});

t.test('a value of 65,536 bytes is the largest', async (t) => {
  t.notOk(isTooLarge(new Secret('x'.repeat(65_536))));
  t.ok(isTooLarge(new Secret('x'.repeat(65_537))));
});
