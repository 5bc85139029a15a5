import type { ByteSource } from '../../core/bytes.js';
import { findNsisHeader, type NsisHeader } from '../../formats/nsis/index.js';
import type { PeFile } from '../../formats/pe/index.js';

/** The first header that the exehead looks for behind its own sections, or null. */
export function detectNullsoft(source: ByteSource, pe: PeFile): NsisHeader | null {
  return findNsisHeader(source, pe.overlayOffset);
}
