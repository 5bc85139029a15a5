import type { RepublishIntent } from '../core/publication.js';
import type { OperationsDeps } from './deps.js';
import { perform } from './verbs/perform.js';
import type { PerformRequest } from './verbs/request.js';

export interface RepublishRequest extends Omit<PerformRequest, 'what'> {
  readonly packageId: string;
  readonly intent: RepublishIntent;
}

export interface RepublishStarted {
  /** The id under which the update is published afterwards. */
  readonly packageId: string;
  readonly requestId: string;
  /** The revision that stands now; the queue ends in a higher one where the intent makes one. */
  readonly fromRevision: number;
  /** False: the same request was carried out before. */
  readonly isNew: boolean;
}

/** One of the four ways to publish an update again; everything after it is the ordinary line. */
export async function republish(
  deps: OperationsDeps,
  { packageId, intent, ...request }: RepublishRequest,
): Promise<RepublishStarted> {
  const id = packageId.toLowerCase();
  const latest = await deps.ledger.latestRevision(id);
  const { requestId, plan, isNew } = await perform(deps, {
    ...request,
    what: { verb: intent, packageId: id },
  });
  return { packageId: plan.packageId?.to ?? id, requestId, fromRevision: latest?.revision ?? 0, isNew };
}
