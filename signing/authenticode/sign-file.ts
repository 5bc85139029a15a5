import { chmod, copyFile, type FileHandle, open, rm } from 'node:fs/promises';
import { PermanentError, RetryableError } from '../../src/core/errors.js';
import { RESERVE_OFFSET } from '../../src/formats/cab/index.js';
import { withFileSource } from '../../src/formats/file-source.js';
import {
  type CabinetSigning,
  cabinetDigest,
  makeCabinetSignature,
  readUnsignedCabinet,
  type UnsignedCabinet,
} from './sign.js';

/**
 * Signs a copy of the cabinet at `unsignedPath`, which must have been written with the signature reserve; a file at
 * `signedPath` is replaced. Nothing is left there when it throws: PermanentError `signature.malformed` or
 * `configuration.invalid`, RetryableError `timestamp.unreachable` or `storage.full`.
 */
export async function signCabinet(
  request: CabinetSigning & { readonly unsignedPath: string; readonly signedPath: string },
): Promise<void> {
  const { unsignedPath, signedPath } = request;
  try {
    await rm(signedPath, { force: true });
    // What is signed is the copy, whatever becomes of the original meanwhile.
    await copyFile(unsignedPath, signedPath);
    await chmod(signedPath, 0o600);
    const cabinet = withFileSource(signedPath, readUnsignedCabinet);
    const { reserve, appended } = await makeCabinetSignature(cabinet, request);
    await withFile(signedPath, async (file) => {
      await file.write(reserve, 0, reserve.length, RESERVE_OFFSET);
      await file.write(appended, 0, appended.length, cabinet.sizeBytes);
      await file.sync();
    });
    requireSameDigest(cabinet, withFileSource(signedPath, cabinetDigest));
  } catch (error) {
    await rm(signedPath, { force: true });
    throw asStorageFault(error, signedPath);
  }
}

/** The digest of what was written, read back, is the one that was signed. */
export function requireSameDigest(signed: UnsignedCabinet, found: Buffer): void {
  if (found.equals(signed.sha256)) return;
  throw new PermanentError('internal', 'the signed cabinet does not have the digest that was signed', {
    expected: signed.sha256.toString('hex'),
    found: found.toString('hex'),
  });
}

async function withFile(path: string, body: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'r+');
  await body(file).finally(() => file.close());
}

/** A full disk is the outside, for now. */
export function asStorageFault(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new RetryableError('storage.full', 'there is no space left for a signed cabinet', {
    where: path,
    nextStep: 'free space; the work resumes by itself',
    cause: error,
  });
}
