import t from 'tap';
import { sourceKey } from '../../../injector/contract/source.ts';
import { versionsOf } from '../../../injector/fetch/versions.ts';
import { Secret } from '../../../injector/secret.ts';
import { CONFIG } from '../support/config.ts';
import { parameter, secret } from '../support/world.ts';

function versions(objects: readonly ReturnType<typeof secret>[], version: string | undefined): string {
  const value = new Secret('x', { region: 'eu-west-1', version });
  const values = new Map(objects.map((object) => [sourceKey(object), value]));
  return versionsOf({ ...CONFIG, objects: [...objects] }, { values, found: new Map() });
}

t.test('each object has its version, or a question mark', async (t) => {
  t.equal(versions([secret('db'), parameter('/port', 'port')], '3'), 'db 3, /port 3');
  t.equal(versions([secret('db')], undefined), 'db ?');
});

t.test('a list that is too long for a line ends with the number of the others', async (t) => {
  const objects = Array.from({ length: 300 }, (_, index) => secret(`app/${String(index).padStart(20, '0')}`));
  const text = versions(objects, '1');
  const shown = text.split(', ').length - 1;
  t.ok(text.length <= 4096 + ', … 300 more'.length);
  t.match(text, `, … ${300 - shown} more`);
  t.ok(shown > 100);
});
