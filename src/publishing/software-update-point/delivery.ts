import { PermanentError } from '../../core/errors.js';
import type { ContentStore, LedgerReader } from '../../core/ports.js';
import type { ContentWish } from '../../core/publication.js';
import type { InstallerRecord, RevisionRecord, UpdateRecord } from '../../core/records.js';
import { readSdp } from '../../sus/sdp/index.js';
import { TARGET } from '../jobs.js';

/** One file that the far side fetches by its digest. */
export interface DeliveredFile {
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** One revision of the direct route as it is handed to the Software Update Point, its parts checked against each other. */
export interface Delivery {
  readonly update: UpdateRecord;
  readonly revision: RevisionRecord;
  readonly sdp: Buffer;
  readonly isExpired: boolean;
  /** What WSUS packs and signs itself, a cabinet that we signed, or nothing. */
  readonly content:
    | { readonly mode: 'payload'; readonly files: readonly DeliveredFile[] }
    | { readonly mode: 'signed-cab'; readonly cabinet: DeliveredFile }
    | { readonly mode: 'metadata' };
}

export interface DeliveryDeps {
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
}

/** PermanentError `not-found`, `package.invalid`, `content.missing` or `content.corrupt` tells what of it is broken. */
export async function loadDelivery(
  deps: DeliveryDeps,
  of: { readonly packageId: string; readonly revision: number },
  wish: ContentWish,
): Promise<Delivery> {
  const update = await deps.ledger.update(of.packageId);
  const revision = await deps.ledger.revision(of.packageId, of.revision);
  if (update === null || revision === null) {
    throw new PermanentError('not-found', 'the update to deliver was never built', {
      where: `${of.packageId} revision ${of.revision}`,
      nextStep: 'sync the product',
    });
  }
  await requireOneOwner(deps.ledger, update);
  const sdp = await deps.content.get(revision.sdpSha256);
  const { properties } = readSdp(sdp, `${of.packageId}.sdp`);
  requireSame(revision, 'PackageID of the document', revision.packageId, properties.packageId);
  requireSame(revision, 'CreationDate of the document', revision.creationDate, properties.creationDate);
  const isExpired = properties.publicationState === 'Expired';
  // Withdrawing sends no bytes, so it needs none.
  const isNothing = isExpired || wish === 'metadata';
  const content = isNothing ? METADATA : await contentOf(deps, update, revision);
  return { update, revision, sdp, isExpired, content };
}

const METADATA: Delivery['content'] = { mode: 'metadata' };

/** One publisher owns a PackageID end to end: WSUS refuses to mix them, and a site cannot tell them apart (11524). */
async function requireOneOwner(ledger: LedgerReader, { packageId, route }: UpdateRecord): Promise<void> {
  requireSame({ packageId, revision: 0 }, 'the route of the update', 'direct', route);
  const other = await ledger.publication(TARGET, packageId);
  if (other === null) return;
  requireSame({ packageId, revision: other.revision }, 'the target of the update', 'none before', TARGET);
}

async function contentOf(
  deps: DeliveryDeps,
  update: UpdateRecord,
  revision: RevisionRecord,
): Promise<Delivery['content']> {
  if (revision.content !== undefined) {
    const { signed } = revision.content;
    if (signed === null)
      throw invalid(revision, 'the content cabinet', 'signed by the signing stage', 'unsigned');
    const { length: sizeBytes } = await deps.content.get(signed.sha256);
    const cabinet = { name: cabinetName(update.packageId), sha256: signed.sha256, sizeBytes };
    return { mode: 'signed-cab', cabinet };
  }
  const installer = await deps.ledger.installer(update.productId, update.version, update.variant);
  requireSame(revision, 'the acquired file', update.payloadSha256, installer?.sha256 ?? 'none');
  const found = await deps.content.check(update.payloadSha256);
  if (found !== 'whole') throw payloadGone(update, found);
  return { mode: 'payload', files: installer === null ? [] : [payloadFile(installer)] };
}

/** The far side would only see that it cannot fetch it, again and again. */
function payloadGone(
  { packageId, payloadSha256 }: UpdateRecord,
  found: 'missing' | 'damaged',
): PermanentError {
  const code = found === 'missing' ? 'content.missing' : 'content.corrupt';
  return new PermanentError(code, 'the payload is not whole in the content store any more', {
    where: packageId,
    expected: `sha256 ${payloadSha256}`,
    found,
    nextStep: 'republish it with the intent `repair`, which acquires the same file again',
  });
}

export function payloadFile({ fileName, sha256, sizeBytes }: InstallerRecord): DeliveredFile {
  return { name: fileName, sha256, sizeBytes };
}

export function cabinetName(packageId: string): string {
  return `${packageId}.cab`;
}

function requireSame(
  of: { readonly packageId: string; readonly revision: number },
  what: string,
  expected: string,
  found: string,
): void {
  if (expected !== found) throw invalid(of, what, expected, found);
}

function invalid(
  of: { readonly packageId: string; readonly revision: number },
  what: string,
  expected: string,
  found: string,
): PermanentError {
  return new PermanentError('package.invalid', `${what} does not fit: the update cannot be delivered`, {
    where: `${of.packageId} revision ${of.revision}`,
    expected,
    found,
    nextStep: 'republish the update; if that does not help, report it',
  });
}
