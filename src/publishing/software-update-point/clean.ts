import { describeFault } from '../../core/errors.js';
import type { LedgerReader } from '../../core/ports.js';
import { DIRECT_TARGET } from '../jobs.js';
import { type ActsDeps, type Order, performAct, settleActs } from './acts.js';
import { findAtServer, type OwnUpdate, planLifecycle } from './lifecycle.js';
import { type OwnPublication, planRetention, type RetentionRule, type RetentionStep } from './retention.js';

export interface CleanedStep extends RetentionStep {
  readonly isDone: boolean;
  /** Why the server would not; null: it did, or nothing was asked of it. */
  readonly fault: string | null;
}

/** What a cleaning would do now. */
export async function planClean(
  { bridge, ledger, clock }: ActsDeps,
  rule: RetentionRule,
  signal: AbortSignal,
): Promise<readonly RetentionStep[]> {
  const { updates } = await bridge.call({ verb: 'list-local' }, signal);
  return planRetention(await ownPublications(ledger), updates, rule, clock.now());
}

/**
 * Takes from the server what it need not have any more. What an earlier process left open is settled first, so that the grace
 * of a decline begins when it is known. One update that the server will not give up does not keep the others.
 */
export async function cleanServer(
  deps: ActsDeps,
  rule: RetentionRule,
  order: Order,
  signal: AbortSignal,
): Promise<readonly CleanedStep[]> {
  const own = await ownPublications(deps.ledger);
  await settleActs(
    deps,
    own.map(({ update }) => update.packageId),
    signal,
  );
  const cleaned: CleanedStep[] = [];
  for (const step of await planClean(deps, rule, signal)) {
    if (signal.aborted) break;
    const fault = await carryOutStep(deps, step, order, signal);
    cleaned.push({ ...step, isDone: fault === null, fault });
  }
  return cleaned;
}

/** Planned anew from what the server has at this moment; null, or why it was not done. */
async function carryOutStep(
  deps: ActsDeps,
  { act, packageId }: RetentionStep,
  order: Order,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const found = await findAtServer(deps.bridge, packageId, signal);
    const plan = planLifecycle(act, packageId, found, await ownUpdate(deps.ledger, packageId));
    if (plan.does !== null) await performAct(deps, plan, null, order, signal);
    return null;
  } catch (error) {
    return describeFault(error);
  }
}

export async function ownUpdate(ledger: LedgerReader, packageId: string): Promise<OwnUpdate> {
  const update = await ledger.update(packageId);
  const publication = await ledger.publication(DIRECT_TARGET, packageId);
  return { isOurs: update?.route === 'direct' && publication !== null };
}

async function ownPublications(ledger: LedgerReader): Promise<readonly OwnPublication[]> {
  const publications = new Map((await ledger.publications(DIRECT_TARGET)).map((one) => [one.packageId, one]));
  return (await ledger.updates()).flatMap((update) => {
    const publication = publications.get(update.packageId);
    return publication === undefined ? [] : [{ update, publication }];
  });
}
