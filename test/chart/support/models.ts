/** Checks fields as the Kubernetes API would, with the models of its client: no API server is asked. */
import * as client from '@kubernetes/client-node';

type Attribute = { readonly baseName: string; readonly type: string };
type Model = { getAttributeTypeMap(): readonly Attribute[] };

const models = client as unknown as Readonly<Record<string, Model | undefined>>;

/** Fields that Kubernetes does not know, or that hold another type than it wants. */
export function strangeFields(object: { apiVersion: string; kind: string }): string[] {
  const version = object.apiVersion.split('/').at(-1) ?? '';
  const name = `${version[0]?.toUpperCase()}${version.slice(1)}${object.kind}`;
  const group = object.apiVersion.includes('/') ? `${object.apiVersion} ` : '';
  if (!models[name]) return [`no model for ${group}${object.kind}`];
  return check(object, name, object.kind);
}

function check(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((item, index) => check(item, list, `${path}[${index}]`));
  }
  const entries = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (entries) return fieldsOf(value, path, () => entries);
  const model = models[type];
  if (model?.getAttributeTypeMap) {
    const types = new Map(model.getAttributeTypeMap().map(({ baseName, type }) => [baseName, type]));
    return fieldsOf(value, path, (key) => types.get(key));
  }
  return isScalar(value, type) ? [] : [`${path} is no ${type}`];
}

function fieldsOf(value: unknown, path: string, typeOf: (key: string) => string | undefined): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const type = typeOf(key);
    return type === undefined ? [`${path}.${key} is unknown`] : check(inner, type, `${path}.${key}`);
  });
}

function isScalar(value: unknown, type: string): boolean {
  if (type === 'any') return true;
  if (type === 'IntOrString') return typeof value === 'string' || Number.isInteger(value);
  if (type === 'Date') return typeof value === 'string';
  return ['string', 'number', 'boolean'].includes(type) && typeof value === type;
}
