/** Probes and metrics over plain HTTP. */
import { createServer } from 'node:http';
import fastify from 'fastify';
import { watchClients } from './clients.ts';
import { countAnswers, guard } from './gate.ts';
import type { Metrics } from './metrics.ts';
import { HEALTH_LIMITS, serverOptions, silenceMs } from './overload.ts';
import type { Readiness } from './readiness.ts';

const READ = ['GET', 'HEAD'];
const RULES = { routes: { '/healthz': READ, '/readyz': READ, '/metrics': READ }, body: HEALTH_LIMITS.body };

/** Returns the server of the health port, which does not listen yet. */
export function buildHealthApp(readiness: Readiness, metrics: Metrics) {
  const server = createServer(serverOptions(HEALTH_LIMITS));
  server.setTimeout(silenceMs(HEALTH_LIMITS));
  const clients = watchClients(server, HEALTH_LIMITS, () => metrics.connectionCut('health'));
  const app = fastify({
    serverFactory: (handler) => guard(server, clients, RULES, (request, response) => handler(request, response)),
    logger: false,
    return503OnClosing: false,
    forceCloseConnections: true,
  });
  app.addHook('onSend', countAnswers(clients));
  const text = shared(() => metrics.registry.metrics());
  app.get('/healthz', async () => 'ok\n');
  app.get('/readyz', async (_request, reply) => {
    const obstacles = readiness.obstacles(new Date());
    return reply.code(obstacles.length === 0 ? 200 : 503).send(`${obstacles.join(', ') || 'ok'}\n`);
  });
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return text();
  });
  return app;
}

/** Returns a function whose callers share one result while it is being made: many scrapes at once cost as much as one. */
function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let making: Promise<T> | undefined;
  return () => {
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  };
}
