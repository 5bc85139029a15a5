import { createHash } from 'node:crypto';
import type { VendorFault } from './faults.js';
import { atVendor, type Fixture, type Fixtures, newestOf } from './fixtures.js';

/** One file as it lies at the vendor's now. */
export interface ShelfFile {
  /** What it should be. */
  readonly fixture: Fixture;
  readonly bytes: Buffer;
  /** What the vendor's feed says of it, where it says a digest: lower-case hex. */
  readonly statedSha256: string;
  /** What a second vantage says of it: who collects manifests has read the file that the vendor meant to ship. */
  readonly vantageSha256: string;
}

/** All versions of a product that it has released, from old to new; a fault changes the newest. */
export function shelfOf(
  fixtures: Fixtures,
  productId: string,
  fault: VendorFault | null,
  released: boolean,
): readonly ShelfFile[] {
  const newest = new Set(newestOf(fixtures, productId, released));
  return atVendor(fixtures, productId, released).map((fixture) =>
    shelfFile(fixtures, fixture, newest.has(fixture) ? fault : null),
  );
}

/** A vendor who signs otherwise (or not) tells the digest of that file; a file that was damaged has the old one. */
function shelfFile(fixtures: Fixtures, fixture: Fixture, fault: VendorFault | null): ShelfFile {
  if (fault === 'unsigned' || fault === 'changed-signer') {
    const altered = fixtures.altered(fixture, fault);
    const { sha256 } = altered;
    return { fixture, bytes: fixtures.read(altered), statedSha256: sha256, vantageSha256: sha256 };
  }
  const bytes = fixtures.read(fixture);
  return {
    fixture,
    bytes: fault === 'wrong-digest' ? withOtherByte(bytes) : bytes,
    statedSha256: fixture.sha256,
    vantageSha256:
      fault === 'second-vantage-differs'
        ? createHash('sha256').update(`another ${fixture.fileName}`).digest('hex')
        : fixture.sha256,
  };
}

/** One bit of the file inside the installer is turned: where an MSI's cabinet is, or in the middle. */
function withOtherByte(bytes: Buffer): Buffer {
  const cabinet = bytes.indexOf('MSCF', 0, 'latin1');
  const at = cabinet < 0 ? bytes.length >> 1 : cabinet + 0x80;
  const other = Buffer.from(bytes);
  other.writeUInt8(other.readUInt8(at) ^ 1, at);
  return other;
}

/** A strong ETag of what is served. */
export function etagOf(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
