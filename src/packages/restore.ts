import { createHash } from 'node:crypto';
import { PermanentError } from '../core/errors.js';
import type { Clock, ContentStore } from '../core/ports.js';
import type { RevisionRecord, UpdateRecord } from '../core/records.js';
import type { StageResult } from '../core/stage.js';
import { composeUpdate, type Publisher, proveDocument } from './compose.js';
import type { RestoreInput } from './input.js';
import { findSource, type SourceDeps } from './source.js';

export interface RestoreDeps extends SourceDeps, Publisher {
  readonly content: ContentStore;
  readonly clock: Clock;
}

/**
 * Puts documents of the latest revision back that the content store has lost, where they can be made again byte for byte.
 * Null where they cannot (definition or texts have changed since): then a new revision of the same update is needed.
 */
export async function restoreDocuments(deps: RestoreDeps, input: RestoreInput): Promise<StageResult | null> {
  const update = await deps.ledger.update(input.restore);
  const latest = await deps.ledger.latestRevision(input.restore);
  if (update === null || latest === null) {
    throw new PermanentError('not-found', 'the update to repair was never built', { where: input.restore });
  }
  const next = [
    { stage: 'signing', input: { packageId: latest.packageId, revision: latest.revision } },
  ] as const;
  const states = await Promise.all([latest.sdpSha256, latest.proofSha256].map(deps.content.check));
  if (states.every((state) => state === 'whole')) {
    return { outcome: 'unchanged', reason: 'the documents are there, whole', next };
  }
  if (!(await putBack(deps, input, update, latest))) return null;
  return {
    outcome: 'advanced',
    next,
    summary: `the documents of revision ${latest.revision} were made again, byte for byte`,
  };
}

async function putBack(
  deps: RestoreDeps,
  input: RestoreInput,
  update: UpdateRecord,
  latest: RevisionRecord,
): Promise<boolean> {
  const source = await findSource(deps, input);
  const composed = composeUpdate(source, deps, deps.clock.now());
  if (composed.update.packageId !== update.packageId) return false;
  if (latest.expired === true) throw lost(latest);
  const sdp = composed.sdpAt(latest.creationDate);
  const proof = proveDocument(source, composed.update, sdp);
  if (sha256Of(sdp) !== latest.sdpSha256 || sha256Of(proof) !== latest.proofSha256) return false;
  // The store replaces what is damaged and keeps what is whole.
  await deps.content.putBuffer(sdp);
  await deps.content.putBuffer(proof);
  return true;
}

function lost({ packageId, revision }: RevisionRecord): PermanentError {
  return new PermanentError('content.missing', 'the documents of an expired update are lost', {
    where: `${packageId} revision ${revision}`,
    nextStep: 'restore the content store from a backup: an expired update is never revised',
  });
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
