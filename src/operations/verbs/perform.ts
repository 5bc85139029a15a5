import { PermanentError } from '../../core/errors.js';
import { requestIdOf } from '../../core/identity.js';
import type { Plan } from '../../core/plan.js';
import type { LedgerReader, LedgerWriter } from '../../core/ports.js';
import type { OperationsDeps } from '../deps.js';
import { prepareApprove } from './approve.js';
import { prepareDisown } from './disown.js';
import { prepareHold } from './hold.js';
import { prepareUpdate } from './republish.js';
import type { Performed, PerformRequest, Prepared, VerbRequest } from './request.js';
import { prepareRollback } from './rollback.js';

/** What would happen, and nothing else. PermanentError `not-found` or `plan.refused`. */
export async function preview(deps: OperationsDeps, what: VerbRequest): Promise<Plan> {
  return (await prepare(deps, what)).plan;
}

/**
 * Does it, in one transaction: work for the line, what a person's word changes, and the audit. The same request twice is
 * done once; a plan that does not stand any more is refused (`plan.stale`).
 */
export async function perform(deps: OperationsDeps, request: PerformRequest): Promise<Performed> {
  const known = request.requestId ?? (request.plan === undefined ? null : requestIdOf(request.plan));
  const before = known === null ? null : await findAnswered(deps.ledger, known);
  if (before !== null) return before;
  const prepared = await prepare(deps, request.what);
  const { plan } = prepared;
  if (request.plan !== undefined && request.plan !== plan.digest) throw stale(plan, request.plan);
  const requestId = known ?? requestIdOf(plan.digest);
  if (plan.nothing !== null) return { requestId, plan, isNew: false };
  const done = await deps.ledger.transaction(async (ledger) => {
    const answered = await findAnswered(ledger, requestId);
    if (answered !== null) return answered;
    await carryOut(deps, ledger, { request, prepared, requestId });
    return { requestId, plan, isNew: true };
  });
  if (done.isNew) deps.onEnqueued();
  return done;
}

async function prepare(deps: OperationsDeps, what: VerbRequest): Promise<Prepared> {
  switch (what.verb) {
    case 'rollback':
      return prepareRollback(deps, what.packageId, what.to);
    case 'hold':
      return prepareHold(deps, what.productId, what.version);
    case 'disown':
      return prepareDisown(deps, what.productId, what.version);
    case 'approve':
      return prepareApprove(deps, what.productId, what.version);
    default:
      return prepareUpdate(deps, what.verb, what.packageId);
  }
}

async function carryOut(
  deps: OperationsDeps,
  ledger: LedgerWriter,
  of: { readonly request: PerformRequest; readonly prepared: Prepared; readonly requestId: string },
): Promise<void> {
  const { request, prepared, requestId } = of;
  const { plan, subject } = prepared;
  const now = deps.clock.now();
  const at = now.toISOString();
  const { name } = request.operator;
  for (const job of prepared.jobs(requestId)) {
    await ledger.enqueue({ ...job, ...deps.describeWork(job) }, now);
  }
  await prepared.effects(ledger, { name, reason: request.reason, at });
  const { verb, packageId, does } = plan;
  const detail = { requestId, reason: request.reason, packageId, does, plan: plan.digest };
  await ledger.appendAudit({ at, actor: name, action: verb, subject, detail: JSON.stringify(detail) });
  await ledger.putSetting(settingOf(requestId), JSON.stringify(plan));
}

/** What was carried out under a request id, as it was planned then. */
function settingOf(requestId: string): string {
  return JSON.stringify(['request', requestId]);
}

async function findAnswered(ledger: LedgerReader, requestId: string): Promise<Performed | null> {
  const kept = await ledger.setting(settingOf(requestId));
  return kept === null ? null : { requestId, plan: JSON.parse(kept) as Plan, isNew: false };
}

function stale(now: Plan, digest: string): PermanentError {
  return new PermanentError('plan.stale', 'what was previewed does not stand any more: nothing was done', {
    where: now.about,
    expected: `plan ${digest.slice(0, 12)}`,
    found: `plan ${now.digest.slice(0, 12)}`,
    nextStep: 'preview it again, and look what has changed',
  });
}
