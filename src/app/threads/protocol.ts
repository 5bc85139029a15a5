import { type PermanentCode, PermanentError, type RetryableCode, RetryableError } from '../../core/errors.js';
import type { ComputeTasks } from '../../core/ports.js';

export interface ThreadRequest {
  readonly id: number;
  readonly task: keyof ComputeTasks;
  readonly input: unknown;
}

export type ThreadAnswer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly fault: CarriedFault };

/** A fault as it crosses the thread boundary, where classes are lost. */
export interface CarriedFault {
  readonly kind: 'retryable' | 'permanent' | 'other';
  readonly code: string;
  readonly message: string;
  readonly where?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly nextStep?: string;
}

export function carryFault(error: unknown): CarriedFault {
  if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) {
    return {
      kind: 'other',
      code: 'internal',
      message: error instanceof Error ? error.message : String(error),
    };
  }
  const { code, message, where, expected, found, nextStep } = error;
  return {
    kind: error instanceof RetryableError ? 'retryable' : 'permanent',
    code,
    message,
    ...(where === undefined ? {} : { where }),
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    ...(nextStep === undefined ? {} : { nextStep }),
  };
}

export function liftFault({ kind, code, message, ...details }: CarriedFault): Error {
  if (kind === 'retryable') return new RetryableError(code as RetryableCode, message, details);
  return new PermanentError(kind === 'permanent' ? (code as PermanentCode) : 'internal', message, details);
}

/** A Buffer crosses the boundary as a plain Uint8Array; the types promise a Buffer again. */
export function liftOutput(task: keyof ComputeTasks, output: unknown): unknown {
  if (task !== 'verifySignature') return output;
  const report = output as ComputeTasks['verifySignature']['output'];
  if (report.status !== 'valid') return report;
  const { buffer, byteOffset, byteLength }: Uint8Array = report.signer.certificateDer;
  const certificateDer = Buffer.from(buffer, byteOffset, byteLength);
  return { ...report, signer: { ...report.signer, certificateDer } };
}
