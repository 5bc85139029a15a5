import { crc32 } from 'node:zlib';
import { bufferSource } from '../../core/bytes.js';
import { findNsisHeader } from '../../formats/nsis/index.js';
import { readPeHeaders } from '../../formats/pe/index.js';
import type { VendorIdentity } from './authenticode.js';
import { signExecutable, withVersionResource } from './executable.js';
import type { InstallerFacts } from './installer-facts.js';

/** The check of NSIS leaves out what a signature or a checksum may change (exehead/fileform.c). */
const UNCHECKED_BYTES = 512;

/** An NSIS installer, made from a built one: its version resource says what it installs. Signed by its vendor. */
export function makeNsis(built: Buffer, facts: InstallerFacts, vendor: VendorIdentity): Buffer {
  const { productName, publisher, version } = facts;
  const { bytes } = withVersionResource(built, {
    productName,
    publisher,
    version,
    description: `${productName} Setup`,
  });
  writeCheck(bytes);
  return signExecutable(bytes, vendor);
}

/** CRC-32 of all in front of it, at the end of what the first header counts. */
function writeCheck(bytes: Buffer): void {
  const source = bufferSource(bytes);
  const headers = readPeHeaders(source);
  const first = headers && findNsisHeader(source, headers.overlayOffset);
  if (first === null) throw new Error('not an NSIS installer');
  const end = first.offset + first.followingBytes - 4;
  bytes.writeUInt32LE(crc32(bytes.subarray(UNCHECKED_BYTES, end)), end);
}
