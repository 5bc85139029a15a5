import { PermanentError, RetryableError } from '../core/errors.js';

export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

/** A full disk is the outside, for now: nothing was kept of the object, and the work is tried again. */
export function asStorageFault(error: unknown, path: string): unknown {
  if (!isSystemError(error, 'ENOSPC') && !isSystemError(error, 'EDQUOT')) return error;
  return new RetryableError('storage.full', 'the disk of the content store is full', {
    where: path,
    found: (error as NodeJS.ErrnoException).code ?? '',
    nextStep: 'free space there; the work resumes by itself',
    cause: error,
  });
}

export function tooLarge(maxBytes: number): PermanentError {
  return new PermanentError('download.too-large', 'more bytes than the limit', {
    expected: `at most ${maxBytes} bytes`,
    nextStep: 'raise maxInstallerBytes if the file is right',
  });
}
