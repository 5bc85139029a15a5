import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import { ADMINISTRATOR, csrfTokenOf } from '../guard.js';
import type { StatusSource } from '../status-source.js';
import type { PageOptions } from './pages.js';

const SyncBody = z.strictObject({ products: z.array(z.string().min(1).max(200)).max(10_000).optional() });
const RepublishBody = z.strictObject({
  packageId: z.guid(),
  reason: z.string().trim().min(1).max(500),
  requestId: z.guid().optional(),
});

/** The same as data. A POST needs `Origin`, and `X-CSRF-Token` with what the last GET gave in that header. */
export function apiRoutes(
  app: FastifyInstance,
  { operations }: Pick<PageOptions, 'operations'>,
  status: StatusSource,
): void {
  app.get('/api/overview', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-csrf-token', csrfTokenOf(request));
    return status.read();
  });
  app.post('/api/sync', async (request, reply) => {
    const { products } = decode(SyncBody, request.body ?? {}, '{products?: [id]}');
    const started = await operations.sync({
      operator: { name: ADMINISTRATOR },
      ...(products === undefined ? {} : { productIds: products }),
    });
    return reply.code(202).send(started);
  });
  app.post('/api/republish', async (request, reply) => {
    const body = decode(RepublishBody, request.body, '{packageId, reason, requestId?}');
    const started = await operations.republish({
      packageId: body.packageId,
      intent: 'revise',
      reason: body.reason,
      operator: { name: ADMINISTRATOR },
      ...(body.requestId === undefined ? {} : { requestId: body.requestId }),
    });
    return reply.code(202).send(started);
  });
}

function decode<T>(form: z.ZodType<T>, body: unknown, expected: string): T {
  const decoded = form.safeParse(body);
  if (decoded.success) return decoded.data;
  throw new PermanentError('payload.invalid', 'the request is not of its form', {
    expected,
    found: z.prettifyError(decoded.error),
    nextStep: `send ${expected} as JSON`,
  });
}
