/** The Parameter Store's part of the SDK, which takes long to load: imported only where parameters are asked for. */
export { GetParametersByPathCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
