import * as v from 'valibot';
import { list, text } from '../constraints.ts';
import { type Context, epoch, type Operation, present, read } from '../context.ts';
import { AwsError } from '../error.ts';
import { authorize, viaService } from '../iam/policy.ts';
import { describeParameters } from './describe.ts';
import { getParametersByPath } from './path.ts';
import {
  type Asked,
  findParameter,
  findVersion,
  type Parameter,
  type ParameterVersion,
  resolveArn,
  splitSelector,
} from './store.ts';

const name = text(1, 2048);

const ManyInput = v.object({ Names: list(name, 1, 10), WithDecryption: v.optional(v.boolean()) });

const OneInput = v.object({ Name: name, WithDecryption: v.optional(v.boolean()) });

/** Parameter Store's operations by name. */
export const ssm: { [operation: string]: Operation } = {
  GetParameters: getParameters,
  GetParameter: getParameter,
  DescribeParameters: describeParameters,
  GetParametersByPath: (context, input) => getParametersByPath(context, input, render),
};

/** Permission first, for all names: one that is not allowed refuses the whole call. */
function getParameters(context: Context, input: unknown): object {
  const { Names, WithDecryption } = read(ManyInput, input);
  const twice = Names.filter((text, index) => Names.indexOf(text) !== index);
  if (twice.length > 0) {
    throw new AwsError('ValidationException', `Duplicate parameter names are not allowed: [${twice.join(', ')}]`);
  }
  const asked = Names.map(splitSelector);
  for (const each of asked) checkName(each);
  for (const { locator } of asked) {
    authorize(context.caller, 'ssm:GetParameters', resolveArn(context.location, locator));
  }
  const found = asked.map((each) => ({ text: each.text, answer: look(context, each, WithDecryption ?? false) }));
  return {
    // The order is rarely the one that was asked for, as AWS promises none.
    Parameters: found
      .flatMap(({ answer }) => answer ?? [])
      .sort((a, b) => `${a.Name}${a.Version}`.localeCompare(`${b.Name}${b.Version}`)),
    InvalidParameters: found.filter(({ answer }) => answer === undefined).map(({ text }) => text),
  };
}

function getParameter(context: Context, input: unknown): object {
  const { Name, WithDecryption } = read(OneInput, input);
  const asked = splitSelector(Name);
  checkName(asked);
  authorize(context.caller, 'ssm:GetParameter', resolveArn(context.location, asked.locator));
  const answer = look(context, asked, WithDecryption ?? false);
  if (answer !== undefined) return { Parameter: answer };
  if (findParameter(context.world.parameters, context.location, asked.locator) === undefined) {
    throw new AwsError('ParameterNotFound', '');
  }
  throw new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${asked.selector} of ${asked.locator}. Verify the version and try again.`,
  );
}

type Rendered = { Name: string; Version: number };

function look(context: Context, { locator, selector }: Asked, decrypt: boolean): Rendered | undefined {
  const parameter = findParameter(context.world.parameters, context.location, locator);
  const version = parameter && findVersion(parameter, selector);
  if (parameter === undefined || version === undefined) return undefined;
  return render(context, parameter, { version, decrypt, selector });
}

/** Says how a version is read: `selector` is what was asked for, and `decrypt` is true if a SecureString is opened. */
type Reading = { version: ParameterVersion; decrypt: boolean; selector?: string | undefined };

function render(context: Context, parameter: Parameter, { version, decrypt, selector }: Reading): Rendered {
  return present({
    Name: parameter.name,
    Type: version.type,
    Value: version.type === 'SecureString' ? secure(context, version, decrypt) : version.value,
    Version: version.version,
    Selector: selector === undefined ? undefined : `:${selector}`,
    LastModifiedDate: epoch(version.modifiedAt),
    ARN: parameter.arn,
    DataType: 'text',
  }) as Rendered;
}

/** Without decryption AWS gives the ciphertext. */
function secure(
  { caller, location, requestId }: Context,
  { value, kmsKeyArn }: ParameterVersion,
  decrypt: boolean,
): string {
  if (!decrypt) return Buffer.from(`AQICAH:${[...value].reverse().join('')}`).toString('base64');
  if (kmsKeyArn === undefined) return value;
  try {
    authorize(caller, 'kms:Decrypt', kmsKeyArn, viaService('ssm', location));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const trail = `(Service: AWSKMS; Status Code: 400; Error Code: ${error.code}; Request ID: ${requestId}; Proxy: null)`;
    throw new AwsError(error.code, `${error.message} ${trail}`);
  }
  return value;
}

function checkName({ locator, selector }: Asked): void {
  const plain = locator.replace(/^arn:aws(-cn|-us-gov)?:ssm:[a-z0-9-]+:\d{12}:parameter\//, '');
  if (/^[\w./-]+$/.test(plain) && (selector === undefined || /^[\w.-]+$/.test(selector))) return;
  throw new AwsError(
    'ValidationException',
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
  );
}
