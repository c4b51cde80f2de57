/** Checks one descriptor as ASCP does, in its order and in its words. The fix follows after them. */

import { SERVICE_NAMES, SERVICES, type ServiceName, serviceRow } from '../../../injector/contract/services.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { climbs } from '../paths.ts';
import { type EcsArn, keysOf, splitEcsArn } from '../references/ecs.ts';
import { manyObjects } from '../references/meant.ts';
import { checkJmesPath } from '../references/reference.ts';
import type { Scope } from '../scope.ts';
import { pasteable } from '../yaml/quote.ts';
import type { Descriptor, Part } from './descriptor-yaml.ts';

const BOTH_SELECTORS = 'ssm parameters can not specify both objectVersion and objectVersionLabel';

const TYPES: ReadonlyMap<string, ServiceName> = new Map(
  SERVICE_NAMES.map((service) => [SERVICES[service].objectType, service]),
);
const ARN_SERVICES: ReadonlyMap<string, ServiceName> = new Map([
  ...TYPES,
  ...SERVICE_NAMES.map((service) => [service, service] as const),
]);

/** ASCP takes an object for one of this service if the ARN names another one. */
const ASCP_FALLBACK: ServiceName = 'ssm';

/** Returns the problems of a descriptor in ASCP's order. `index` counts from 0. JMESPaths count against the budget. */
export function checkDescriptor(descriptor: Descriptor, index: number, scope: Scope, budget: Budget): string[] {
  return [...problemsOf(descriptor, index, scope, budget)].filter((problem) => problem !== undefined);
}

function* problemsOf(
  descriptor: Descriptor,
  index: number,
  scope: Scope,
  budget: Budget,
): Generator<string | undefined> {
  const { objectName, objectAlias, failoverObject } = descriptor;
  const name = objectName === '' ? `entry ${index + 1}` : echo(objectName);
  const type =
    objectName === ''
      ? `Object name must be specified; add objectName to ${name}`
      : (checkArn(objectName, scope.region) ?? checkType(descriptor));
  yield type;
  // Without a name and a type nobody knows the service, whose rules the others are.
  const isKnown = type === undefined;
  if (isKnown && hasOneSelector(descriptor) && hasBothSelectors(descriptor)) {
    yield `${BOTH_SELECTORS}: ${name}; remove one of the two`;
  }
  if (climbs(scope.translation.toPath(objectAlias || objectName))) {
    yield `path can not contain ../: ${name}; choose an objectAlias inside the mount`;
  }
  yield checkMode(descriptor.filePermission, name);
  yield* checkParts(descriptor.jmesPath, name);
  const failover = isKnown ? checkFailover(descriptor, name, scope) : undefined;
  yield failover;
  yield* checkExpressions(descriptor.jmesPath, name, budget);
  if (isKnown) yield checkName(descriptor);
  if (isKnown && failover === undefined) yield checkName({ ...descriptor, objectName: failoverObject.objectName });
}

function hasBothSelectors({ objectVersion, objectVersionLabel }: Descriptor['failoverObject']): boolean {
  return objectVersion !== '' && objectVersionLabel !== '';
}

/** Returns the service that holds the object of a checked descriptor, by its type or its ARN. */
export function serviceOf({ objectName, objectType }: Descriptor): ServiceName {
  const service = objectType === '' ? ARN_SERVICES.get(arnService(objectName)) : TYPES.get(objectType);
  return service ?? ASCP_FALLBACK;
}

function hasOneSelector(descriptor: Descriptor): boolean {
  return serviceRow(serviceOf(descriptor)).selectorInName === true;
}

function checkArn(objectName: string, region: string | undefined): string | undefined {
  if (!objectName.startsWith('arn:')) return undefined;
  const [, , , arnRegion, , resource] = objectName.split(':');
  if (resource === undefined) {
    return `Invalid ARN format in object name: ${echo(objectName)}; write arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`;
  }
  if (region === undefined || arnRegion === region) return undefined;
  return `ARN region must match region ${region}: ${echo(objectName)}; use a replica there, or set the region`;
}

function checkType({ objectName, objectType }: Pick<Descriptor, 'objectName' | 'objectType'>): string | undefined {
  const name = echo(objectName);
  const isArn = objectName.startsWith('arn:');
  if (objectType === '' && !isArn) {
    return `Must use objectType when a full ARN is not specified: ${name}; add objectType: secretsmanager or ssmparameter`;
  }
  if (objectType === '') {
    if (ARN_SERVICES.has(arnService(objectName))) return undefined;
    return `Invalid service in ARN: ${echo(arnService(objectName))}; ${name} must be a secret or an SSM parameter`;
  }
  const type = TYPES.get(objectType);
  if (type === undefined) {
    return `Invalid objectType: ${echo(objectType)}; give ${name} the objectType secretsmanager or ssmparameter`;
  }
  if (!isArn || type === (ARN_SERVICES.get(arnService(objectName)) ?? ASCP_FALLBACK)) return undefined;
  return `objectType does not match ARN: ${name}; remove objectType, the ARN says it`;
}

