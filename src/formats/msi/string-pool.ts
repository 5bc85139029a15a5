import { malformed } from '../cfb/header.js';
import { decodeText } from './code-pages.js';

export interface StringPool {
  readonly codePage: number;
  /** Width of a reference in table rows. */
  readonly referenceBytes: 2 | 3;
  /** String `id` counts from 1; 0 is null. */
  get(id: number): string | null;
}

/** `_StringPool` (u2 length, u2 reference count per string) over `_StringData`, which is one text after the other. */
export function readStringPool(pool: Buffer, data: Buffer): StringPool {
  if (pool.length < 4) throw malformed('the string pool is cut off', '4 bytes or more', `${pool.length}`);
  const codePage = pool.readUInt16LE(0);
  const places = stringPlaces(pool, data.length);
  return {
    codePage,
    referenceBytes: (pool.readUInt16LE(2) & 0x8000) === 0 ? 2 : 3,
    get(id) {
      if (id === 0) return null;
      const place = places[id - 1];
      if (place === undefined) throw malformed('a string is missing', `at most ${places.length}`, `${id}`);
      return decodeText(data.subarray(place.start, place.end), codePage);
    },
  };
}

function stringPlaces(pool: Buffer, dataBytes: number): { readonly start: number; readonly end: number }[] {
  const places: { start: number; end: number }[] = [];
  let start = 0;
  for (let at = 4; at + 4 <= pool.length; at += 4) {
    let length = pool.readUInt16LE(at);
    const references = pool.readUInt16LE(at + 2);
    // Over 64 KiB: this entry holds the upper half of the length, the next one the lower.
    if (length === 0 && references !== 0 && at + 8 <= pool.length) {
      at += 4;
      length = references * 0x10000 + pool.readUInt16LE(at);
    }
    if (start + length > dataBytes) {
      throw malformed('a string passes the string data', `${dataBytes} bytes`, `${start + length}`);
    }
    places.push({ start, end: start + length });
    start += length;
  }
  return places;
}
