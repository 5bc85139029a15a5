import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Log } from '../../core/ports.js';
import { csrfTokenOf, isSignedIn, requireCsrfToken, requireSameOrigin, signIn } from '../guard.js';
import { verifyPassword } from '../password.js';
import { loginPage } from '../view/login.js';

const LoginForm = z.object({ password: z.string().min(1).max(1024) });
const TRIES_PER_MINUTE = 5;

/** One answer for every wrong try; few tries a minute from one address. */
export function loginRoutes(
  app: FastifyInstance,
  { passwordHash, log }: { readonly passwordHash: string; readonly log: Log },
  mark: string,
): void {
  app.get('/login', async (request, reply) => {
    if (isSignedIn(request, mark)) return reply.redirect('/', 303);
    return showLogin(request, reply, false);
  });
  app.post(
    '/login',
    {
      config: { rateLimit: { max: TRIES_PER_MINUTE, timeWindow: 60_000 } },
      onRequest: requireSameOrigin,
      preHandler: requireCsrfToken,
    },
    async (request, reply) => {
      const form = LoginForm.safeParse(request.body);
      if (!form.success || !(await verifyPassword(form.data.password, passwordHash))) {
        log.warn({ address: request.ip }, 'a login failed');
        return showLogin(request, reply.code(401), true);
      }
      signIn(request, mark);
      log.info({ address: request.ip }, 'signed in');
      return reply.redirect('/', 303);
    },
  );
}

function showLogin(request: FastifyRequest, reply: FastifyReply, failed: boolean): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(loginPage({ csrf: csrfTokenOf(request), failed }).text);
}
