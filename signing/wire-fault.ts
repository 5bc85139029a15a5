import { z } from 'zod';
import { PermanentError, RetryableError } from '../src/core/errors.js';

const Text = z.string().max(20_000).optional();
const Details = { message: z.string().max(2000), where: Text, expected: Text, found: Text, nextStep: Text };

/** A fault as it crosses the socket, with the codes that the signer can answer. */
export const WireFault = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('retryable'),
    code: z.enum(['timestamp.unreachable', 'storage.full']),
    ...Details,
  }),
  z.object({
    kind: z.literal('permanent'),
    code: z.enum([
      'payload.invalid',
      'configuration.invalid',
      'cabinet.malformed',
      'signature.malformed',
      'signer.refused',
      'content.corrupt',
      'content.missing',
      'internal',
    ]),
    ...Details,
  }),
]);
export type WireFault = z.infer<typeof WireFault>;

/** What is no fault of ours is told as `internal` and nothing more: its text may hold what nobody outside needs. */
export function writeFault(error: unknown): WireFault {
  const known = error instanceof RetryableError || error instanceof PermanentError;
  const fault = WireFault.safeParse(
    known ? { ...error, message: error.message, kind: kindOf(error) } : undefined,
  );
  if (fault.success) return fault.data;
  return {
    kind: 'permanent',
    code: 'internal',
    message: 'the signer failed',
    nextStep: "look at the signer's log",
  };
}

export function readFault(fault: WireFault): Error {
  const { message, where, expected, found, nextStep } = fault;
  const details = {
    ...(where === undefined ? {} : { where }),
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    ...(nextStep === undefined ? {} : { nextStep }),
  };
  return fault.kind === 'retryable'
    ? new RetryableError(fault.code, message, details)
    : new PermanentError(fault.code, message, details);
}

function kindOf(error: RetryableError | PermanentError): WireFault['kind'] {
  return error instanceof RetryableError ? 'retryable' : 'permanent';
}
