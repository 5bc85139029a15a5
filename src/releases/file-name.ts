import type { InstallerTechnologyName } from '../core/product.js';

const EXTENSION: Readonly<Record<InstallerTechnologyName, string>> = {
  msi: '.msi',
  nullsoft: '.exe',
  inno: '.exe',
  burn: '.exe',
  exe: '.exe',
};
const LONGEST = 120;
/** Names that Windows gives to devices, with or without an extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * A file name that is safe on Windows, in a URL and in a cabinet, from the untrusted name of an asset: letters, digits
 * and `._+()-`, at most 120 of them, with the extension of its technology (`OriginFile/@FileName` has no path).
 */
export function installerFileName(assetName: string, technology: InstallerTechnologyName): string {
  const last = decoded(assetName).split(/[\\/]/).at(-1) ?? '';
  const safe = last.replace(/[^A-Za-z0-9._+()-]+/g, '-').replace(/^[.-]+|[.-]+$/g, '');
  const extension = EXTENSION[technology];
  const stem = safe.toLowerCase().endsWith(extension) ? safe.slice(0, -extension.length) : safe;
  const short = stem.slice(0, LONGEST - extension.length);
  return `${short === '' || DEVICE.test(short) ? `installer${short === '' ? '' : `-${short}`}` : short}${extension}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
