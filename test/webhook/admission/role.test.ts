/** Tests what the annotations of a ServiceAccount say about its role, and what a missing role would have to read. */
import t from 'tap';
import { readRole, roleIn, withNeeds } from '../../../webhook/admission/role.ts';
import type { Declaration } from '../../../webhook/declare/declaration.ts';
import { isRefusal, refusal } from '../../../webhook/errors.ts';

const ROLE = 'arn:aws:iam::111122223333:role/app';
const annotated = (role?: string, audience?: string) => ({
  ...(role !== undefined && { 'eks.amazonaws.com/role-arn': role }),
  ...(audience !== undefined && { 'eks.amazonaws.com/audience': audience }),
});

const ACCOUNTS: Record<string, readonly [annotations: Readonly<Record<string, string>>, read: object]> = {
  'a role': [annotated(ROLE), { roleArn: ROLE }],
  'a role and an audience with line ends': [
    annotated(`${ROLE}\n`, ' amazonaws.com\n'),
    { roleArn: ROLE, audience: 'amazonaws.com' },
  ],
  'an audience alone': [annotated(undefined, 'amazonaws.com'), { audience: 'amazonaws.com' }],
  'empty annotations': [annotated(' ', ''), {}],
  'no annotations of AWS': [{ team: 'shop' }, {}],
};

for (const [what, [annotations, read]] of Object.entries(ACCOUNTS)) {
  t.test(`a ServiceAccount has ${what}`, async (t) => t.same(roleIn(annotations), read));
}

t.test('a ServiceAccount without annotations has no role', async (t) => t.same(roleIn(), {}));

const account = (audience: string) => ({
  namespace: 'shop',
  serviceAccountName: 'app',
  serviceAccount: { roleArn: ROLE, audience },
});

t.test('an audience has at most 255 characters', async (t) => {
  t.match(readRole(account('a'.repeat(255))), { roleArn: ROLE });
  const refused = readRole(account('a'.repeat(256)));
  t.ok(isRefusal(refused));
  t.match(refused, { code: 'ASI_ADMIT_BAD_ROLE', message: /has more than 255 characters/ });
});

const MISSING = refusal('ASI_ADMIT_NO_ROLE', 'There is no role');
const declared = (count: number) => {
  const objects = Array.from({ length: count }, (_, index) => ({ service: 'ssm', name: `/p${index}` }) as const);
  return { objects } as unknown as Declaration;
};

t.test('a refusal for a missing role says what the role has to read, and how many more', async (t) => {
  t.match(withNeeds(MISSING, declared(1)).message, /^There is no role; the role has to read ssm:\/p0, and /);
  t.match(withNeeds(MISSING, declared(5)).message, /read ssm:\/p0, ssm:\/p1, ssm:\/p2, ssm:\/p3, ssm:\/p4, and aws/);
  t.match(withNeeds(MISSING, declared(7)).message, /ssm:\/p4 and 2 more, and aws-secrets-injector iam-policy/);
});

t.test('it says nothing more where nothing can be read', async (t) => {
  t.same(withNeeds(MISSING, declared(0)), MISSING);
  t.same(withNeeds(MISSING, undefined), MISSING);
});
