import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileDigests } from '../core/installer.js';
import type { ContentStore } from '../core/ports.js';
import type { InstallerRecord } from '../core/records.js';
import type { ReleaseAsset } from '../core/release.js';
import type { HoldCode } from '../core/stage.js';

export interface DigestHold {
  readonly code: Extract<HoldCode, 'digest-mismatch' | 'digest-changed'>;
  readonly reason: string;
  readonly nextStep: string;
}

/** The bytes must be those that the feed names, and those that were seen first; null when they are. */
export async function findDigestFault(
  content: ContentStore,
  asset: ReleaseAsset,
  known: InstallerRecord | null,
  found: FileDigests,
): Promise<DigestHold | null> {
  const differences = [
    difference('sha1', asset.digests.sha1, found.sha1),
    difference('sha256', asset.digests.sha256, found.sha256),
    asset.digests.sha512 === null
      ? null
      : difference('sha512', asset.digests.sha512, await sha512Of(content.pathOf(found.sha256))),
    difference('size', asset.sizeBytes?.toString() ?? null, String(found.sizeBytes)),
  ].filter((one) => one !== null);
  if (differences.length > 0) {
    return {
      code: 'digest-mismatch',
      reason: `the file is not the one that the feed names: ${differences.join('; ')}`,
      nextStep: 'fetch it by another way and compare; tell the vendor if it differs there too',
    };
  }
  if (known === null || known.sha256 === found.sha256) return null;
  return {
    code: 'digest-changed',
    reason: `other bytes under a known version: ${difference('sha256', known.sha256, found.sha256)}`,
    nextStep: 'ask the vendor why the file changed; the bytes first seen stay the ones that are published',
  };
}

function difference(name: string, expected: string | null, found: string): string | null {
  return expected === null || expected.toLowerCase() === found
    ? null
    : `${name} expected ${expected.toLowerCase()}, found ${found}`;
}

/** An object that is here and whole, by the digest that a feed states; null: it has to be fetched. */
export async function findStored(content: ContentStore, stated: string | null): Promise<FileDigests | null> {
  const wanted = stated?.toLowerCase() ?? '';
  if (!/^[0-9a-f]{64}$/.test(wanted) || !(await content.has(wanted))) return null;
  const path = content.pathOf(wanted);
  const { sizeBytes, digests } = await readThrough(path, ['sha256', 'sha1']);
  const [sha256 = '', sha1 = ''] = digests;
  return sha256 === wanted ? { sha256, sha1, sizeBytes } : null;
}

async function sha512Of(path: string): Promise<string> {
  const { digests } = await readThrough(path, ['sha512']);
  return digests[0] ?? '';
}

async function readThrough(path: string, algorithms: readonly string[]) {
  const hashes = algorithms.map((algorithm) => createHash(algorithm));
  let sizeBytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    for (const hash of hashes) hash.update(piece);
    sizeBytes += piece.length;
  }
  return { sizeBytes, digests: hashes.map((hash) => hash.digest('hex')) };
}
