import { randomUUID } from 'node:crypto';
import { PermanentError } from '../core/errors.js';
import type { OperationsDeps, Operator } from './deps.js';

export interface RepublishRequest {
  readonly packageId: string;
  /** Metadata again under the same PackageID with a higher revision; other intents are not supported yet. */
  readonly intent: 'revise';
  readonly reason: string;
  readonly operator: Operator;
  /** The same request id twice is one revision: a double click, a repeated call. */
  readonly requestId?: string;
}

export interface RepublishStarted {
  readonly packageId: string;
  readonly requestId: string;
  /** The revision that stands now; the queue ends in a higher one. */
  readonly fromRevision: number;
}

/** One job on the packages queue; everything after it is the ordinary line. */
export async function republish(deps: OperationsDeps, request: RepublishRequest): Promise<RepublishStarted> {
  const update = await deps.ledger.update(request.packageId);
  const revision = await deps.ledger.latestRevision(request.packageId);
  if (update === null || revision === null) {
    throw new PermanentError('not-found', 'no such update', {
      where: request.packageId,
      expected: 'the PackageID of an update that was built',
      nextStep: 'patchpress status lists the updates',
    });
  }
  const now = deps.clock.now();
  const requestId = request.requestId ?? randomUUID();
  const { productId, version, variant } = update;
  const job = { stage: 'packages', input: { productId, version, variant, revise: requestId } } as const;
  await deps.ledger.transaction(async (ledger) => {
    await ledger.enqueue({ ...job, ...deps.describeWork(job) }, now);
    await ledger.appendAudit({
      at: now.toISOString(),
      actor: request.operator.name,
      action: `republish ${request.intent}`,
      subject: request.packageId,
      detail: JSON.stringify({ requestId, reason: request.reason, fromRevision: revision.revision }),
    });
  });
  deps.onEnqueued();
  return { packageId: request.packageId, requestId, fromRevision: revision.revision };
}
