/** Tests which keys each type of Secret needs, and which types no pod may make. */
import t from 'tap';
import { secretsBy, toSecrets } from '../../../../webhook/declare/classes/made-secrets.ts';
import type { Output } from '../../../../webhook/declare/outputs.ts';

const FILE: Output = {
  annotation: 'class shop',
  label: 'db',
  kind: 'files',
  source: { service: 'secretsmanager', name: 'db' },
  part: { path: 'db', mode: '0644' },
};

const secretOf = (type: string, keys: readonly string[], more: object = {}) => ({
  secretName: 'made',
  type,
  data: keys.map((key) => ({ objectName: 'db', key })),
  ...more,
});
const refusalsOf = (type: string, keys: readonly string[]) =>
  secretsBy([secretOf(type, keys)], [FILE], 'class shop').refusals.map(({ message }) => message);

const COMPLETE: readonly (readonly [type: string, ...keys: string[]])[] = [
  ['Opaque', 'anything'],
  ['shop.example/own', 'anything'],
  ['kubernetes.io/tls', 'tls.crt', 'tls.key'],
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson', 'more'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
  ['kubernetes.io/ssh-auth', 'ssh-privatekey'],
  ['kubernetes.io/basic-auth', 'username'],
  ['kubernetes.io/basic-auth', 'password'],
];

for (const [type, ...keys] of COMPLETE) {
  t.test(`a Secret of type ${type} may have the keys ${keys}`, async (t) => t.same(refusalsOf(type, keys), []));
}

const INCOMPLETE: readonly (readonly [type: string, keys: readonly string[], problem: string])[] = [
  ['kubernetes.io/tls', ['tls.key'], 'needs the key tls.crt; add it to data'],
  ['kubernetes.io/tls', ['tls.crt'], 'needs the key tls.key; add it to data'],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key', 'ca.crt'], 'has the keys tls.crt and tls.key only; remove ca.crt'],
  ['kubernetes.io/dockerconfigjson', ['.dockercfg'], 'needs the key .dockerconfigjson; add it to data'],
  ['kubernetes.io/dockercfg', ['.dockerconfigjson'], 'needs the key .dockercfg; add it to data'],
  ['kubernetes.io/ssh-auth', ['id_rsa'], 'needs the key ssh-privatekey; add it to data'],
  ['kubernetes.io/basic-auth', ['user'], 'needs one of the keys username and password; add one to data'],
  ...['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'].map(
    (type) => [type, ['token'], 'is for credentials of the cluster, which no pod may make; write Opaque'] as const,
  ),
];

for (const [type, keys, problem] of INCOMPLETE) {
  t.test(`a Secret of type ${type} may not have the keys ${keys} alone`, async (t) => {
    t.same(refusalsOf(type, keys), [`class shop: secretObjects[0]: type ${type} ${problem}`]);
  });
}

t.test('blanks around names count for nothing, and the last entry of a key wins', async (t) => {
  const part: Output = { ...FILE, part: { path: 'user', mode: '0644', jmesPath: 'user' } };
  const data = [
    { objectName: 'db', key: ' a ' },
    { objectName: ' user ', key: 'a' },
  ];
  const labels = { tier: 'db' };
  const annotations = { note: 'own' };
  const declared = { secretName: ' made ', type: ' Opaque ', data, labels, annotations };
  const { source } = FILE;
  t.same(secretsBy([declared], [FILE, part], 'class shop').secrets, [
    {
      annotation: 'class shop',
      name: 'made',
      type: 'Opaque',
      labels,
      annotations,
      data: [{ key: 'a', source, jmesPath: 'user' }],
    },
  ]);
});

t.test('two classes may declare one Secret in the same way, and not in another', async (t) => {
  const drafts = [secretOf('Opaque', ['a']), secretOf('Opaque', ['a']), secretOf('Opaque', ['b'])].flatMap(
    (secret, index) => secretsBy([secret], [FILE], `class ${index}`).secrets,
  );
  const { secrets, refusals } = toSecrets(drafts, () => 7);
  t.same(secrets, [{ name: 'made', type: 'Opaque', data: [{ key: 'a', object: 7 }] }]);
  t.same(refusals, [
    {
      kind: 'refusal',
      code: 'ASI_ADMIT_SYNC',
      message: 'class 2: the Secret "made" is declared before in another way; rename it in one of the classes',
    },
  ]);
});
