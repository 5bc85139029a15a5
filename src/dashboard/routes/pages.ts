import type { FastifyInstance } from 'fastify';
import { ADMINISTRATOR, csrfTokenOf } from '../guard.js';
import type { PageOptions } from '../page-options.js';
import { send } from '../send.js';
import type { StatusSource } from '../status-source.js';
import { overviewPage, overviewParts } from '../view/overview.js';
import { parseView } from '../view/select.js';
import { byHandRoutes } from './by-hand.js';

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
  byHandRoutes(app, options);
  app.post('/logout', async (request, reply) => {
    request.session.delete();
    return reply.redirect('/login', 303);
  });
}
