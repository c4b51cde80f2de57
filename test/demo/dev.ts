/** `npm run dev`: the in-memory AWS and the webhook, started again at each change (node --watch). Post reviews to the printed URL. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { patchOf } from '../webhook/support/admission.ts';
import { type Deployment, podOf, reviewOf } from './review.ts';
import { startWebhook } from './webhook.ts';
import { startWorld } from './world.ts';

const world = await startWorld();
const webhook = await startWebhook({ endpointUrl: world.aws.url, port: 9443 });
const deployment: Deployment = parse(readFileSync(new URL('deployment.yaml', import.meta.url), 'utf8'));
const answer = await webhook.review(reviewOf(podOf(deployment), 'demo'));
const output = answer.response.allowed ? patchOf(answer) : answer.response.status;
process.stdout.write(`${JSON.stringify(output, null, 2)}\n\nAWS: ${world.aws.url}\nwebhook: ${webhook.url}\n`);
