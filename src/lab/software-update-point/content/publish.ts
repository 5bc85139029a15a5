import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeFault } from '../../../core/errors.js';
import { writeCabinet } from '../../../formats/cab/index.js';
import { downloadTo } from '../outbound.js';
import { readPackageFacts } from '../package-facts.js';
import { SiteRefusal } from '../refusal.js';
import { digestFile, verifyFile } from '../signatures.js';
import { flushFolder, nextRevision, type StoredContent, type StoredUpdate } from '../state.js';
import type { World } from '../world.js';

/** `LocalPublishingMaxCabSize` at its largest. */
export const MAX_CONTENT_BYTES = 2047 * 1024 * 1024;

/**
 * `Publish-CMThirdPartySoftwareUpdateContent`: downloads the vendor's file from OriginUri, checks digests and who
 * signed it, packs and signs the server's own cabinet, and makes a new revision that has it. Throws SiteRefusal, which
 * is also kept as the package's fault. Content that is there already is left alone.
 */
export async function publishContent(world: World, packageId: string): Promise<'published' | 'unchanged'> {
  const { state } = world;
  try {
    const update = state.updates[packageId];
    if (update?.origin !== 'catalog') {
      throw new SiteRefusal(11524, `UPDATECONTENT_NO_METADATA, ${packageId} was not imported by this agent`);
    }
    if (update.content !== null) return 'unchanged';
    const content = await makeContent(world, update);
    state.updates[packageId] = {
      ...update,
      revision: update.revision + 1,
      ...nextRevision(state),
      changedAt: world.options.now().toISOString(),
      content,
    };
    delete state.faults[packageId];
    world.commit();
    return 'published';
  } catch (error) {
    if (state.updates[packageId] !== undefined) {
      state.faults[packageId] = describeFault(error);
      world.commit();
    }
    throw error instanceof SiteRefusal ? error : new SiteRefusal('UPDATECONTENT_FAIL', describeFault(error));
  }
}

async function makeContent(world: World, update: StoredUpdate): Promise<StoredContent> {
  const facts = readPackageFacts(update.sdp);
  const { originFile: origin } = facts;
  if (facts.isExpired) throw new SiteRefusal('UPDATECONTENT_FAIL', 'the update is expired');
  if (origin === null || origin.originUri === null || facts.itemId === null) {
    throw new SiteRefusal(
      'UPDATECONTENT_FAIL',
      'the update does not have one item with one OriginFile and OriginUri',
    );
  }
  if (/[\\/:*?"<>|]/.test(origin.fileName) || origin.fileName.startsWith('.')) {
    throw new SiteRefusal('UPDATECONTENT_FAIL', 'FileName is not the name of a file');
  }
  const vendorFile = join(world.workFolder, 'vendor-file');
  const unsigned = join(world.workFolder, 'unsigned.cab');
  const signed = join(world.workFolder, 'signed.cab');
  try {
    const downloaded = await downloadTo(world.options.outbound, origin.originUri, vendorFile, {
      maxBytes: MAX_CONTENT_BYTES,
      isAltered: world.options.faults?.content === 'hash',
    });
    requireDigests(downloaded, origin);
    const originSigner = await requireApprovedVendor(world, vendorFile);
    writeCabinet(
      [{ name: origin.fileName, modified: origin.modified, content: { path: vendorFile } }],
      unsigned,
      { signatureReserve: true },
    );
    await world.options.signing.sign(unsigned, signed);
    await requireOwnSignature(world, signed);
    const digests = await digestFile(signed);
    adopt(signed, contentFile(world.contentFolder, digests.sha1));
    return {
      ...digests,
      fileName: `${facts.itemId}_${update.revision + 1}.cab`,
      modified: world.options.now().toISOString(),
      origin: { sha1: origin.digest, sha256: origin.sha256 ?? '', sizeBytes: origin.sizeBytes },
      originSigner,
      signer: null,
    };
  } finally {
    for (const path of [vendorFile, unsigned, signed]) rmSync(path, { force: true });
  }
}

function requireDigests(
  downloaded: { sizeBytes: number; sha1: Buffer; sha256: Buffer } | null,
  origin: { readonly digest: string; readonly sha256: string | null; readonly sizeBytes: number },
): void {
  const found = {
    size: String(downloaded?.sizeBytes ?? 0),
    'SHA-1': downloaded?.sha1.toString('base64') ?? '',
    'SHA-256': downloaded?.sha256.toString('base64') ?? '',
  };
  const expected = { size: String(origin.sizeBytes), 'SHA-1': origin.digest, 'SHA-256': origin.sha256 };
  for (const what of ['size', 'SHA-1', 'SHA-256'] as const) {
    if (expected[what] === null || expected[what] === found[what]) continue;
    throw new SiteRefusal(
      'UPDATECONTENT_HASH_FAIL',
      `${what} of the downloaded file is ${found[what]}, the metadata says ${expected[what]}`,
    );
  }
}

/** The signature must be good and its signer one of the catalog's content certificates. Returns the thumbprint. */
async function requireApprovedVendor(world: World, path: string): Promise<string> {
  const report = await verifyFile(path, world.options.trust, world.options.now());
  if (report.status !== 'valid') {
    const found =
      report.status === 'unsigned' ? 'the file is not signed' : `${report.reason}, ${report.detail}`;
    throw new SiteRefusal(
      11516,
      `UPDATECONTENT_TRUST_FAIL_BADSIG, signature check on downloaded binary has failed: ${found}`,
    );
  }
  const { thumbprint } = report.signer;
  if (world.options.faults?.content === 'trust') {
    throw new SiteRefusal('UPDATECONTENT_TRUST_FAIL', `Certificate '${thumbprint}' is BLOCKED.`);
  }
  if (!world.state.subscription.contentCertificates.includes(thumbprint)) {
    throw new SiteRefusal('UPDATECONTENT_TRUST_FAIL', `Certificate '${thumbprint}' is not approved`);
  }
  return thumbprint;
}

export async function requireOwnSignature(world: World, path: string): Promise<void> {
  const report = await verifyFile(path, world.options.signing.trust, world.options.now());
  if (report.status === 'valid' && report.signer.thumbprint === world.options.signing.thumbprint) return;
  const found = report.status === 'invalid' ? `${report.reason}, ${report.detail}` : report.status;
  throw new SiteRefusal('UPDATECONTENT_FAIL', `Verification of file signature failed for file: ${found}`);
}

/** The file is on disk for good before the state names it. */
export function adopt(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
  flushFolder(dirname(to));
}

/** `<XX>/<SHA-1>.cab`. */
export function relativeContentFile(sha1: string): string {
  const hex = Buffer.from(sha1, 'base64').toString('hex').toUpperCase();
  return join(hex.slice(-2), `${hex}.cab`);
}

export function contentFile(folder: string, sha1: string): string {
  return join(folder, relativeContentFile(sha1));
}

/** Whether the cabinet was distributed to the gateway's store, whole. */
export function isDistributed(folder: string, relativePath: string): boolean {
  return statSync(join(folder, relativePath), { throwIfNoEntry: false })?.isFile() === true;
}
