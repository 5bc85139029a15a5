import { createHash } from 'node:crypto';

/** What an installer says of itself and leaves behind: the vendor's choice, in the vendor's own words. */
export interface InstallerFacts {
  readonly architecture: 'x86' | 'x64' | 'arm64';
  readonly productName: string;
  readonly publisher: string;
  /** As the installer calls its version: one to four numeric parts. */
  readonly version: string;
  /** Of the uninstall entry. */
  readonly displayName: string;
  /** Of the uninstall entry; null for an MSI, which has its ProductCode. */
  readonly key: string | null;
  readonly view: '64' | '32';
  /** Of an MSI: the same for all releases of a product. */
  readonly upgradeCode: string | null;
  /** What every build of it has of its own: product, version and variant. */
  readonly build: string;
}

/** The same text, the same `{GUID}`: name-based as [RFC 9562] 5.8 lets everyone make them. */
export function guidFrom(...parts: readonly string[]): string {
  const bytes = createHash('sha256').update(parts.join('\n')).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex').toUpperCase();
  return `{${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}}`;
}

/** Four parts of 16 bits; null where the version has more or larger ones. */
export function fourNumbers(version: string): readonly [number, number, number, number] | null {
  if (!/^\d{1,5}(\.\d{1,5}){0,3}$/.test(version)) return null;
  const [a = 0, b = 0, c = 0, d = 0] = version.split('.').map(Number);
  return [a, b, c, d].some((part) => part > 65_535) ? null : [a, b, c, d];
}
