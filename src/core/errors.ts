/**
 * The three kinds of fault, decided where they are born (see `errors.md` for every code):
 * retryable (the outside, for now) and permanent (the input, or us) are thrown; a policy question
 * ("the bytes are fine, we do not accept them unasked") is no error but a stage's `held` answer.
 */
export type RetryableCode =
  | 'feed.unreachable'
  | 'feed.busy'
  | 'download.unreachable'
  | 'download.interrupted'
  | 'storage.full'
  | 'signer.unreachable'
  | 'timestamp.unreachable'
  | 'target.unreachable'
  | 'cmg.unreachable'
  | 'queue.unreachable'
  | 'ledger.busy'
  | 'compute.timeout';

export type PermanentCode =
  | 'payload.invalid'
  | 'definition.invalid'
  | 'configuration.invalid'
  | 'feed.refused'
  | 'feed.malformed'
  | 'feed.no-release'
  | 'download.too-large'
  | 'download.refused'
  | 'installer.malformed'
  | 'installer.mismatch'
  | 'package.invalid'
  | 'proof.failed'
  | 'cabinet.limit'
  | 'cabinet.malformed'
  | 'cabinet.unsupported'
  | 'catalog.invalid'
  | 'signature.malformed'
  | 'signer.refused'
  | 'target.refused'
  | 'protocol.violation'
  | 'content.corrupt'
  | 'content.missing'
  | 'ledger.refused-value'
  | 'plan.stale'
  | 'plan.refused'
  | 'not-found'
  | 'internal';

export interface FaultDetails {
  /** What the fault is about: a file, an address, an id. */
  readonly where?: string;
  readonly expected?: string;
  readonly found?: string;
  /** What a person does next. */
  readonly nextStep?: string;
  readonly cause?: unknown;
  /** Retryable only: not before this many milliseconds. */
  readonly retryAfterMs?: number;
}

abstract class Fault extends Error {
  readonly where: string | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;
  readonly nextStep: string | undefined;

  constructor(message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.where = details.where;
    this.expected = details.expected;
    this.found = details.found;
    this.nextStep = details.nextStep;
  }
}

export class RetryableError extends Fault {
  override readonly name = 'RetryableError';
  readonly retryAfterMs: number | undefined;
  constructor(
    readonly code: RetryableCode,
    message: string,
    details: FaultDetails = {},
  ) {
    super(message, details);
    this.retryAfterMs = details.retryAfterMs;
  }
}

export class PermanentError extends Fault {
  override readonly name = 'PermanentError';
  constructor(
    readonly code: PermanentCode,
    message: string,
    details: FaultDetails = {},
  ) {
    super(message, details);
  }
}

/** One line for a person: what, where, expected, found, next step. Control characters never reach a log or a terminal. */
export function describeFault(error: unknown): string {
  if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) {
    return printable(error instanceof Error ? error.message : String(error));
  }
  const parts = [`${error.code}: ${error.message}`];
  if (error.where !== undefined) parts.push(`where: ${error.where}`);
  if (error.expected !== undefined) parts.push(`expected: ${error.expected}`);
  if (error.found !== undefined) parts.push(`found: ${error.found}`);
  if (error.nextStep !== undefined) parts.push(`next: ${error.nextStep}`);
  return printable(parts.join('; '));
}

/** Untrusted text made safe for a log line or a terminal: control and bidi characters become `\u{..}`. */
export function printable(text: string, maxLength = 600): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `\\u{${point.toString(16)}}`;
  });
}
