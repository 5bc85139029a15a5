import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import { REPUBLISH_INTENTS } from '../../core/plan.js';
import { ADMINISTRATOR, csrfTokenOf } from '../guard.js';
import type { PageOptions } from '../page-options.js';
import type { OverviewRow } from '../../operations/overview.js';
import type { StatusSource } from '../status-source.js';
import { pageOf, parseView, selectRows, type View } from '../view/select.js';
import { What } from './by-hand.js';

const SyncBody = z.strictObject({ products: z.array(z.string().min(1).max(200)).max(10_000).optional() });
const Reason = z.string().trim().min(1).max(500);
const RepublishBody = z.strictObject({
  packageId: z.guid(),
  intent: z.enum(REPUBLISH_INTENTS).default('revise'),
  reason: Reason,
  requestId: z.guid().optional(),
});
const ActBody = z.object({
  what: What,
  reason: Reason,
  plan: z.exactOptional(z.hash('sha256')),
  requestId: z.exactOptional(z.string().min(1).max(100)),
});
const ExplainQuery = z.object({ subject: z.string().min(1).max(200) });

/** The same as data. A POST needs `Origin`, and `X-CSRF-Token` with what the last GET gave in that header. */
export function apiRoutes(
  app: FastifyInstance,
  { operations }: Pick<PageOptions, 'operations'>,
  status: StatusSource,
): void {
  app.get('/api/overview', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-csrf-token', csrfTokenOf(request));
    const all = await status.read();
    return isSelective(request.query) ? { ...all, ...selected(all.rows, parseView(request.query)) } : all;
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
    const body = decode(RepublishBody, request.body, '{packageId, reason, intent?, requestId?}');
    const started = await operations.republish({
      packageId: body.packageId,
      intent: body.intent,
      reason: body.reason,
      operator: { name: ADMINISTRATOR },
      ...(body.requestId === undefined ? {} : { requestId: body.requestId }),
    });
    return reply.code(202).send(started);
  });
  app.get('/api/explain', async (request, reply) => {
    const { subject } = decode(ExplainQuery, request.query, '?subject=<product|PackageID>');
    reply.header('cache-control', 'no-store');
    return operations.explain(subject);
  });
  app.post('/api/preview', async (request) => operations.preview(decode(What, request.body, WHAT)));
  app.post('/api/act', async (request, reply) => {
    const body = decode(ActBody, request.body, `{what: ${WHAT}, reason, plan?, requestId?}`);
    const done = await operations.perform({ ...body, operator: { name: ADMINISTRATOR } });
    return reply.code(202).send(done);
  });
}

/** All rows at once, unless `q`, `show` or `page` asks for some. */
function isSelective(query: unknown): boolean {
  return typeof query === 'object' && query !== null && ['q', 'show', 'page'].some((name) => name in query);
}

function selected(all: readonly OverviewRow[], view: View) {
  const found = selectRows(all, view);
  const { rows, number, pages } = pageOf(found, view.page);
  return { rows, page: { number, pages, found: found.length, all: all.length } };
}

const WHAT = '{verb, packageId, to?} or {verb, productId, version?}';

function decode<T>(form: z.ZodType<T>, body: unknown, expected: string): T {
  const decoded = form.safeParse(body);
  if (decoded.success) return decoded.data;
  throw new PermanentError('payload.invalid', 'the request is not of its form', {
    expected,
    found: z.prettifyError(decoded.error),
    nextStep: `send ${expected} as JSON`,
  });
}
