import { createHash } from 'node:crypto';
import { RetryableError } from '../core/errors.js';
import type { LedgerReader, LedgerWriter } from '../core/ports.js';
import type { RevisionRecord, UpdateRecord } from '../core/records.js';
import type { Composed } from './compose.js';

/** The revision that this request was answered with before, or null. */
export async function answeredBefore(
  ledger: LedgerReader,
  latest: RevisionRecord | null,
  requestId: string,
): Promise<RevisionRecord | null> {
  for (let one = latest; one !== null; one = await ledger.revision(one.packageId, one.revision - 1)) {
    if (one.requestId === requestId) return one;
  }
  return null;
}

/** Whether a document made now would be the latest one again, but for its CreationDate. */
export function isUnchanged({ sdpAt }: Composed, latest: RevisionRecord): boolean {
  return sha256Of(sdpAt(latest.creationDate)) === latest.sdpSha256;
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `YYYY-MM-DDTHH:MM:SSZ`, later than the revision before by a second at least: WSUS takes nothing else for a revision. */
export function risingDate(now: Date, before: string | null): string {
  const earliest = before === null ? 0 : Date.parse(before) + 1000;
  const seconds = Math.floor(Math.max(now.getTime(), earliest) / 1000);
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** Two turns at once (the line and a republish) must not make the same revision, nor overlook each other's update. */
export async function refuseIfMoved(
  ledger: LedgerWriter,
  seen: {
    readonly productId: string;
    readonly variant: string;
    readonly kind: UpdateRecord['kind'];
    readonly packageId: string;
    readonly latest: number;
    readonly updates: number;
  },
): Promise<void> {
  const latest = (await ledger.latestRevision(seen.packageId))?.revision ?? 0;
  const updates = (await ledger.updates({ productId: seen.productId, variant: seen.variant })).filter(
    (one) => one.kind === seen.kind,
  ).length;
  if (latest === seen.latest && updates === seen.updates) return;
  throw new RetryableError('ledger.busy', 'another turn has built an update of this product meanwhile', {
    where: `${seen.productId} ${seen.variant}`,
    expected: `revision ${seen.latest}, ${seen.updates} updates`,
    found: `revision ${latest}, ${updates} updates`,
    nextStep: 'nothing: it is tried again by itself',
  });
}
