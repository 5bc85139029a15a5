import { bufferSource } from '../../core/bytes.js';
import { cabAuthenticodeRanges, RESERVE_OFFSET } from './signature.js';

const RESERVE_BYTES = 20;

/** Why `after` is anything else than `before` with a signature; null: it is that. cab-and-authenticode 2 */
export function whyNotSignedCopy(
  before: Buffer,
  after: Buffer,
): { readonly expected: string; readonly found: string } | null {
  const { signature, trailingBytes } = cabAuthenticodeRanges(bufferSource(after));
  if (signature === null) return { expected: 'a signature', found: 'none' };
  if (trailingBytes !== 0) {
    return { expected: 'nothing behind the signature', found: `${trailingBytes} bytes` };
  }
  // Signing fills the reserve and appends; everything else is as it was.
  const reserveEnd = RESERVE_OFFSET + RESERVE_BYTES;
  const isSame =
    signature.offset === before.length &&
    before.subarray(0, RESERVE_OFFSET).equals(after.subarray(0, RESERVE_OFFSET)) &&
    before.subarray(reserveEnd).equals(after.subarray(reserveEnd, before.length));
  return isSame ? null : { expected: 'the cabinet that was handed over', found: 'another cabinet' };
}
