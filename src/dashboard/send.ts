import type { FastifyReply } from 'fastify';
import type { Html } from './html.js';

/** A page is made for the one who asked, and kept by nobody. */
export function send(reply: FastifyReply, page: Html): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page.text);
}
