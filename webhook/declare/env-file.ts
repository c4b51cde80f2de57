/** How variables reach the app: `env-delivery`, `env-file` and `env-file-format`, and whether they fit what is declared. */
import { Refusal } from '../errors.ts';
import { echo } from './echo.ts';

const NEEDS = 'add env-delivery: file and env-file: NAME, and let the app read that file';

/** Everything that does not fit together. */
export function checkEnvFile(own: ReadonlyMap<string, string>): Refusal[] {
  const delivery = own.get('env-delivery');
  const refusals = delivery === undefined || delivery === 'file' ? [] : [deliveryRefusal(delivery)];
  const sources = ['env', 'env-from'].filter((name) => own.has(name));
  const file = own.has('env-file');
  const refuse = (message: string): unknown => refusals.push(new Refusal('ASI_ADMIT_ENV_FILE', message));
  if (own.has('env') && delivery === undefined) {
    refuse(`env: variables set by the kubelet are not supported by this version yet; ${NEEDS}`);
  } else if (sources.length > 0 && !file) {
    refuse(`${sources.join(' and ')}: no file is declared for the variables; add env-file: NAME`);
  }
  if (sources.length === 0 && file)
    refuse('env-file: no variables are declared for it; add env or env-from, or remove env-file');
  if (sources.length === 0 && delivery === 'file') {
    refuse('env-delivery: no variables are declared; add env and env-file, or remove env-delivery');
  }
  if (own.has('env-file-format') && !file) refuse('env-file-format: no file is declared; add env-file: NAME');
  return refusals;
}

function deliveryRefusal(text: string): Refusal {
  if (text === 'kubelet' || text === 'shell') {
    const message = `env-delivery: ${text} is not supported by this version yet; write env-delivery: file and env-file: NAME`;
    return new Refusal('ASI_ADMIT_NOT_SUPPORTED_YET', message);
  }
  return new Refusal('ASI_ADMIT_INVALID_VALUE', `env-delivery: "${echo(text)}" is no way of delivery; write file`);
}
