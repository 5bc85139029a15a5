import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Session } from '@fastify/secure-session';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** There is one account: whoever knows the password. */
export const ADMINISTRATOR = 'admin';

/** Answered by the error handler with its status; `message` is for the person who asked. */
export class Refusal extends Error {
  constructor(
    readonly statusCode: 401 | 403 | 404,
    message: string,
  ) {
    super(message);
  }
}

/** Changes with the password, so that a new one ends every session. */
export function markOf(passwordHash: string): string {
  return createHash('sha256').update(passwordHash).digest('base64').slice(0, 16);
}

export function isSignedIn(request: FastifyRequest, mark: string): boolean {
  return textOf(request, 'user') === ADMINISTRATOR && textOf(request, 'mark') === mark;
}

/** A session of its own for the signed-in person: nothing of the one before stays. */
export function signIn(request: FastifyRequest, mark: string): void {
  request.session.regenerate();
  sessionOf(request).set('user', ADMINISTRATOR);
  sessionOf(request).set('mark', mark);
  csrfTokenOf(request);
}

/** The session's own secret, made when it is first asked for; forms and API calls give it back. */
export function csrfTokenOf(request: FastifyRequest): string {
  const known = textOf(request, 'csrf');
  if (known !== null) return known;
  const made = randomBytes(24).toString('base64url');
  sessionOf(request).set('csrf', made);
  return made;
}

/** Every page and API call behind the session: a browser is sent to the login, a program is told. */
export function requireSession(mark: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (isSignedIn(request, mark)) return undefined;
    if (request.method !== 'GET' || wantsData(request)) throw new Refusal(401, 'sign in first');
    return reply.redirect('/login', 303);
  };
}

export function wantsData(request: FastifyRequest): boolean {
  return request.url.startsWith('/api/') || request.url.startsWith('/live');
}

/** What changes something must come from our own pages: a browser always says where a POST comes from. */
export async function requireSameOrigin(request: FastifyRequest): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, host } = request.headers;
  if (origin === undefined || !URL.canParse(origin) || new URL(origin).host !== host) {
    throw new Refusal(403, 'this request does not come from a page of this server');
  }
}

/** In addition to the origin: the token from the form, or from the header of an API call. */
export async function requireCsrfToken(request: FastifyRequest): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const expected = textOf(request, 'csrf');
  const given = request.headers['x-csrf-token'] ?? formToken(request.body);
  if (expected === null || typeof given !== 'string' || !sameText(given, expected)) {
    throw new Refusal(403, 'this page is out of date: load it again and repeat');
  }
}

function formToken(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'csrf' in body ? body.csrf : undefined;
}

/** What a session holds; the cookie is sealed, and still only text is taken from it. */
interface Kept {
  user: string;
  mark: string;
  csrf: string;
}

function sessionOf(request: FastifyRequest): Session<Kept> {
  return request.session as Session<Kept>;
}

function textOf(request: FastifyRequest, name: keyof Kept): string | null {
  const value: unknown = sessionOf(request).get(name);
  return typeof value === 'string' ? value : null;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
