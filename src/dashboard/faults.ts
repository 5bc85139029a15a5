import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeFault, PermanentError, RetryableError } from '../core/errors.js';
import type { Log } from '../core/ports.js';
import { Refusal } from './guard.js';
import { messagePage } from './view/message.js';

interface Told {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly nextStep: string | null;
}

/** Faults of our own are told with their next step; anything else is told as our fault, and logged. */
export function tellFaults(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const told = describe(error);
    if (told.status >= 500) {
      log.error({ url: request.url, fault: describeFault(error) }, 'a page could not be made');
    }
    return tell(told, request, reply);
  });
  app.setNotFoundHandler((request, reply) =>
    tell(
      { status: 404, code: 'not-found', message: 'there is no such page', nextStep: null },
      request,
      reply,
    ),
  );
}

function describe(error: unknown): Told {
  if (error instanceof Refusal) {
    return { status: error.statusCode, code: 'refused', message: error.message, nextStep: null };
  }
  if (error instanceof RetryableError) return { ...textOf(error), status: 503 };
  if (error instanceof PermanentError) return { ...textOf(error), status: statusOf(error) };
  const status = statusCodeOf(error);
  if (status === 429) {
    return { status, code: 'busy', message: 'too many tries', nextStep: 'wait a minute, then try again' };
  }
  if (status >= 400 && status < 500) {
    return { status, code: 'payload.invalid', message: 'the request is malformed', nextStep: null };
  }
  return { status: 500, code: 'internal', message: 'something went wrong here', nextStep: 'look at the log' };
}

function textOf({ code, message, where, nextStep }: RetryableError | PermanentError) {
  return {
    code,
    message: where === undefined ? message : `${message}: ${where}`,
    nextStep: nextStep ?? null,
  };
}

function statusOf({ code }: PermanentError): number {
  if (code === 'not-found') return 404;
  if (code === 'plan.stale' || code === 'plan.refused') return 409;
  return code === 'payload.invalid' ? 400 : 500;
}

/** What fastify and its plugins carry along with their errors. */
function statusCodeOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}

function tell(told: Told, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, code, message, nextStep } = told;
  reply.code(status);
  if (request.url.startsWith('/api/')) return reply.send({ error: { code, message, nextStep } });
  return reply.type('text/html; charset=utf-8').send(messagePage(status, message, nextStep).text);
}
