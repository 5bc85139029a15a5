import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { printable } from '../../core/errors.js';
import { answerJob, failure, ServerAccess } from './answer.js';

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
    'enable-classification',
    'update-group',
    'add-to-update-group',
    'remove-from-update-group',
    'save-update',
    'distribute-package',
    'deploy-update-group',
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
  const [, , file = ''] = process.argv;
  const access = ServerAccess.parse(JSON.parse(readFileSync(file, 'utf8')));
  const answer = await answerJob(access, verb, call).catch((error: unknown) => failure('connect', error));
  process.stdout.write(`${JSON.stringify({ protocol, jobId, ...answer })}\n`);
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
