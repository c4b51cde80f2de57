/** Makes the least IAM policy with which the injector can do what its configuration says. */
import type { ConfigSearch, InjectorConfig } from '../../injector/contract/config.ts';
import type { ServiceName } from '../../injector/contract/services.ts';
import { CATALOGUE } from '../../injector/services/catalogue.ts';

export type Statement = {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

export type Policy = { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] };

/** Has the account, the region and the partition of the objects, as far as their names do not say them. */
export type Account = { readonly partition: string; readonly account: string };

/** Returns the policy with these statements. */
export function policyOf(statements: readonly Statement[]): Policy {
  return { Version: '2012-10-17', Statement: statements };
}

/** Returns what the role has to be allowed that reads the objects. `kmsKeys` are the ARNs of the keys that encrypt them. */
export function readingStatements(
  configs: readonly InjectorConfig[],
  where: Account,
  kmsKeys: readonly string[],
): Statement[] {
  const named = (service: ServiceName) => configs.flatMap((config) => arnsOf(config, service, where));
  const below = (isTagged: boolean) =>
    configs
      .flatMap(searchesOf)
      .filter(({ service, tags }) => service === 'ssm' && (tags !== undefined) === isTagged)
      .flatMap((search) => pathArns(search, where));
  const [paths, tagged] = [below(false), below(true)];
  const finds = configs.flatMap((config) => searchesOf(config).flatMap((search) => findStatements(search, where)));
  const batches = finds.length === 0 && configs.some(({ batch }) => batch === true);
  const regions = new Set(configs.flatMap(regionsOf));
  return [
    ...allow('ReadSecrets', [CATALOGUE.secretsmanager.readAction], named('secretsmanager')),
    ...allow('ReadParameters', [CATALOGUE.ssm.readAction], named('ssm')),
    ...allow('ReadPaths', ['ssm:GetParametersByPath'], paths),
    // DescribeParameters can be allowed for all parameters only.
    ...(tagged.length > 0 ? allow('FindParameters', ['ssm:DescribeParameters'], ['*']) : []),
    ...allow('ReadFoundParameters', [CATALOGUE.ssm.readAction], tagged),
    ...(finds.length > 0 ? allow('FindSecrets', ['secretsmanager:ListSecrets', BATCH], ['*']) : []),
    ...finds.map((statement, index) => ({ ...statement, Sid: `ReadFoundSecrets${index === 0 ? '' : index + 1}` })),
    ...(batches ? allow('ReadManyAtOnce', [BATCH], ['*']) : []),
    ...allow('Decrypt', ['kms:Decrypt'], kmsKeys).map((statement) => ({
      ...statement,
      Condition: viaServices(regions),
    })),
  ];
}

/** Returns the statement that lets a role assume others by these actions; none if there are no others. */
export function assumingStatements(roleArns: readonly string[], actions: readonly string[]): Statement[] {
  return allow('AssumeRole', actions, roleArns);
}

const BATCH = 'secretsmanager:BatchGetSecretValue';

function allow(sid: string, actions: readonly string[], resources: readonly string[]): Statement[] {
  if (resources.length === 0) return [];
  return [{ Sid: sid, Effect: 'Allow', Action: actions, Resource: [...new Set(resources)].sort() }];
}

function arnsOf({ objects, region }: InjectorConfig, service: ServiceName, where: Account): string[] {
  return objects
    .filter((object) => object.service === service)
    .flatMap((object) => [
      arnOf(service, object.name, object.region ?? region, where),
      ...(object.failover ? [arnOf(service, object.failover.name, object.failover.region, where)] : []),
    ]);
}

function arnOf(service: ServiceName, name: string, region: string, { partition, account }: Account): string {
  if (!name.startsWith('arn:'))
    return `arn:${partition}:${service}:${region}:${account}:${CATALOGUE[service].resourceOf(name)}`;
  // An ARN may be written without the hyphen and the six characters that AWS adds to the name of a secret.
  return service === 'secretsmanager' && !/-[A-Za-z0-9]{6}$/.test(name) ? `${name}-??????` : name;
}

function searchesOf({
  searches = [],
  region,
}: InjectorConfig): (ConfigSearch & { readonly regions: readonly string[] })[] {
  return searches.map((search) => ({
    ...search,
    regions: [search.region ?? region, ...(search.failoverRegion === undefined ? [] : [search.failoverRegion])],
  }));
}

type Search = ReturnType<typeof searchesOf>[number];

/** The right is needed for the path, and its parameters are named for those who read the policy. */
function pathArns(search: Search, { partition, account }: Account): string[] {
  if (search.service !== 'ssm') return [];
  const top = search.path.replace(/^\/|\/+$/g, '');
  return search.regions.flatMap((region) => {
    const arn = `arn:${partition}:ssm:${region}:${account}:parameter/${top}`;
    return top === '' ? [`${arn}*`] : [arn, `${arn}/*`];
  });
}

function findStatements(search: Search, { partition, account }: Account): Statement[] {
  if (search.service !== 'secretsmanager') return [];
  const { prefix = '', tags = {}, regions } = search;
  const resources = regions.map((region) => `arn:${partition}:secretsmanager:${region}:${account}:secret:${prefix}*`);
  const conditions = Object.entries(tags).map(([key, value]) => [`secretsmanager:ResourceTag/${key}`, value]);
  return allow('ReadFoundSecrets', [CATALOGUE.secretsmanager.readAction], resources).map((statement) =>
    conditions.length === 0 ? statement : { ...statement, Condition: { StringEquals: Object.fromEntries(conditions) } },
  );
}

function regionsOf({ objects, searches = [], region }: InjectorConfig): string[] {
  return [
    ...objects.flatMap((object) => [object.region ?? region, ...(object.failover ? [object.failover.region] : [])]),
    ...searches.flatMap((search) => [
      search.region ?? region,
      ...(search.failoverRegion ? [search.failoverRegion] : []),
    ]),
  ];
}

/** The key is used by the services only, on behalf of the role. */
function viaServices(regions: ReadonlySet<string>): NonNullable<Statement['Condition']> {
  const hosts = [...regions].flatMap((region) => {
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return ['secretsmanager', 'ssm'].map((service) => `${service}.${region}.${domain}`);
  });
  return { StringEquals: { 'kms:ViaService': hosts.sort() } };
}