function arnService(arn: string): string {
  return arn.split(':')[2] ?? '';
}

function checkMode(mode: string, name: string): string | undefined {
  if (mode === '' || /^[0-7]{4}$/.test(mode)) return undefined;
  return `Invalid File Permission: ${echo(mode)}; write four octal digits in quotes for ${name}, like "0644"`;
}

/** Returns the problems of the entries of `jmesPath`, in ASCP's order. `name` stands for the object. JMESPaths count against the budget. */
export function checkJmesPaths(parts: readonly Part[], name: string, budget: Budget): string[] {
  return [...checkParts(parts, name), ...checkExpressions(parts, name, budget)].filter(
    (problem) => problem !== undefined,
  );
}

function* checkParts(parts: readonly Part[], name: string): Generator<string | undefined> {
  for (const { path, objectAlias, filePermission } of parts) {
    if (path === '') yield `Path must be specified for JMES object; add path to each jmesPath entry of ${name}`;
    else if (objectAlias === '') {
      yield `Object alias must be specified for JMES object; add objectAlias beside path ${echo(path)} of ${name}`;
    }
    yield checkMode(filePermission, `${echo(objectAlias)} of ${name}`);
  }
}

/** Checks the object of the second region, if it has a name of its own. */
function checkFailover(descriptor: Descriptor, name: string, { failoverRegion }: Scope): string | undefined {
  const { objectAlias, objectType, objectVersion, failoverObject } = descriptor;
  if (failoverObject.objectName === '') return undefined;
  if (objectAlias === '') {
    return `object alias must be specified for objects with failover entries: ${name}; add an objectAlias, the name of its file`;
  }
  if (failoverRegion === undefined) {
    return `failover object allowed only when failover region is defined: ${name}; add a failover region, or remove failoverObject`;
  }
  const other = { objectName: failoverObject.objectName, objectType };
  const type = checkArn(other.objectName, failoverRegion) ?? checkType(other);
  if (type !== undefined) return type;
  if (hasOneSelector(descriptor) && hasBothSelectors(failoverObject)) {
    return `${BOTH_SELECTORS}: ${name}; remove one of the two from its failoverObject`;
  }
  if (failoverObject.objectVersion === objectVersion) return undefined;
  return `object versions must match between primary and failover regions: ${name}; write the same objectVersion in both, or none`;
}

function* checkExpressions(parts: readonly Part[], name: string, budget: Budget): Generator<string> {
  for (const { path } of parts) {
    const checked = path === '' ? undefined : checkJmesPath(path, budget);
    if (checked === undefined || 'expression' in checked) continue;
    const why = 'meant' in checked ? `write path: ${pasteable(checked.meant) ?? echo(checked.meant)}` : checked.problem;
    yield `Invalid JMES Path: ${echo(path)}; correct it in ${name}: ${why}`;
  }
}

/**
 * Refuses a name that AWS can not have, and shows the keys that say what is meant. ASCP accepts a selector in a parameter's name,
 * and then crashes on AWS's answer.
 */
function checkName(descriptor: Descriptor): string | undefined {
  const { objectName } = descriptor;
  const name = echo(objectName);
  const service = serviceOf(descriptor);
  const ecs = splitEcsArn(objectName);
  if (ecs !== undefined) return `${name} has a key after the ARN, as ECS takes it; write ${keysOf(ecs)}`;
  const [, before = '', selector] = /^([^:]*):([^:]*)$/.exec(objectName) ?? [];
  if (selector !== undefined)
    return `${name} has a ":" in its name; write ${keysOf(selected(service, before, selector))}`;
  const resource = objectName.startsWith('arn:') ? objectName.split(':').slice(5).join(':') : objectName;
  const isPath = serviceRow(service).hasPaths && resource.endsWith('/');
  if (!isPath && !resource.includes('*')) return undefined;
  return `${name} ${manyObjects(service, resource.replace(/^(secret:|parameter(?=\/))/, ''))}`;
}

/** Returns the parts of a name with a selector: Parameter Store takes `NAME:3` and `NAME:label` itself. */
function selected(service: ServiceName, name: string, selector: string): EcsArn {
  const parts = { arn: name, key: '', stage: '', version: '' };
  if (!serviceRow(service).selectorInName) return { ...parts, key: selector };
  return /^\d+$/.test(selector) ? { ...parts, version: selector } : { ...parts, stage: selector };
}
