import { printable } from '../core/errors.js';
import type { SignatureReport } from '../core/installer.js';

export type RejectionReason = Extract<SignatureReport, { status: 'invalid' }>['reason'];

/** Why a signature is not valid: an answer about foreign bytes, thrown inside of this folder only. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  constructor(
    readonly reason: RejectionReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}

/** A report's `detail` may quote what a file says: it ends up in logs and on pages. */
export function invalidReport(reason: RejectionReason, detail: string): SignatureReport {
  return { status: 'invalid', reason, detail: printable(detail) };
}

export function malformed(detail: string): Rejection {
  return new Rejection('malformed', detail);
}
