/** The admission endpoint: HTTP over TLS around `admit`. */

import type { Server } from 'node:https';
import fastify, { type FastifyBaseLogger, type FastifyError, LogController } from 'fastify';
import { admit } from './admit.ts';
import { describeSkip } from './decide.ts';
import type { Facts } from './facts.ts';
import type { Metrics } from './metrics.ts';
import { parseReview } from './review.ts';
import type { AdmissionSettings, Settings } from './settings.ts';

export type Pair = { readonly cert: string; readonly key: string };

export type AppOptions = {
  readonly settings: AdmissionSettings;
  readonly facts: Facts;
  /** May come later, by `useCertificate`; until then no client can connect. */
  readonly pair?: Pair;
  readonly metrics?: Metrics;
  readonly logLevel?: Settings['logLevel'] | 'silent';
  /** While true, each answer closes its connection, so that the API server goes to another replica. */
  readonly draining?: () => boolean;
};

/** A request of the API server holds at most 3 MiB of an object, which JSON in an envelope may double. */
const BODY_LIMIT = 8 * 2 ** 20;

/** The API server keeps idle connections for 90 s; who closes first would lose a request that is under way. */
const KEEP_ALIVE_MS = 120_000;

/** The longest that the API server waits for any webhook. */
const REQUEST_MS = 30_000;

const TLS = { minVersion: 'TLSv1.2' } as const;

/** A server that answers `POST /mutate`; not yet listening. */
export function buildApp({ settings, facts, pair, metrics, logLevel = 'info', draining = () => false }: AppOptions) {
  const app = fastify<Server>({
    https: { ...TLS, ...pair, headersTimeout: REQUEST_MS },
    logger: { level: logLevel },
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });

  app.addHook('onSend', async (_request, reply) => {
    if (draining()) reply.header('connection', 'close');
  });

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    metrics?.malformed();
    request.log.warn({ status, problem: error.code }, 'Could not read a request');
    return reply.code(status).send({ error: status < 500 ? error.message : 'the webhook failed' });
  });

  app.post('/mutate', async (request, reply) => {
    const started = performance.now();
    const review = parseReview(request.body);
    if (!review.ok) {
      metrics?.malformed();
      request.log.warn({ problem: review.problem }, 'Could not read a review');
      return reply.code(400).send({ error: review.problem });
    }
    const answer = await admit(review.request, settings, facts);
    metrics?.answered(answer, (performance.now() - started) / 1000);
    record(request.log, review.request, answer);
    return answer.review;
  });

  return app;
}

export type App = ReturnType<typeof buildApp>;

/** Serves new connections with this certificate; those that are open keep the old one. */
export function useCertificate(app: App, { cert, key }: Pair): void {
  app.server.setSecureContext({ ...TLS, cert, key });
}

type Subject = { readonly uid: string; readonly namespace: string };

/** Reasons, never pods, messages or patches: they hold what users wrote. */
function record(log: FastifyBaseLogger, subject: Subject, answer: Awaited<ReturnType<typeof admit>>): void {
  const line = {
    uid: subject.uid,
    namespace: subject.namespace,
    outcome: answer.outcome,
    reason: answer.reason,
  };
  if (answer.outcome === 'failed') log.error({ ...line, error: kindOf(answer.error) }, 'Failed at a pod');
  else if (answer.outcome === 'skipped') log.debug(line, describeSkip(answer.reason) ?? 'Skipped a pod');
  else log.info(line, 'Answered for a pod');
}

/** Never the error itself: it may hold an answer of the API server, or a pod. */
function kindOf(error: unknown): { name: string; code: unknown; stack: string[] } {
  const { name, code, stack } = (error instanceof Error ? error : new Error('not an error')) as NodeJS.ErrnoException;
  const frames = (stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { name, code, stack: frames.slice(0, 10).map((line) => line.trim()) };
}
