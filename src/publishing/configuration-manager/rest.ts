import { z } from 'zod';
import { PermanentError, RetryableError } from '../../core/errors.js';

/** How the site's REST interface is reached; throws RetryableError when there is no answer. */
export interface SiteTransport {
  send(
    method: 'GET' | 'POST',
    address: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
  ): Promise<{ readonly status: number; readonly body: Buffer }>;
}

export interface SiteRest {
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

const Refusal = z.object({ error: z.object({ message: z.string() }) });

/**
 * JSON over the site's AdminService, with a bearer token or as whom the transport logs on. PermanentError `target.refused` for 4xx, with the site's own
 * words, RetryableError `target.unreachable` for everything else that is no 2xx.
 */
export function createSiteRest(deps: {
  readonly baseUrl: string;
  /** Null: the transport logs on by itself. */
  readonly token: string | null;
  readonly transport: SiteTransport;
}): SiteRest {
  const call = async (method: 'GET' | 'POST', path: string, body: unknown): Promise<unknown> => {
    const address = `${deps.baseUrl.replace(/\/$/, '')}${path}`;
    const answer = await exchange(deps, method, address, body);
    if (answer.status >= 200 && answer.status < 300) return decode(answer.body, address);
    throw fault(answer.status, answer.body, address);
  };
  return { get: (path) => call('GET', path, null), post: (path, body) => call('POST', path, body) };
}

async function exchange(
  deps: { readonly token: string | null; readonly transport: SiteTransport },
  method: 'GET' | 'POST',
  address: string,
  body: unknown,
) {
  const headers = {
    accept: 'application/json',
    ...(deps.token === null ? {} : { authorization: `Bearer ${deps.token}` }),
    ...(body === null ? {} : { 'content-type': 'application/json' }),
  };
  try {
    return await deps.transport.send(method, address, headers, body === null ? null : JSON.stringify(body));
  } catch (cause) {
    if (cause instanceof PermanentError || cause instanceof RetryableError) throw cause;
    throw new RetryableError('target.unreachable', 'the site does not answer', {
      where: address,
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: 'check that the AdminService runs and can be reached; it is tried again',
      cause,
    });
  }
}

function decode(body: Buffer, address: string): unknown {
  if (body.length === 0) return null;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new PermanentError('protocol.violation', 'the site answers in another form', {
      where: address,
      expected: 'JSON',
      found: body.toString('utf8', 0, 80),
      cause,
    });
  }
}

function fault(status: number, body: Buffer, address: string): Error {
  const details = { where: address, expected: 'status 200 or 201', found: `status ${status}` };
  if (status >= 500 || status === 429) {
    return new RetryableError('target.unreachable', `the site cannot answer: ${wordsOf(body)}`, details);
  }
  return new PermanentError('target.refused', wordsOf(body), {
    ...details,
    nextStep:
      status === 401 || status === 403
        ? 'check the token and the rights of its account'
        : "read the site's message and correct the update",
  });
}

function wordsOf(body: Buffer): string {
  const text = body.toString('utf8', 0, 2000);
  try {
    return Refusal.parse(JSON.parse(text)).error.message;
  } catch {
    return text.slice(0, 200).trim() || 'no reason given';
  }
}
