/** The webhook as the cluster runs it, but for the cluster: real TLS with a fresh certificate, facts from the demo's world. */

import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issueAuthority, issueLeaf } from '../../certs/authority/issue.ts';
import { POLICY } from '../../certs/authority/lifecycle.ts';
import { NO_EXTERNAL_SECRETS } from '../../webhook/admission/facts.ts';
import type { Review } from '../../webhook/admission/review.ts';
import type { ProviderClass } from '../../webhook/declare/provider-class.ts';
import { buildApp } from '../../webhook/server/app.ts';
import { REGION, ROLE } from './world.ts';

type Options = {
  endpointUrl: string;
  port?: number;
  /** The classes of the cluster by name. */
  classes?: ReadonlyMap<string, ProviderClass>;
};

export type Webhook = {
  readonly url: string;
  /** Posts a review as the API server does. Throws for anything but an HTTP 200. */
  readonly review: (review: unknown) => Promise<Review>;
  readonly close: () => Promise<void>;
};

export async function startWebhook(options: Options): Promise<Webhook> {
  const authority = await issueAuthority(new Date(), POLICY);
  const pair = await issueLeaf(new Date(), authority, ['localhost'], POLICY);
  const app = buildApp({
    settings: {
      namespace: 'aws-secrets-injector',
      takeOverCsiVolumes: 'fargate',
      takeOverExternalSecrets: 'annotated',
      injector: { image: 'aws-secrets-injector:demo', pullPolicy: 'IfNotPresent', logLevel: 'info' },
      aws: { endpointUrl: options.endpointUrl },
    },
    facts: {
      roleOf: async () => ({ roleArn: ROLE }),
      ...NO_EXTERNAL_SECRETS,
      region: async () => REGION,
      classOf: async (_namespace, name) => options.classes?.get(name),
      envFiles: async () => ({ serverVersion: '1.35', server: true, everyNode: true }),
      serverVersion: async () => ({ major: 1, minor: 35 }),
    },
    pair,
    logLevel: 'silent',
  });
  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `https://localhost:${port}/mutate`;
  return { url, review: (review) => post(url, authority.cert, review), close: () => app.close() };
}

function post(url: string, ca: string, body: unknown): Promise<Review> {
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', ca, headers, family: 4, agent: false }, async (response) => {
      const text = (await response.toArray()).join('');
      if (response.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(`the webhook answered ${response.statusCode}: ${text}`));
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
