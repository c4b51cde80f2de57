/** Serves the admission endpoint: HTTP over TLS around `admit`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import fastify, { type FastifyError, LogController } from 'fastify';
import type { Facts } from '../admission/facts.ts';
import type { AdmissionSettings, Settings } from '../settings.ts';
import { createAdviser } from './advice.ts';
import { createAnswerer, JSON_TYPE, type Reply } from './answer.ts';
import { watchClients } from './clients.ts';
import { countAnswers, guard, type Handler } from './gate.ts';
import { delayHandshakes } from './handshakes.ts';
import { createIntake, type IntakeLimits, Overloaded } from './intake.ts';
import { createLargeReviews } from './large/reviews.ts';
import { LOG_FORMAT } from './log-format.ts';
import type { Metrics } from './metrics.ts';
import { ADMISSION_LIMITS, type PortLimits, serverOptions, silenceMs, WAITING_PER_REVIEW } from './overload.ts';
import { parseJson } from './parse.ts';
import { rateLimited } from './rate-limited-log.ts';
import { kindOf } from './record.ts';
import { RETRY_AFTER, type Refusal } from './refusal.ts';
import { createReporter, reviewBody } from './reviews.ts';
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

const REVIEWS = '/mutate';
const ADVICE = '/advise';
const POST = ['POST'];

/** The API server goes to another replica on a new connection. */
const AGAIN = { 'retry-after': String(RETRY_AFTER), connection: 'close' };

/** Returns a server that answers `POST /mutate` and, where it advises, `POST /advise`. It does not listen yet. */
export function buildApp(options: AppOptions) {
  const { settings, facts, metrics, draining = () => false, maxConcurrentReviews: reviews = 64 } = options;
  const limits = { ...ADMISSION_LIMITS, reviews, waiting: WAITING_PER_REVIEW * reviews, ...options.limits };
  const intake = createIntake(limits);
  metrics?.follow(intake);
  const { app, clients } = createApp(options, limits, (...asked) => void answerReview(...asked));
  const warn = rateLimited(app.log);
  /** A connection that stayed open after the server has closed would keep it from ending. */
  const isLast = () => draining() || !app.server.listening;
  const answer = createAnswerer(clients, isLast);
  const report = createReporter({ metrics, warn, log: app.log });
  const large = createLargeReviews({
    settings,
    facts,
    onFailure: (error) =>
      app.log.error({ error: kindOf(error) }, 'The thread of large reviews ended; the next one starts another'),
  });
  app.addHook('onClose', large.close);

  /** Returns the answer to a request that failed. */
  function explain(error: Partial<FastifyError>, isGone: boolean): Reply {
    const { statusCode: status = 500, message = '' } = error;
    if (error instanceof Overloaded) {
      metrics?.rejected('overload');
      warn({ reason: 'overload' }, 'Refused a request: too many at once');
      return { status, json: JSON.stringify({ error: message }), headers: AGAIN };
    }
    const isOurs = status >= 500;
    // A client that has left while its review waited sent nothing wrong, and reads no answer.
    if (!isGone && isOurs) {
      const reason = 'ASI_ADMIT_INTERNAL';
      metrics?.failed(reason);
      warn({ status, reason, error: kindOf(error) }, 'Failed at a request');
    } else if (!isGone) {
      metrics?.failed('malformed');
      warn({ status, problem: message }, 'Could not read a request');
    }
    return { status, json: JSON.stringify({ error: isOurs ? 'the webhook failed' : message }) };
  }

  async function answerReview(_request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    try {
      const { length } = body;
      const leave = await intake.enter(length, response);
      try {
        const started = performance.now();
        const reviewed = await (length > limits.small ? large.review(body) : reviewBody(body, settings, facts));
        answer(response, report(reviewed, performance.now() - started));
      } finally {
        leave();
      }
    } catch (error) {
      answer(response, explain(error as Partial<FastifyError>, response.destroyed));
    }
  }

  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isLast()) reply.header('connection', 'close');
    done(null, payload);
  });
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const { status, json } = explain(error, reply.raw.destroyed);
    return reply.code(status).type(JSON_TYPE).send(json);
  });

  if (!options.advises) return app;
  const isBusy = () => intake.waiting() > 0;
  const onResult = metrics?.advised ?? (() => {});
  const advise = createAdviser({ settings, facts, log: app.log, isBusy, onResult });
  app.post<{ Body?: Buffer }>(ADVICE, async ({ body = Buffer.alloc(0) }, reply) => {
    const review = await advise(body, parseJson);
    if (review) return review;
    metrics?.failed('malformed');
    return reply.code(400).send({ error: 'not an AdmissionReview v1 of a workload' });
  });

  return app;
}

function isReview({ url = '' }: IncomingMessage): boolean {
  return url === REVIEWS || url.startsWith(`${REVIEWS}?`);
}

/** Creates the server behind its gate, whose app has no route yet, and what counts its clients. */
function createApp(options: AppOptions, limits: PortLimits, onReview: Handler) {
  const { pair, clientCa, metrics, logLevel = 'info', logStream } = options;
  const routes = { [REVIEWS]: POST, ...(options.advises && { [ADVICE]: POST }) };
  const bodies = new WeakMap<IncomingMessage, Buffer>();
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
  const onRefused = ({ status, error }: Refusal) => {
    if (status === 503) metrics?.rejected('slow');
    else metrics?.failed('malformed');
    warn({ status, problem: error }, 'Refused a request before it was read');
  };
  const app = fastify<Server>({
    // Nearly all requests are reviews of pods. They go past Fastify, which would take a tenth of their time.
    serverFactory(handler) {
      const onWhole: Handler = (request, response, body) => {
        if (isReview(request)) return onReview(request, response, body);
        bodies.set(request, body);
        handler(request, response);
      };
      return guard(server, clients, { routes, body: limits.body }, onWhole, onRefused);
    },
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
  app.addContentTypeParser('application/json', ({ raw }, _payload, done) => done(null, bodies.get(raw)));
  app.addHook('onSend', countAnswers(clients));
  app.decorate(TLS, tls);
  // An example is an API server whose caBundle does not fit, or a client without the certificate that it is asked for.
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException) => {
    if (code?.startsWith('ERR_SSL')) warn({ problem: code }, 'A TLS handshake failed');
  });
  return { app, clients };
}
