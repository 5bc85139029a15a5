import type { ByteSource } from '../core/bytes.js';
import { PermanentError, printable } from '../core/errors.js';
import type { InstallerInspection } from '../core/installer.js';
import { readBurnBundle } from '../formats/burn/index.js';
import { readPe } from '../formats/pe/index.js';
import { inspectBurn } from './burn/inspect.js';
import { executableFacts } from './executable.js';
import { detectInno } from './inno/detect.js';
import { inspectInno } from './inno/inspect.js';
import { isCompoundFile, isMsi } from './msi/detect.js';
import { inspectMsi } from './msi/inspect.js';
import { detectNullsoft } from './nullsoft/detect.js';
import { inspectNullsoft } from './nullsoft/inspect.js';

/**
 * What a downloaded file says about itself, by its bytes; `fileName` is for messages only. An executable or a compound
 * file of a technology that is not known here is `unknown`; anything else is a PermanentError `installer.malformed`
 * that names what the file looks like (most often a web page).
 */
export function inspectInstaller(source: ByteSource, fileName?: string): InstallerInspection {
  if (isCompoundFile(source)) return isMsi(source) ? inspectMsi(source) : OTHER_COMPOUND_FILE;
  const pe = readPe(source);
  if (pe === null) {
    throw new PermanentError('installer.malformed', 'the file is no installer', {
      ...(fileName === undefined ? {} : { where: printable(fileName) }),
      expected: 'an MSI database or a Windows executable',
      found: describeStart(source.read(0, 512)),
      nextStep: 'look at what the address really serves',
    });
  }
  const burn = readBurnBundle(source, pe);
  if (burn !== null) return inspectBurn(pe, burn);
  const inno = detectInno(source, pe);
  if (inno !== null) return inspectInno(pe, inno);
  return detectNullsoft(source, pe) === null ? executableFacts(pe) : inspectNullsoft(pe);
}

/** An MSP or a document: a compound file that is no installer we know. */
const OTHER_COMPOUND_FILE: InstallerInspection = {
  technology: 'unknown',
  architecture: null,
  scope: 'unknown',
  productName: null,
  publisher: null,
  version: null,
  language: null,
  productCode: null,
  upgradeCode: null,
  arp: [],
};

function describeStart(start: Buffer): string {
  if (start.length === 0) return 'an empty file';
  const text = start.toString('latin1');
  if (/^\s*(<!doctype html|<html)/i.test(text.replace(/^\u00ef\u00bb\u00bf/, ''))) return 'a web page';
  if (text.startsWith('PK\u0003\u0004')) return 'a ZIP archive (or MSIX)';
  if (text.startsWith('MSCF')) return 'a cabinet';
  if (text.startsWith('7z\u00bc\u00af')) return 'a 7z archive';
  if (text.startsWith('MZ')) return 'a DOS program';
  return `bytes ${start.toString('hex', 0, 8)}`;
}
