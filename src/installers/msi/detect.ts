import type { ByteSource } from '../../core/bytes.js';
import { CFB_MAGIC, openCompoundFile } from '../../formats/cfb/index.js';
import { MSI_CLSID } from '../../formats/msi/index.js';

/** A compound file of any kind: MSI, MSP, or an Office document. */
export function isCompoundFile(source: ByteSource): boolean {
  return source.read(0, CFB_MAGIC.length).equals(CFB_MAGIC);
}

/** An MSI database: the root's class id decides, not the file's name. PermanentError for a broken compound file. */
export function isMsi(source: ByteSource): boolean {
  return isCompoundFile(source) && openCompoundFile(source).clsid === MSI_CLSID;
}
