import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { Log } from '../../core/ports.js';
import type { Operations } from '../../operations/operations.js';
import type { OverviewRow } from '../../operations/overview.js';
import { ADMINISTRATOR, csrfTokenOf, Refusal } from '../guard.js';
import type { Html } from '../html.js';
import type { StatusSource } from '../status-source.js';
import { overviewPage, overviewParts } from '../view/overview.js';
import { republishPage } from '../view/republish.js';
import { parseView } from '../view/select.js';

export interface PageOptions {
  readonly operations: Operations;
  readonly log: Log;
  readonly now: () => Date;
}

const PackageId = z.guid();
const RepublishForm = z.object({
  reason: z.string().trim().min(1).max(500),
  requestId: z.guid(),
});

/** Pages that work without a script; the script only brings `/live` into the page that is open. */
export function pageRoutes(app: FastifyInstance, options: PageOptions, status: StatusSource): void {
  app.get('/', async (request, reply) => {
    const view = parseView(request.query);
    const facts = { status: await status.read(), view, now: options.now(), csrf: csrfTokenOf(request) };
    return send(reply, overviewPage(facts));
  });
  app.get('/live', async (request, reply) => {
    const view = parseView(request.query);
    const facts = { status: await status.read(), view, now: options.now(), csrf: csrfTokenOf(request) };
    return send(reply, overviewParts(facts));
  });
  app.post('/sync', async (_request, reply) => {
    const started = await options.operations.sync({ operator: { name: ADMINISTRATOR } });
    options.log.info({ syncId: started.syncId, products: started.productIds.length }, 'sync asked for');
    return reply.redirect('/?asked=sync', 303);
  });
  republishRoutes(app, options, status);
  app.post('/logout', async (request, reply) => {
    request.session.delete();
    return reply.redirect('/login', 303);
  });
}

/** First a page that says what will happen, then the deed. The request id makes a double click one revision. */
function republishRoutes(app: FastifyInstance, options: PageOptions, status: StatusSource): void {
  app.get<{ Params: { packageId: string } }>('/republish/:packageId', async (request, reply) => {
    const row = await rowOf(status, request.params.packageId);
    return send(reply, republishPage({ row, csrf: csrfTokenOf(request), requestId: randomUUID() }));
  });
  app.post<{ Params: { packageId: string } }>('/republish/:packageId', async (request, reply) => {
    const { packageId } = await rowOf(status, request.params.packageId);
    const form = RepublishForm.safeParse(request.body);
    if (!form.success) {
      throw new PermanentError('payload.invalid', 'a reason is needed to republish', {
        expected: 'a reason of at most 500 characters',
        nextStep: 'go back and say why; it is kept in the audit log',
      });
    }
    const started = await options.operations.republish({
      packageId,
      intent: 'revise',
      reason: form.data.reason,
      operator: { name: ADMINISTRATOR },
      requestId: form.data.requestId,
    });
    options.log.info({ packageId, fromRevision: started.fromRevision }, 'republish asked for');
    return reply.redirect(`/?asked=${packageId}&from=${started.fromRevision}`, 303);
  });
}

async function rowOf(
  status: StatusSource,
  id: string,
): Promise<OverviewRow & { readonly packageId: string }> {
  const { rows } = await status.read();
  const row = PackageId.safeParse(id).success ? rows.find((one) => one.packageId === id) : undefined;
  if (row?.packageId === undefined || row.packageId === null) {
    throw new Refusal(404, 'there is no update with this PackageID');
  }
  return { ...row, packageId: row.packageId };
}

function send(reply: FastifyReply, page: Html): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page.text);
}
