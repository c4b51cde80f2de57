/** `npm run dev`: the in-memory AWS and the webhook, started again at each change (node --watch). Post reviews to the printed URL. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Deployment, podOf, reviewOf } from './review.ts';
import { startWebhook } from './webhook.ts';
import { startWorld } from './world.ts';

const world = await startWorld();
const webhook = await startWebhook({ endpointUrl: world.aws.url, port: 9443 });
const deployment: Deployment = parse(readFileSync(new URL('deployment.yaml', import.meta.url), 'utf8'));
const { response } = await webhook.review(reviewOf(podOf(deployment), 'demo', 'dev'));
const patch = response.patch ? JSON.parse(Buffer.from(response.patch, 'base64').toString()) : response.status;
process.stdout.write(`${JSON.stringify(patch, null, 2)}\n\nAWS: ${world.aws.url}\nwebhook: ${webhook.url}\n`);
