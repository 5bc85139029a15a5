import { closeSync, fstatSync, fsyncSync, openSync, readSync, rmSync, writeSync, writevSync } from 'node:fs';
import { PermanentError, RetryableError } from '../../core/errors.js';
import type { CabinetMember } from '../../core/ports.js';
import type { CabinetInput } from './blocks.js';
import { type CabinetFolderInput, type CabinetSink, writeCabinetTo } from './write.js';

const PIECE_BYTES = 4 << 20;
const SINK_BYTES = 4 << 20;
const SINK_PIECES = 512;

/** A cabinet of one folder, as `writeCabinetFolders`: compression sees everything. */
export function writeCabinet(
  members: readonly CabinetMember[],
  outPath: string,
  options: { readonly signatureReserve: boolean },
): { readonly sizeBytes: number } {
  return writeCabinetFolders([{ members: members.map(memberInput) }], outPath, options);
}

/**
 * Writes a cabinet to `outPath`, in constant memory and synchronously: call it from a thread of its own.
 * Nothing is left at `outPath` when it throws: PermanentError `cabinet.limit`, `content.missing` (a member's file),
 * `content.corrupt` (it changed meanwhile), RetryableError `storage.full`.
 */
export function writeCabinetFolders(
  folders: readonly CabinetFolderInput[],
  outPath: string,
  options: { readonly signatureReserve: boolean },
): { readonly sizeBytes: number } {
  try {
    return writeAll(folders, outPath, options);
  } catch (error) {
    rmSync(outPath, { force: true });
    throw asFault(error, outPath);
  }
}

function writeAll(
  folders: readonly CabinetFolderInput[],
  outPath: string,
  options: { readonly signatureReserve: boolean },
): { readonly sizeBytes: number } {
  const file = openSync(outPath, 'w');
  try {
    const sink = bufferedSink(file);
    const written = writeCabinetTo(sink, folders, options);
    sink.flush();
    fsyncSync(file);
    return written;
  } finally {
    closeSync(file);
  }
}

/** PermanentError `content.missing` when its file cannot be opened. */
export function memberInput(member: CabinetMember): CabinetInput {
  const { name, modified, content } = member;
  if ('bytes' in content) {
    return { name, modified, sizeBytes: content.bytes.length, pieces: () => [content.bytes] };
  }
  const { path } = content;
  return {
    name,
    modified,
    sizeBytes: withFile(path, (file) => fstatSync(file).size),
    pieces: () => filePieces(path),
  };
}

function* filePieces(path: string): Generator<Uint8Array> {
  const file = openMember(path);
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const length = readSync(file, piece, 0, piece.length, null);
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

function withFile<T>(path: string, body: (file: number) => T): T {
  const file = openMember(path);
  try {
    return body(file);
  } finally {
    closeSync(file);
  }
}

function openMember(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new PermanentError('content.missing', 'a member cannot be opened', { where: path, cause });
  }
}

/** Joins the blocks, which come in order, into large writes; anything else goes straight to its place. */
function bufferedSink(file: number): CabinetSink & { flush(): void } {
  let waiting: Uint8Array[] = [];
  let start = 0;
  let end = 0;
  const flush = (): void => {
    if (waiting.length > 0) writeFully(file, waiting, start);
    waiting = [];
    start = end;
  };
  return {
    flush,
    write(bytes, position) {
      if (position !== end || end - start > SINK_BYTES || waiting.length >= SINK_PIECES) flush();
      if (waiting.length === 0) start = position;
      waiting.push(bytes);
      end = position + bytes.length;
    },
  };
}

function writeFully(file: number, pieces: readonly Uint8Array[], position: number): void {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  let done = writevSync(file, pieces, position);
  if (done === total) return;
  const bytes = Buffer.concat(pieces);
  while (done < total) done += writeSync(file, bytes, done, total - done, position + done);
}

function asFault(error: unknown, outPath: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new RetryableError('storage.full', 'there is no space left for a cabinet', {
    where: outPath,
    nextStep: 'free space; the work resumes by itself',
    cause: error,
  });
}
