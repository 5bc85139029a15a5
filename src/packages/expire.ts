import { PermanentError } from '../core/errors.js';
import { decisionIdOf } from '../core/identity.js';
import type { Clock, ContentStore, LedgerReader } from '../core/ports.js';
import type { RevisionRecord, UpdateRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { readSdp, writeSdp } from '../sus/sdp/index.js';
import { type ExpireInput, workKeyOf } from './input.js';
import { refuseIfMoved, risingDate } from './revision.js';

export interface ExpireDeps {
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
  readonly clock: Clock;
}

/**
 * The last revision of an update: the document that stands, with PublicationState Expired and a later CreationDate
 * (wsus-publishing 2.5). It is made from the document alone, so that it can be made when the definition is gone or wrong.
 */
export async function expireUpdate(
  deps: ExpireDeps,
  input: ExpireInput,
  context: StageContext,
): Promise<StageResult> {
  const { update, latest } = await findBuilt(deps.ledger, input.expire);
  const next = [
    { stage: 'signing', input: { packageId: update.packageId, revision: latest.revision } },
  ] as const;
  if (latest.expired === true) {
    return { outcome: 'unchanged', reason: `revision ${latest.revision} is expired already`, next };
  }
  const now = deps.clock.now();
  const creationDate = risingDate(now, latest.creationDate);
  const sdp = expiredDocument(await deps.content.get(latest.sdpSha256), creationDate, update);
  const revision: RevisionRecord = {
    packageId: update.packageId,
    revision: latest.revision + 1,
    creationDate,
    sdpSha256: (await deps.content.putBuffer(sdp)).sha256,
    // The rules are those that were proven.
    proofSha256: latest.proofSha256,
    reason: `a person expired it (${input.requestId})`,
    attestation: null,
    requestId: input.requestId,
    expired: true,
  };
  record(context, input, update, revision, now);
  return {
    outcome: 'advanced',
    next: [{ stage: 'signing', input: { packageId: update.packageId, revision: revision.revision } }],
    summary: `revision ${revision.revision} of ${update.packageId} is expired`,
  };
}

/** Pure: the same document, withdrawn. */
export function expiredDocument(
  sdp: Buffer,
  creationDate: string,
  { packageId, route }: Pick<UpdateRecord, 'packageId' | 'route'>,
): Buffer {
  const document = readSdp(sdp, `${packageId}.sdp`);
  const properties = { ...document.properties, creationDate, publicationState: 'Expired' } as const;
  return Buffer.from(writeSdp({ ...document, properties }, { route }), 'utf8');
}

async function findBuilt(
  ledger: LedgerReader,
  packageId: string,
): Promise<{ readonly update: UpdateRecord; readonly latest: RevisionRecord }> {
  const update = await ledger.update(packageId);
  const latest = await ledger.latestRevision(packageId);
  if (update !== null && latest !== null) return { update, latest };
  throw new PermanentError('not-found', 'the update to expire was never built', { where: packageId });
}

/** The signing stage vouches for what a decision let go: here a person's. */
function record(
  context: StageContext,
  input: ExpireInput,
  update: UpdateRecord,
  revision: RevisionRecord,
  now: Date,
): void {
  const { productId, variant, kind, packageId } = update;
  const workKey = workKeyOf(input);
  const decidedAt = now.toISOString();
  context.record(async (ledger) => {
    const known = await ledger.updates({ productId, variant });
    await refuseIfMoved(ledger, {
      productId,
      variant,
      kind,
      packageId,
      latest: revision.revision - 1,
      updates: known.filter((one) => one.kind === kind).length,
    });
    await ledger.putDecision({
      id: decisionIdOf('packages', `${workKey}/expire`, decidedAt),
      gate: 'packages',
      workKey,
      verdict: 'go',
      reason: 'a person asked that it be expired',
      facts: { expire: packageId, requestId: input.requestId },
      decidedAt,
    });
    await ledger.putRevision(revision);
  });
}
