import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';

const PIECE_BYTES = 1 << 20;

export interface Digests {
  readonly sha1: string;
  readonly sha256: string;
}

/** A download on its way: what came so far, and its digests. */
export interface PartFile {
  readonly sizeBytes: number;
  /** The validator of the file that it is a part of; null: none is known. */
  readonly etag: string | null;
  append(bytes: Buffer): void;
  /** Written beside the part: what is left by a process that ends is a part of that file and of no other. */
  rememberEtag(etag: string): void;
  /** Base64, of all bytes so far. */
  digests(): Digests;
  /** Gives the file its name. */
  finish(): void;
  /** Removes it: it is not what was wanted. */
  discard(): void;
  close(): void;
}

/** Goes on with what an earlier process left at the path: `<path>.part`, and only with its `<path>.etag`. */
export function openPart(path: string): PartFile {
  const [part, note] = [`${path}.part`, `${path}.etag`];
  let etag = existsSync(part) && existsSync(note) ? readFileSync(note, 'utf8') : null;
  const handle = openSync(part, etag === null ? 'w+' : 'a+', 0o600);
  const hashing = createHashing();
  let sizeBytes = 0;
  const count = (bytes: Buffer) => {
    hashing.update(bytes);
    sizeBytes += bytes.length;
  };
  for (const piece of piecesOf(handle)) count(piece);
  const close = () => closeSync(handle);
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    get etag() {
      return etag;
    },
    append(bytes) {
      for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
      count(bytes);
    },
    rememberEtag(value) {
      writeFileSync(note, value, { mode: 0o600 });
      etag = value;
    },
    digests: hashing.digests,
    finish() {
      renameSync(part, path);
      rmSync(note, { force: true });
    },
    discard() {
      rmSync(part, { force: true });
      rmSync(note, { force: true });
    },
    close,
  };
}

/** Base64. */
export function digestsOf(path: string): Digests {
  const handle = openSync(path, 'r');
  try {
    const hashing = createHashing();
    for (const piece of piecesOf(handle)) hashing.update(piece);
    return hashing.digests();
  } finally {
    closeSync(handle);
  }
}

function createHashing() {
  const [sha1, sha256] = [createHash('sha1'), createHash('sha256')];
  return {
    update(bytes: Buffer) {
      sha1.update(bytes);
      sha256.update(bytes);
    },
    digests: () => ({ sha1: sha1.copy().digest('base64'), sha256: sha256.copy().digest('base64') }),
  };
}

function* piecesOf(handle: number): Generator<Buffer> {
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let at = 0; ; ) {
    const count = readSync(handle, piece, 0, PIECE_BYTES, at);
    if (count === 0) return;
    at += count;
    yield piece.subarray(0, count);
  }
}
