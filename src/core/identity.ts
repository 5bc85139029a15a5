import { createHash } from 'node:crypto';
import { PermanentError, printable } from './errors.js';
import type { UpdateRecord } from './records.js';

/** The root of every id that Patchpress makes. It never changes: a new value would give every update a new PackageID. */
export const NAMESPACE = 'a4d0b386-d051-457a-8343-f81e10c7c455';

/** RFC 9562 5.5: SHA-1 of the namespace's bytes and the name, in lower case. */
export function uuidv5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export interface PackageIdentity extends Pick<UpdateRecord, 'kind' | 'payloadSha256' | 'respin'> {
  readonly siteId: string;
  readonly product: string;
  readonly version: string;
  readonly variant: string;
}

/** The PackageID: an id never means another payload (design section 6). */
export function packageIdOf(identity: PackageIdentity): string {
  const { siteId, product, version, variant, kind, payloadSha256, respin } = identity;
  return named([siteId, product, version, variant, kind, payloadSha256, String(respin)]);
}

export function installableItemIdOf(packageId: string, index: number): string {
  return uuidv5(packageId, `item/${index}`);
}

/** Category ids of the catalog's V3 folder: the site keeps its publish options under them, so they are stable. */
export function vendorCategoryIdOf(siteId: string, vendor: string): string {
  return named([siteId, 'category', vendor]);
}

export function productCategoryIdOf(siteId: string, vendor: string, productId: string): string {
  return named([siteId, 'category', vendor, productId]);
}

/** The id of a decision: the same question at the same time is one decision. */
export function decisionIdOf(gate: string, workKey: string, decidedAt: string): string {
  return named(['decision', gate, workKey, decidedAt]);
}

/** Raised where the same version was built of other payload: a deliberate new id. What was built keeps its own. */
export function respinOf(
  of: Pick<UpdateRecord, 'version' | 'payloadSha256'>,
  known: readonly Pick<UpdateRecord, 'version' | 'payloadSha256' | 'respin'>[],
): number {
  const sameVersion = known.filter((one) => one.version === of.version);
  const mine = sameVersion.filter((one) => one.payloadSha256 === of.payloadSha256);
  if (mine.length > 0) return Math.max(...mine.map((one) => one.respin));
  return sameVersion.reduce((next, one) => Math.max(next, one.respin + 1), 0);
}

/** What a plan rests on and says, as one digest: another one is another plan. */
export function planDigestOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The request that carries a plan out: the same plan twice is one request. */
export function requestIdOf(planDigest: string): string {
  return named(['request', planDigest]);
}

/** A line break inside a part could make two identities one. */
function named(parts: readonly string[]): string {
  const broken = parts.find((part) => part.includes('\n'));
  if (broken !== undefined) {
    throw new PermanentError('payload.invalid', 'a part of an identity holds a line break', {
      found: printable(broken),
    });
  }
  return uuidv5(NAMESPACE, parts.join('\n').normalize('NFC').toLowerCase());
}
