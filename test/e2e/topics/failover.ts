import type { Test } from 'tap';
import type { Fault } from '../../aws/server.ts';
import { read } from '../harness/files.ts';
import { ended, failure, pod, podSpec, ready } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

const OBJECTS = `
- {objectName: e2e/failover/secret, objectType: secretsmanager, objectAlias: secret}
- {objectName: /e2e/failover/parameter, objectType: ssmparameter, objectAlias: parameter}
- objectName: e2e/failover/here
  objectType: secretsmanager
  objectAlias: other-name
  failoverObject: {objectName: e2e/failover/there}
`;

/** The first region fails in one of the ways that regions fail in; the second one's values are taken. */
export async function failover(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'failover');
  plant(world);
  const { region, farRegion } = world;
  const ways: Record<string, Omit<Fault, 'region'>[]> = {
    healthy: [],
    denied: [{ effect: { kind: 'access-denied' }, name: '*e2e/failover/*' }],
    down: [
      { service: 'secretsmanager', effect: { kind: 'reset' } },
      { service: 'ssm', effect: { kind: 'status', status: 503 } },
    ],
    'without-sts': [{ service: 'sts', effect: { kind: 'access-denied' } }],
  };
  for (const [way, faults] of Object.entries(ways)) {
    await t.test(`the first region is ${way}`, async (t) => {
      const from = way === 'healthy' ? region : farRegion;
      await struck(
        world,
        faults.map((fault) => ({ ...fault, region })),
        async () => {
          const annotations = { objects: OBJECTS, 'failover-region': farRegion };
          await world.kubectl.apply(pod(namespace, way, annotations, podSpec(world)));
          await ready(world, namespace, way);
        },
      );
      const target = { namespace, pod: way, container: 'app' };
      for (const file of ['secret', 'parameter', 'other-name']) {
        t.equal((await read(world, target, file)).toString(), `${world.canary}-${file}-${from}`, file);
      }
    });
  }

  await t.test('both fail: what ASCP says comes first, then both causes', async (t) => {
    const effect = { kind: 'access-denied' } as const;
    await struck(world, [{ effect, service: 'secretsmanager', name: 'e2e/failover/secret' }], async () => {
      const annotations = { files: 'x: e2e/failover/secret', 'failover-region': farRegion };
      await world.kubectl.apply(pod(namespace, 'both', annotations, podSpec(world)));
      const message = failure(await ended(world, namespace, 'both'))?.message ?? '';
      t.match(message, 'Failed to fetch secret from all regions.');
      for (const part of [region, farRegion, 'secretsmanager:GetSecretValue']) t.match(message, part);
    });
  });
}

async function struck(world: World, faults: Fault[], act: () => Promise<void>): Promise<void> {
  const ends = faults.map((fault) => world.aws.fault(fault));
  try {
    await act();
  } finally {
    for (const end of ends) end();
  }
}

function plant({ aws, canary, region: here, farRegion: there }: World): void {
  for (const region of [here, there]) {
    aws.setSecret({ name: 'e2e/failover/secret', value: `${canary}-secret-${region}`, region });
    aws.setParameter({ name: '/e2e/failover/parameter', value: `${canary}-parameter-${region}`, region });
  }
  aws.setSecret({ name: 'e2e/failover/here', value: `${canary}-other-name-${here}`, region: here });
  aws.setSecret({ name: 'e2e/failover/there', value: `${canary}-other-name-${there}`, region: there });
}
