/** The admission endpoint: HTTP over TLS around `admit`. */
import type { Server } from 'node:https';
import fastify, { type FastifyError, type FastifyReply, LogController } from 'fastify';
import { admit } from '../admission/admit.ts';
import type { Facts } from '../admission/facts.ts';
import { parseReview } from '../admission/review.ts';
import type { AdmissionSettings, Settings } from '../settings.ts';
import { BODY_LIMIT, readWithin } from './body.ts';
import { boundConnections } from './connections.ts';
import { createIntake, type IntakeLimits, Overloaded } from './intake.ts';
import type { Metrics } from './metrics.ts';
import { record } from './record.ts';
import { sparingly } from './sparing-log.ts';
import { type Pair, TLS, tlsOptions } from './tls.ts';

export type AppOptions = {
  readonly settings: AdmissionSettings;
  readonly facts: Facts;
  /** May come later, by `useCertificate`; until then no client can connect. */
  readonly pair?: Pair;
  readonly metrics?: Metrics;
  readonly logLevel?: Settings['logLevel'] | 'silent';
  /** Standard output where it is left out. */
  readonly logStream?: { write(line: string): void };
  /** While true, each answer closes its connection, so that the API server goes to another replica. */
  readonly draining?: () => boolean;
  /** PEM; without it, anybody may ask. */
  readonly clientCa?: string;
  readonly maxConcurrentReviews?: number;
  /** For tests. */
  readonly limits?: Partial<IntakeLimits & typeof LIMITS>;
};

/** The API server keeps idle connections for 90 s; who closes first would lose a request that is under way. */
const KEEP_ALIVE_MS = 120_000;

/** The longest that the API server waits for any webhook. */
const REQUEST_MS = 30_000;

/** A TLS handshake of a client that means it. */
const HANDSHAKE_MS = 10_000;

/** Between two looks at how long clients have taken. */
const CHECK_MS = 1000;

/** Bounds that fit into 512 MiB: an object in memory takes several times its JSON. */
const LIMITS = { bytes: 8 * 2 ** 20, waitMs: 3000, patienceMs: 1000, requestMs: REQUEST_MS, connections: 2000 };

/** For each review that may run. */
const WAITING = 8;

/** Seconds until the API server sends a request again that met an overloaded webhook; until then others may have gone. */
const RETRY_AFTER = 1;

/** A server that answers `POST /mutate`; not yet listening. */
export function buildApp(options: AppOptions) {
  const { settings, facts, metrics, draining = () => false, maxConcurrentReviews: reviews = 64 } = options;
  const limits = { ...LIMITS, reviews, waiting: WAITING * reviews, ...options.limits };
  const app = createServer(options, limits);
  const intake = createIntake(limits);
  const warn = sparingly(app.log);
  metrics?.follow(intake);

  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining()) reply.header('connection', 'close');
    done(null, payload);
  });

  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    if (error instanceof Overloaded) {
      metrics?.rejected(error.reason);
      warn({ reason: error.reason }, 'Sent a request away: too much at once');
      return sendAway(reply, error);
    }
    const status = error.statusCode ?? 500;
    // Who has left in the midst of it sent nothing wrong, and reads no answer.
    if (reply.raw.destroyed) return reply.code(status).send();
    metrics?.malformed();
    warn({ status, problem: error.code }, 'Could not read a request');
    return reply.code(status).send({ error: status < 500 ? error.message : 'the webhook failed' });
  });

  app.post('/mutate', { preParsing: readWithin(intake) }, async (request, reply) => {
    const started = performance.now();
    const review = parseReview(request.body);
    if (!review.ok) {
      metrics?.malformed();
      warn({ problem: review.problem }, 'Could not read a review');
      return reply.code(400).send({ error: review.problem });
    }
    const answer = await admit(review.request, settings, facts);
    metrics?.answered(answer, (performance.now() - started) / 1000);
    record(request.log, review.request, answer);
    return answer.review;
  });

  return app;
}

function createServer(
  { pair, clientCa, metrics, logLevel = 'info', logStream }: AppOptions,
  { requestMs, connections }: typeof LIMITS,
) {
  const tls = tlsOptions(clientCa);
  const app = fastify<Server>({
    https: {
      ...tls,
      ...pair,
      handshakeTimeout: HANDSHAKE_MS,
      headersTimeout: requestMs,
      connectionsCheckingInterval: CHECK_MS,
    },
    logger: { level: logLevel, ...(logStream && { stream: logStream }) },
    logController: new LogController({ disableRequestLogging: true }),
    // The review's own uid tells lines apart.
    childLoggerFactory: (logger) => logger,
    bodyLimit: BODY_LIMIT,
    // No pod with such a key is valid, so the API server is to refuse it, in its own words: no failure of ours.
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: requestMs,
    // Of silence on a connection, so that a client that does not read its answer ends as well.
    connectionTimeout: requestMs,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
  boundConnections(app.server, connections, () => metrics?.connectionCut('admission'));
  app.decorate(TLS, tls);
  // Such as an API server whose caBundle does not fit, or a client without the certificate that it is asked for.
  const warn = sparingly(app.log);
  app.server.on('tlsClientError', ({ code }: NodeJS.ErrnoException) => {
    if (code?.startsWith('ERR_SSL')) warn({ problem: code }, 'A TLS handshake failed');
  });
  return app;
}

/** On a new connection, the next try may reach another replica. */
function sendAway(reply: FastifyReply, { statusCode, message }: Overloaded) {
  return reply.code(statusCode).headers({ 'retry-after': RETRY_AFTER, connection: 'close' }).send({ error: message });
}
