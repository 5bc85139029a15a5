import { randomBytes } from 'node:crypto';
import { describeFault, PermanentError, printable, RetryableError } from '../../src/core/errors.js';
import { verifyTimestamp } from '../../src/trust/index.js';
import { postTimestampQuery } from './post.js';
import { writeTimestampRequest } from './request.js';
import { readTimestampResponse } from './response.js';

const TIMEOUT_MS = 15_000;

export interface TimestampOptions {
  /** Tried in this order until one answers rightly. */
  readonly urls: readonly string[];
  /** DER of the roots that an authority's certificate must lead to. */
  readonly roots: readonly Uint8Array[];
  /** For the whole exchange with one authority. */
  readonly timeoutMs?: number;
  now(): Date;
}

export interface Timestamp {
  /** TimeStampToken as the authority sent it. */
  readonly token: Buffer;
  /** ISO 8601. */
  readonly time: string;
  readonly authority: string;
}

/**
 * A checked RFC 3161 token over the octets of a signature: granted, for this imprint and nonce, signed by an authority
 * whose chain ends in a trusted root. There is no signature without one: RetryableError `timestamp.unreachable` when
 * every authority failed, each with its own reason.
 */
export async function obtainTimestamp(signature: Uint8Array, options: TimestampOptions): Promise<Timestamp> {
  if (options.urls.length === 0) {
    throw new PermanentError('configuration.invalid', 'no timestamp authority is configured', {
      expected: 'the addresses of one or two RFC 3161 authorities',
      nextStep: 'set signer.timestampUrls',
    });
  }
  const faults: string[] = [];
  for (const url of options.urls) {
    try {
      return await askAuthority(url, signature, options);
    } catch (error) {
      faults.push(`${printable(url, 200)}: ${describeFault(error)}`);
    }
  }
  throw new RetryableError('timestamp.unreachable', 'no timestamp authority answered rightly', {
    where: `${options.urls.length} authorities`,
    expected: 'a granted, trusted RFC 3161 token',
    found: faults.join(' | '),
    nextStep: 'check signer.timestampUrls, the timestamp roots and the way out',
  });
}

async function askAuthority(
  url: string,
  signature: Uint8Array,
  { timeoutMs = TIMEOUT_MS, roots, now }: TimestampOptions,
): Promise<Timestamp> {
  const request = writeTimestampRequest(signature, randomBytes(8));
  const answer = await postTimestampQuery(url, request.der, timeoutMs);
  const token = readTimestampResponse(answer, request);
  const { time, authority } = await verifyTimestamp(token, signature, roots, now());
  return { token, time, authority };
}
