import type { ByteSource } from '../../core/bytes.js';
import { type InnoSetup, readInnoSetup } from '../../formats/inno/index.js';
import type { PeFile } from '../../formats/pe/index.js';

/** The installer's own header by the table in the loader's resources, or null. PermanentError `installer.malformed`. */
export function detectInno(source: ByteSource, pe: PeFile): InnoSetup | null {
  return readInnoSetup(source, pe);
}
