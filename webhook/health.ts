/** Probes and metrics over plain HTTP. */
import fastify from 'fastify';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

export function buildHealthApp(readiness: Readiness, metrics: Metrics) {
  const app = fastify({ logger: false, return503OnClosing: false, forceCloseConnections: true });
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
