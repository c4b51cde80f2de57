/** Tests which parts of a SecretProviderClass are read. */
import t from 'tap';
import { classLengths, readSpec } from '../../../webhook/declare/provider-class.ts';

t.test('all texts of a class are read, and other values count as empty texts', async (t) => {
  const secretObjects = [
    {
      secretName: 'db',
      type: 'Opaque',
      labels: { tier: 'db', odd: 1 },
      annotations: { note: 'own', odd: null },
      data: [{ objectName: 'db', key: 'password' }, { objectName: 7 }],
    },
    { secretName: ['db'] },
  ];
  t.same(readSpec({ provider: 'aws', parameters: { objects: '[]', region: 7 }, secretObjects } as never), {
    provider: 'aws',
    parameters: { objects: '[]', region: '' },
    secretObjects: [
      {
        secretName: 'db',
        type: 'Opaque',
        labels: { tier: 'db', odd: '' },
        annotations: { note: 'own', odd: '' },
        data: [
          { objectName: 'db', key: 'password' },
          { objectName: '', key: '' },
        ],
      },
      { secretName: '', type: '', data: [] },
    ],
  });
});

t.test('a class without a spec has nothing', async (t) => {
  t.same(readSpec(undefined), { parameters: {}, secretObjects: [] });
});

t.test(
  'a class has the length of all of its texts, and 32 characters more for each Secret and each of its keys',
  async (t) => {
    const secretObjects = [
      {
        secretName: 'ab',
        type: 'c',
        labels: { de: 'fgh' },
        annotations: { i: 'j' },
        data: [{ objectName: 'kl', key: 'm' }],
      },
    ];
    const classes = new Map([
      ['shop', { parameters: { no: 'p' }, secretObjects }],
      ['missing', undefined],
    ]);
    t.strictSame([...classLengths(classes)], [['shop', 3 + 3 + 5 + 2 + 3 + 2 * 32]]);
  },
);
