import type { IncomingHttpHeaders } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { exchangeFault, oddEncoding, type Purpose, tooLarge, tooSlow, unfoldsTooFar } from './faults.js';

/** Of what arrives, whatever it unfolds to: less is a host that only holds us (reference F5). */
const FLOOR_BYTES_PER_SECOND = 10_000;
const FLOOR_WINDOW_MS = 30_000;
/** What people write does not fold so well; small answers may. */
const MAX_RATIO = 100;
const RATIO_FREE_BYTES = 1 << 20;

export interface BodyBounds {
  readonly purpose: Purpose;
  readonly url: string;
  /** Decoded bytes. */
  readonly maxBytes: number;
  readonly floorWindowMs?: number;
}

/**
 * A body decoded and bounded: its size, how far it unfolds, how slowly it comes. Faults of ours are its errors; it is
 * destroyed with them, and the source is for the caller to close.
 */
export function boundedBody(source: Readable, headers: IncomingHttpHeaders, bounds: BodyBounds): Transform {
  const { purpose, url, maxBytes } = bounds;
  let [arrivedBytes, decodedBytes] = [0, 0];
  const decoder = decoderOf(headers);
  const body = new Transform({
    transform(piece: Buffer, _encoding, done) {
      decodedBytes += piece.length;
      if (decodedBytes > maxBytes) done(tooLarge(purpose, url, maxBytes));
      else if (decoder !== null && decodedBytes > Math.max(RATIO_FREE_BYTES, arrivedBytes * MAX_RATIO)) {
        done(unfoldsTooFar(purpose, url, MAX_RATIO));
      } else done(null, piece);
    },
  });
  // Nobody listens to the body before its reader does; a reader that comes late still gets the fault.
  body.on('error', () => undefined);
  if (decoder instanceof Error) return body.destroy(oddEncoding(purpose, url, decoder.message));
  source.on('data', (piece: Buffer) => {
    arrivedBytes += piece.length;
  });
  holdToFloor(body, bounds, () => arrivedBytes);
  if (decoder === null) return source.pipe(body);
  decoder.on('error', (error) => body.destroy(exchangeFault(purpose, url, error, true)));
  body.once('close', () => decoder.destroy());
  return source.pipe(decoder).pipe(body);
}

function holdToFloor(body: Transform, bounds: BodyBounds, arrivedBytes: () => number): void {
  const windowMs = bounds.floorWindowMs ?? FLOOR_WINDOW_MS;
  const leastBytes = (FLOOR_BYTES_PER_SECOND * windowMs) / 1000;
  let before = 0;
  const watch = setInterval(() => {
    // A reader that is slow itself holds the host up, not the other way round.
    const isHeldByReader = body.writableNeedDrain;
    if (!isHeldByReader && arrivedBytes() - before < leastBytes) {
      body.destroy(tooSlow(bounds.purpose, bounds.url, windowMs, true));
    }
    before = arrivedBytes();
  }, windowMs);
  body.once('close', () => clearInterval(watch));
  body.once('end', () => clearInterval(watch));
}

/** At most one encoding, of those that were asked for or that old servers send unasked; an Error for any other. */
function decoderOf(headers: IncomingHttpHeaders): Transform | Error | null {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  switch (encoding) {
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      return createInflate();
    default:
      return new Error(encoding);
  }
}
