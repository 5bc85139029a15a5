import type { Attestor } from '../../src/core/ports.js';
import type { UpdateRecord } from '../../src/core/records.js';
import { expiredDocument } from '../../src/packages/expire.js';
import type { Line } from './line.js';
import { creationDateOf, revisionOf } from './samples.js';

/** The last revision of an update, as the packages stage makes it, and its publication asked for. */
export async function putExpired(
  { line, attestor }: { readonly line: Line; readonly attestor: Attestor },
  update: UpdateRecord,
): Promise<void> {
  const { packageId } = update;
  const latest = await line.ledger.latestRevision(packageId);
  const revision = (latest?.revision ?? 0) + 1;
  const sdp = await line.content.get(latest?.sdpSha256 ?? '');
  const { sha256 } = await line.content.putBuffer(expiredDocument(sdp, creationDateOf(revision), update));
  const last = { ...revisionOf(update, revision, sha256, attestor), expired: true } as const;
  await line.ledger.transaction((tx) => tx.putRevision(last));
  await line.enqueue({ kind: 'publish', packageId, revision });
}
