import { request as requestHttp } from 'node:http';
import { z } from 'zod';
import { printable, RetryableError } from '../src/core/errors.js';
import type { Signer } from '../src/core/ports.js';
import { attestorPrivateKey } from './attestation.js';
import { writeSignedRequest } from './request.js';
import { readFault, WireFault } from './wire-fault.js';

/** A large catalog and two authorities that time out. */
const TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 256 * 1024;

const Answer = z.union([
  z.strictObject({
    signed: z.strictObject({
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      certificateThumbprint: z.string().regex(/^[0-9A-F]{40}$/),
    }),
  }),
  z.strictObject({ fault: WireFault }),
]);

/** The `Signer` port over the signer's socket. Faults come back as the signer threw them; no answer is retryable. */
export function createSignerClient(options: {
  readonly socketPath: string;
  /** PEM: the app role's own key. */
  readonly attestorPrivateKey: string;
  readonly timeoutMs?: number;
  readonly now?: () => Date;
}): Signer {
  const { socketPath, timeoutMs = TIMEOUT_MS, now = () => new Date() } = options;
  const key = attestorPrivateKey(options.attestorPrivateKey);
  return {
    async sign(request) {
      const body = Buffer.from(writeSignedRequest(request, key, now()), 'utf8');
      const text = await post(socketPath, body, timeoutMs).catch((cause: unknown) => {
        throw unreachable(socketPath, cause);
      });
      const answer = Answer.safeParse(jsonOf(text));
      if (!answer.success) throw unreachable(socketPath, new Error('the answer is not one of a signer'));
      if ('fault' in answer.data) throw readFault(answer.data.fault);
      return answer.data.signed;
    },
  };
}

function post(socketPath: string, body: Buffer, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = requestHttp({
      socketPath,
      path: '/sign',
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    });
    call.once('error', reject);
    call.once('response', (response) => {
      const pieces: Buffer[] = [];
      let length = 0;
      response.once('error', reject);
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length > MAX_ANSWER_BYTES) call.destroy(new Error('the answer is too large'));
      });
      response.once('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(pieces).toString('utf8'));
        else reject(new Error(`HTTP status ${response.statusCode}`));
      });
    });
    call.end(body);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(socketPath: string, cause: unknown): RetryableError {
  return new RetryableError('signer.unreachable', 'the signer does not answer', {
    where: socketPath,
    found: printable(cause instanceof Error ? cause.message : String(cause)),
    nextStep: 'start it (`patchpress signer`) and look at its log',
    cause,
  });
}
