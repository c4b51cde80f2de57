/** Serves the admission endpoint: HTTP over TLS around `admit`. */
import { createServer, type Server } from 'node:https';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fastify, { type FastifyError, LogController } from 'fastify';
import { admit } from '../admission/admit.ts';
import type { Facts } from '../admission/facts.ts';
import { encodeReview, parseReview, type Request } from '../admission/review.ts';
import type { AdmissionSettings, Settings } from '../settings.ts';
import { createAdviser } from './advice.ts';
import { createAnswerer } from './answer.ts';
import { bodyOf } from './body.ts';
import { watchClients } from './clients.ts';
import { countAnswers, guard } from './gate.ts';
import { delayHandshakes } from './handshakes.ts';
import { createIntake, type IntakeLimits, Overloaded } from './intake.ts';
import { jsonProblem } from './json-limits.ts';
import { LOG_FORMAT } from './log-format.ts';
import type { Metrics } from './metrics.ts';
import { ADMISSION_LIMITS, type PortLimits, serverOptions, silenceMs, WAITING_PER_REVIEW } from './overload.ts';
import { createParser } from './parse.ts';
import { rateLimited } from './rate-limited-log.ts';
import { record } from './record.ts';
import { RETRY_AFTER } from './refusal.ts';
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
  /** The CAs of clients as PEM. Without them, anybody may ask. */
  readonly clientCa?: string;
  readonly maxConcurrentReviews?: number;
  /** If it is true, reviews of workloads are answered with warnings. */
  readonly advises?: boolean;
  /** Tests set smaller limits. */
  readonly limits?: Partial<IntakeLimits & PortLimits>;
};

/** The API server keeps idle connections for 90 s. Whoever closes first may lose a request that is under way. */
const KEEP_ALIVE_MS = 120_000;

/** Milliseconds for a TLS handshake. */
const HANDSHAKE_MS = 10_000;

const ROUTES = { '/mutate': ['POST'] };
const ROUTES_WITH_ADVICE = { ...ROUTES, '/advise': ['POST'] };

/** Returns a server that answers `POST /mutate` and, where it advises, `POST /advise`. It does not listen yet. */
export function buildApp(options: AppOptions) {
  const { settings, facts, metrics, draining = () => false, maxConcurrentReviews: reviews = 64 } = options;
  const limits = { ...ADMISSION_LIMITS, reviews, waiting: WAITING_PER_REVIEW * reviews, ...options.limits };
  const { app, clients } = createApp(options, limits);
  const intake = createIntake(limits);
  const warn = rateLimited(app.log);
  const parse = createParser(app);
  const answerWith = createAnswerer(clients, draining);
  metrics?.follow(intake);

  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining()) reply.header('connection', 'close');
    done(null, payload);
  });

  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    if (error instanceof Overloaded) {
      metrics?.rejected('overload');
      warn({ reason: 'overload' }, 'Refused a request: too many at once');
      // On a new connection, the next try may reach another replica.
      return reply
        .code(error.statusCode)
        .headers({ 'retry-after': RETRY_AFTER, connection: 'close' })
        .send({ error: error.message });
    }
    const status = error.statusCode ?? 500;
    // A client that has left while its review waited sent nothing wrong, and reads no answer.
    if (reply.raw.destroyed) return reply.code(status).send();
    metrics?.malformed();
    warn({ status, problem: error.code }, 'Could not read a request');
    return reply.code(status).send({ error: status < 500 ? error.message : 'the webhook failed' });
  });

  app.post('/mutate', async (request, reply) => {
    const body = bodyOf(request.raw);
    const leave = await intake.enter(body.length, reply.raw);
    try {
      const started = performance.now();
      const isLarge = body.length > limits.small;
      const problem = jsonProblem(body);
      // A large review takes a turn of the event loop for each of its three parts, so that a small one waits for a part only.
      if (isLarge) await nextTurn();
      const parsed = problem ? undefined : parse(request, body);
      if (isLarge) await nextTurn();
      const review = problem ? ({ ok: false, problem } as const) : parseReview(parsed);
      if (!review.ok) {
        metrics?.malformed();
        warn({ problem: review.problem }, 'Could not read a review');
        return reply.code(400).send({ error: review.problem });
      }
      const answer = await admit(review.request, settings, facts);
      metrics?.answered(answer, (performance.now() - started) / 1000);
      metrics?.refused(answer, ownerKindOf(review.request));
      record(request.log, review.request, answer);
      return answerWith(reply, encodeReview(answer.review));
    } finally {
      leave();
    }
  });

  if (!options.advises) return app;
  const isBusy = () => intake.waiting() > 0;
  const onResult = metrics?.advised ?? (() => {});
  const advise = createAdviser({ settings, facts, log: app.log, isBusy, onResult });
  app.post('/advise', async (request, reply) => {
    const review = await advise(bodyOf(request.raw), (body) => parse(request, body));
    if (review) return review;
    metrics?.malformed();
    return reply.code(400).send({ error: 'not an AdmissionReview v1 of a workload' });
  });

  return app;
}

/** Returns the kind of what owns the pod of a request first, or undefined if nothing does. */
function ownerKindOf(request: Request): string | undefined {
  return request.kind === 'creation' ? request.pod.metadata.ownerReferences?.[0]?.kind : undefined;
}

/** Creates the server behind its gate, with no route yet, and what counts its clients. */
function createApp(options: AppOptions, limits: PortLimits) {
  const { pair, clientCa, metrics, logLevel = 'info', logStream } = options;
  const routes = options.advises ? ROUTES_WITH_ADVICE : ROUTES;
  const tls = tlsOptions(clientCa);
  const server = createServer({
    ...tls,
    ...pair,
    ...serverOptions(limits),
    handshakeTimeout: HANDSHAKE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  server.setTimeout(silenceMs(limits));
  delayHandshakes(server, HANDSHAKE_MS);
  const clients = watchClients(server, limits, () => metrics?.connectionCut('admission'));
  const app = fastify<Server>({
    serverFactory: (handler) =>
      guard(server, clients, { routes, body: limits.body }, handler, ({ status, error }) => {
        if (status === 503) metrics?.rejected('slow');
        else metrics?.malformed();
        warn({ status, problem: error }, 'Refused a request before it was read');
      }),
    logger: { ...LOG_FORMAT, level: logLevel, ...(logStream && { stream: logStream }) },
    logController: new LogController({ disableRequestLogging: true }),
    // The uid of the review distinguishes the lines.
    childLoggerFactory: (logger) => logger,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
  const warn = rateLimited(app.log);
  app.removeAllContentTypeParsers();
  // The gate has read the body already.
  app.addContentTypeParser('application/json', (_request, _payload, done) => done(null));
  app.addHook('onSend', countAnswers(clients));
  app.decorate(TLS, tls);
  // An example is an API server whose caBundle does not fit, or a client without the certificate that it is asked for.
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException) => {
    if (code?.startsWith('ERR_SSL')) warn({ problem: code }, 'A TLS handshake failed');
  });
  return { app, clients };
}
