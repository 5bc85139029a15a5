import type { ByteSource } from '../../core/bytes.js';
import { type PeHeaders, readPeHeaders } from './headers.js';
import { RESOURCE_TYPE, readResource } from './resources.js';
import { type PeVersionInfo, readVersionInfo } from './version-info.js';

export { type PeAuthenticode, peAuthenticodeRanges, type WinCertificate } from './authenticode.js';
export { type PeDirectory, type PeHeaders, type PeSection, readPeHeaders } from './headers.js';
export { RESOURCE_TYPE, readResource } from './resources.js';
export type { PeVersionInfo } from './version-info.js';

export interface PeFile extends PeHeaders {
  readonly versionInfo: PeVersionInfo | null;
  /** The application manifest's text, or null. */
  readonly manifest: string | null;
}

/** Headers, version resource and manifest; null when the file is no PE. PermanentError `installer.malformed`. */
export function readPe(source: ByteSource): PeFile | null {
  const headers = readPeHeaders(source);
  if (headers === null) return null;
  const version = readResource(source, headers, RESOURCE_TYPE.version);
  const manifest = readResource(source, headers, RESOURCE_TYPE.manifest);
  return {
    ...headers,
    versionInfo: version === null ? null : readVersionInfo(version),
    manifest: manifest?.toString('utf8') ?? null,
  };
}
