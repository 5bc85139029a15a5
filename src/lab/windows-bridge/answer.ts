import { z } from 'zod';
import { printable } from '../../core/errors.js';
import { callServer } from './call-server.js';

/** Where the lab's update server is; written by whoever starts the lab. */
export const ServerAccess = z.strictObject({
  /** The name in the server's certificate. */
  host: z.string(),
  address: z.string(),
  port: z.int(),
  /** PEM. */
  ca: z.string(),
  token: z.string(),
  /** Of the site's REST interface. */
  siteToken: z.string(),
});
export type ServerAccess = z.infer<typeof ServerAccess>;

const AdminServiceCall = z.object({
  method: z.enum(['GET', 'POST']),
  address: z.url({ protocol: /^https$/ }),
  bodyText: z.string().nullable(),
});

/** The answer to one job, without its envelope. */
export async function answerJob(
  access: ServerAccess,
  verb: string,
  call: unknown,
): Promise<Record<string, unknown>> {
  if (verb === 'admin-service') return { ok: true, result: await askAdminService(access, call) };
  const { status, value } = await callServer(access, {
    method: 'POST',
    path: `/lab/wsus/${verb}`,
    body: call,
  });
  if (status === 200) return { ok: true, ...z.object({ result: z.unknown() }).parse(value) };
  if (status === 400) return { ok: false, ...z.object({ error: z.unknown() }).parse(value) };
  return failure('connect', new Error(`HTTP status ${status}`));
}

/** A real far side asks under its Windows account; the lab's site knows tokens only. */
async function askAdminService(access: ServerAccess, call: unknown) {
  const { method, address, bodyText } = AdminServiceCall.parse(call);
  const { pathname, search } = new URL(address);
  const body = bodyText === null ? null : JSON.parse(bodyText);
  const server = { ...access, token: access.siteToken };
  const { status, value } = await callServer(server, { method, path: `${pathname}${search}`, body });
  return { status, bodyText: JSON.stringify(value) };
}

export function failure(step: string, error: unknown) {
  const message = printable(error instanceof Error ? error.message : String(error));
  return { ok: false, error: { step, message, exception: null } };
}
