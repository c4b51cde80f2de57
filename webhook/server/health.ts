/** Probes and metrics over plain HTTP. */
import fastify from 'fastify';
import { boundConnections } from './connections.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** The node's probes and a few that read metrics, with much to spare. */
const CONNECTIONS = 500;

/** For who asks, and for who reads the answer. */
const REQUEST_MS = 5000;

export function buildHealthApp(readiness: Readiness, metrics: Metrics) {
  const app = fastify({
    logger: false,
    return503OnClosing: false,
    forceCloseConnections: true,
    http: { headersTimeout: REQUEST_MS, connectionsCheckingInterval: 1000 },
    requestTimeout: REQUEST_MS,
    connectionTimeout: 2 * REQUEST_MS,
  });
  boundConnections(app.server, CONNECTIONS, () => metrics.connectionCut('health'));
  app.get('/healthz', async () => 'ok\n');
  app.get('/readyz', async (_request, reply) => {
    const obstacles = readiness.obstacles(new Date());
    return reply.code(obstacles.length === 0 ? 200 : 503).send(`${obstacles.join(', ') || 'ok'}\n`);
  });
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  return app;
}
