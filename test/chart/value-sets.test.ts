import t from 'tap';
import { strangeFields } from './support/models.ts';
import { objectsOf, renderText } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';

const namespaced = /^(?!Cluster|MutatingWebhook|ValidatingAdmission|ValidatingWebhook)/;

for (const [name, { values, addOns = [] }] of Object.entries(VALUE_SETS)) {
  t.test(`renders ${name}`, async (t) => {
    const manifest = await renderText(values);
    t.equal(await renderText(values), manifest, 'as it did before');
    const objects = objectsOf(manifest);
    const groups = new Set<string>();
    for (const object of objects) {
      const [group = ''] = object.apiVersion.split('/');
      if (addOns.includes(group)) groups.add(group);
      else t.strictSame(strangeFields(object), [], `${object.kind} has the fields that Kubernetes knows`);
      const { name = '', namespace } = object.metadata;
      t.match(name, /^aws-secrets-injector/, `${object.kind} has our name`);
      t.equal(namespace, namespaced.test(object.kind) ? 'aws-secrets-injector' : undefined, `${object.kind} is ours`);
    }
    t.strictSame([...groups].sort(), [...addOns].sort(), 'and uses the add-ons that the set names');
    const identities = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    t.equal(new Set(identities).size, identities.length, 'each object once');
  });
}

t.test('a field that Kubernetes does not know is found, as is one of another type', async (t) => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { labels: { a: 1 } },
    spec: { hostnetwork: true, containers: {} },
  };
  t.strictSame(strangeFields(pod), [
    'Pod.metadata.labels.a is no string',
    'Pod.spec.hostnetwork is unknown',
    'Pod.spec.containers is no list',
  ]);
});
