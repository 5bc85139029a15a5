import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { VerbRequest } from '../../operations/verbs/request.js';
import { ADMINISTRATOR, csrfTokenOf, Refusal } from '../guard.js';
import { send } from '../send.js';
import { backTo, confirmPage } from '../view/confirm.js';
import { storyPage } from '../view/story.js';
import type { PageOptions } from '../page-options.js';

const PackageId = z.guid().transform((id) => id.toLowerCase());
const ProductId = z.string().min(1).max(200);
const Version = z.string().min(1).max(200);

const OfUpdate = {
  verb: z.enum(['revise', 'rebuild', 'resign', 'repair', 'promote', 'expire']),
  packageId: PackageId,
};
const Rollback = { verb: z.literal('rollback'), packageId: PackageId, to: z.string().min(1).max(200) };
const OfProduct = {
  verb: z.enum(['hold', 'approve']),
  productId: ProductId,
  version: Version.nullable().default(null),
};
const Disown = { verb: z.literal('disown'), productId: ProductId, version: Version };

/** What is asked for: the same members in a query, a form and the API. */
export const What = z.union([z.object(OfUpdate), z.object(Rollback), z.object(OfProduct), z.object(Disown)]);

const Deed = z.object({ plan: z.hash('sha256'), reason: z.string().trim().min(1).max(500) });
const Asked = z.object({ asked: z.string().max(20).nullable().catch(null) });

/** The story of an update or a product, and everything that can be done with it: first a plan, then the deed. */
export function byHandRoutes(app: FastifyInstance, options: PageOptions): void {
  const { operations, log } = options;
  app.get<{ Params: { packageId: string } }>('/update/:packageId', async (request, reply) => {
    const id = PackageId.safeParse(request.params.packageId);
    if (!id.success) throw new Refusal(404, 'there is no update with this PackageID');
    const told = await operations.explain(id.data);
    const { asked = null } = Asked.parse(request.query ?? {});
    return send(reply, storyPage({ told, asked, now: options.now() }));
  });
  app.get('/product', async (request, reply) => {
    const query = z.object({ id: ProductId }).safeParse(request.query);
    if (!query.success) throw new Refusal(404, 'there is no such product');
    const told = await operations.explain(query.data.id);
    const { asked = null } = Asked.parse(request.query ?? {});
    return send(reply, storyPage({ told, asked, now: options.now() }));
  });
  app.get('/act', async (request, reply) => {
    const what = readWhat(request.query);
    const plan = await operations.preview(what);
    return send(reply, confirmPage({ what, plan, csrf: csrfTokenOf(request) }));
  });
  app.post('/act', async (request, reply) => {
    const what = readWhat(request.body);
    const deed = Deed.safeParse(request.body);
    if (!deed.success) throw unreasoned();
    const done = await operations.perform({ what, ...deed.data, operator: { name: ADMINISTRATOR } });
    log.info({ verb: what.verb, about: done.plan.about, isNew: done.isNew }, 'asked for by hand');
    const { packageId, revision } = done.plan;
    if ((what.verb === 'revise' || what.verb === 'rebuild') && packageId !== null) {
      return reply.redirect(`/?asked=${packageId.to}&from=${revision?.from ?? 0}`, 303);
    }
    const back = backTo(what);
    return reply.redirect(`${back}${back.includes('?') ? '&' : '?'}asked=${what.verb}`, 303);
  });
}

function readWhat(data: unknown): VerbRequest {
  const what = What.safeParse(data);
  if (what.success) return what.data;
  throw new PermanentError('payload.invalid', 'it is not clear what is asked for', {
    expected: 'a verb with packageId, or with productId',
    found: z.prettifyError(what.error),
    nextStep: 'go back to the overview and begin there',
  });
}

function unreasoned(): PermanentError {
  return new PermanentError('payload.invalid', 'a reason is needed', {
    expected: 'a reason of at most 500 characters, and the plan that was shown',
    nextStep: 'go back and say why; it is kept in the audit log',
  });
}
