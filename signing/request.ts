import { type KeyObject, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PermanentError, printable } from '../src/core/errors.js';
import type { SigningRequest } from '../src/core/ports.js';
import { signText, verifyText } from './attestation.js';
import { canonicalJson } from './canonical-json.js';

/** How old, or how far ahead, a request may be. */
export const REQUEST_LIFETIME_MS = 5 * 60_000;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Signature = z.base64().max(100);

const AttestationShape = z.strictObject({
  packageId: z.guid().lowercase(),
  revision: z.int().positive(),
  sdpSha256: Sha256,
  payloadSha256: Sha256,
  proofSha256: Sha256,
  decisionId: z.string().min(1).max(100),
  signature: Signature,
});

const SignedRequestShape = z.strictObject({
  purpose: z.enum(['catalog', 'content']),
  contentSha256: Sha256,
  attestations: z.array(AttestationShape).max(65_000),
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  sentAt: z.iso.datetime(),
  signature: Signature,
});

/** What goes over the socket: the request, once and now, signed by the app role. */
export type SignedRequest = z.infer<typeof SignedRequestShape>;

export function writeSignedRequest(request: SigningRequest, key: KeyObject, now: Date): string {
  const { purpose, contentSha256, attestations } = request;
  const unsigned = {
    purpose,
    contentSha256,
    attestations,
    nonce: randomBytes(16).toString('hex'),
    sentAt: now.toISOString(),
  };
  return JSON.stringify({ ...unsigned, signature: signText(key, canonicalJson(unsigned)) });
}

/** PermanentError `payload.invalid`: only its form is checked here. */
export function parseSignedRequest(text: string): SignedRequest {
  const request = SignedRequestShape.safeParse(jsonOf(text));
  if (request.success) return request.data;
  throw new PermanentError('payload.invalid', 'a signing request is malformed', {
    expected: '{purpose, contentSha256, attestations, nonce, sentAt, signature}',
    found: printable(z.prettifyError(request.error)),
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface RequestGuard {
  /** PermanentError `signer.refused` for a request of someone else, a stale one, or one that was seen before. */
  admit(request: SignedRequest): void;
}

/**
 * Nonces are kept as long as a request may live. They are forgotten when the signer ends, so what was sent before it
 * started is stale.
 */
export function createRequestGuard(publicKey: KeyObject, now: () => Date): RequestGuard {
  const startedAt = now().getTime();
  const seen = new Map<string, number>();
  return {
    admit(request) {
      const { signature, ...unsigned } = request;
      if (!verifyText(publicKey, canonicalJson(unsigned), signature)) {
        throw refused('a request that our own service signed', 'another signature');
      }
      const at = now().getTime();
      const sentAt = Date.parse(request.sentAt);
      if (sentAt < startedAt || Math.abs(at - sentAt) > REQUEST_LIFETIME_MS) {
        throw refused('a request of the last five minutes', `one of ${request.sentAt}`);
      }
      for (const [nonce, until] of seen) if (until < at) seen.delete(nonce);
      if (seen.has(request.nonce)) throw refused('a new nonce', 'one that was used before');
      // A request from the near future lives longer by as much.
      seen.set(request.nonce, Math.max(at, sentAt) + REQUEST_LIFETIME_MS);
    },
  };
}

function refused(expected: string, found: string): PermanentError {
  return new PermanentError('signer.refused', 'the signer does not take this request', {
    expected,
    found,
    nextStep: 'look who else uses the socket; check that the clocks are right',
  });
}
