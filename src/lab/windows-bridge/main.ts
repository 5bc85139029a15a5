import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { printable } from '../../core/errors.js';
import { callServer } from './call-server.js';

/** Where the lab's update server is; written by whoever starts the lab. */
const Configuration = z.strictObject({
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

const AdminServiceCall = z.object({
  method: z.enum(['GET', 'POST']),
  address: z.url({ protocol: /^https$/ }),
  bodyText: z.string().nullable(),
});

/** docs/windows-bridge.md: one job on standard input. */
const Job = z.looseObject({
  protocol: z.literal(1),
  jobId: z.string().min(1).max(100),
  verb: z.enum([
    'probe',
    'cert',
    'list',
    'list-local',
    'export-sdp',
    'publish',
    'publish-signed',
    'publish-metadata',
    'revise',
    'resign',
    'expire',
    'decline',
    'undecline',
    'delete',
    'admin-service',
    'publish-content',
    'enable-product',
  ]),
});

const MAX_JOB_BYTES = 32 << 20;

/**
 * In the place of `patchpress-bridge.ps1` on a Windows server: the same job on standard input, the same result on
 * standard output. What it knows of the server it asks the lab's own publishing calls for.
 */
async function main(): Promise<void> {
  const job = Job.parse(JSON.parse(await readInput()));
  const { protocol, jobId, verb, ...call } = job;
  const answer = await answerOf(verb, call).catch((error: unknown) => failure('connect', error));
  process.stdout.write(`${JSON.stringify({ protocol, jobId, ...answer })}\n`);
}

async function answerOf(verb: string, call: unknown): Promise<Record<string, unknown>> {
  const [, , file = ''] = process.argv;
  const configuration = Configuration.parse(JSON.parse(readFileSync(file, 'utf8')));
  if (verb === 'admin-service') return { ok: true, result: await askAdminService(configuration, call) };
  const { status, value } = await callServer(configuration, {
    method: 'POST',
    path: `/lab/wsus/${verb}`,
    body: call,
  });
  if (status === 200) return { ok: true, ...z.object({ result: z.unknown() }).parse(value) };
  if (status === 400) return { ok: false, ...z.object({ error: z.unknown() }).parse(value) };
  return failure('connect', new Error(`HTTP status ${status}`));
}

/** A real far side asks under its Windows account; the lab's site knows tokens only. */
async function askAdminService(configuration: z.infer<typeof Configuration>, call: unknown) {
  const { method, address, bodyText } = AdminServiceCall.parse(call);
  const { pathname, search } = new URL(address);
  const body = bodyText === null ? null : JSON.parse(bodyText);
  const server = { ...configuration, token: configuration.siteToken };
  const { status, value } = await callServer(server, { method, path: `${pathname}${search}`, body });
  return { status, bodyText: JSON.stringify(value) };
}

function failure(step: string, error: unknown) {
  const message = printable(error instanceof Error ? error.message : String(error));
  return { ok: false, error: { step, message, exception: null } };
}

async function readInput(): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_JOB_BYTES) throw new Error('the job is too large');
  }
  return Buffer.concat(pieces).toString('utf8');
}

main().catch((error: unknown) => {
  process.stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`);
  process.exit(1);
});
