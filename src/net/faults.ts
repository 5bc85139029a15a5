import {
  type PermanentCode,
  PermanentError,
  printable,
  type RetryableCode,
  RetryableError,
} from '../core/errors.js';
import { AddressRefused } from './addresses.js';
import { HostBusy } from './host-turns.js';

/** What the bytes are for; each has its own codes, so that a message names the feed or the installer. */
export interface Purpose {
  readonly name: string;
  readonly unreachable: RetryableCode;
  readonly interrupted: RetryableCode;
  readonly busy: RetryableCode;
  readonly refused: PermanentCode;
  readonly tooLarge: PermanentCode;
  /** What the whole time grows by with the size that is announced. */
  readonly slowestBytesPerSecond: number;
}

export const FEED: Purpose = {
  name: 'the feed',
  unreachable: 'feed.unreachable',
  interrupted: 'feed.unreachable',
  busy: 'feed.busy',
  refused: 'feed.refused',
  tooLarge: 'feed.malformed',
  slowestBytesPerSecond: Number.POSITIVE_INFINITY,
};

export const DOWNLOAD: Purpose = {
  name: 'the download',
  unreachable: 'download.unreachable',
  interrupted: 'download.interrupted',
  busy: 'download.unreachable',
  refused: 'download.refused',
  tooLarge: 'download.too-large',
  slowestBytesPerSecond: 100_000,
};

/** What a failed exchange means: an address that we refuse is permanent, anything else is the outside, for now. */
export function exchangeFault(
  purpose: Purpose,
  url: string,
  error: unknown,
  started: boolean,
): RetryableError | PermanentError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof PermanentError || cause instanceof RetryableError) return cause;
    if (cause instanceof AddressRefused) return notAllowed(purpose, url, cause.message);
    if (cause instanceof HostBusy) return hostBusy(purpose, url, cause);
  }
  const found = error instanceof Error ? error.message : String(error);
  return new RetryableError(
    started ? purpose.interrupted : purpose.unreachable,
    started ? `${purpose.name} broke off` : `${purpose.name} cannot be reached`,
    {
      where: url,
      found,
      nextStep: 'it is tried again; if it lasts, check the network, the proxy and the address',
      cause: error,
    },
  );
}

export function notAllowed(purpose: Purpose, url: string, found: string): PermanentError {
  return new PermanentError(purpose.refused, `the address of ${purpose.name} is not allowed`, {
    where: url,
    expected: 'https to a host of the public Internet, over few redirects',
    found,
    nextStep: 'correct the address in the definition; if it is right, the host leads somewhere else',
  });
}

export function tooLarge(purpose: Purpose, url: string, maxBytes: number): PermanentError {
  return new PermanentError(purpose.tooLarge, `${purpose.name} has more bytes than allowed`, {
    where: url,
    expected: `at most ${maxBytes} bytes`,
    found: 'more',
    nextStep: 'look at what the address really serves',
  });
}

export function tooSlow(purpose: Purpose, url: string, timeoutMs: number, started: boolean): RetryableError {
  return new RetryableError(
    started ? purpose.interrupted : purpose.unreachable,
    `${purpose.name} took too long`,
    {
      where: url,
      expected: `an end within ${timeoutMs} ms`,
      found: started ? 'an unfinished answer' : 'no answer',
      nextStep: 'it is tried again; if it lasts, look at the host or raise the time',
    },
  );
}

export function stopped(purpose: Purpose, url: string, cause: unknown): RetryableError {
  return new RetryableError(purpose.interrupted, `${purpose.name} was stopped`, { where: url, cause });
}

export function unfoldsTooFar(purpose: Purpose, url: string, maxRatio: number): PermanentError {
  return new PermanentError(purpose.tooLarge, `${purpose.name} unfolds too far`, {
    where: url,
    expected: `at most ${maxRatio} times the bytes that were sent`,
    found: 'more: what is built to fill a memory does so',
    nextStep: 'look at what the address really serves',
  });
}

export function oddEncoding(purpose: Purpose, url: string, encoding: string): PermanentError {
  return new PermanentError(purpose.tooLarge, `${purpose.name} is encoded in a way that is not asked for`, {
    where: url,
    expected: 'gzip, br, deflate or nothing, once',
    found: printable(encoding, 80),
    nextStep: 'look at what the address really serves',
  });
}

/** Ours, not the host's: the work goes back into the queue instead of holding a worker. */
function hostBusy(purpose: Purpose, url: string, { message, retryAfterMs }: HostBusy): RetryableError {
  return new RetryableError(purpose.busy, 'it is not our turn at this host', {
    where: url,
    found: message,
    nextStep: 'nothing; it is tried again at its turn (network.perHost in docs/settings.md)',
    retryAfterMs,
  });
}
