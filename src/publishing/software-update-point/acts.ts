import { z } from 'zod';
import { describeFault } from '../../core/errors.js';
import type { Clock, Ledger } from '../../core/ports.js';
import type { AuditRecord } from '../../core/records.js';
import { DIRECT_TARGET, enqueue } from '../jobs.js';
import type { Bridge, ListedUpdate } from './bridge.js';
import { carryOut, isDone, LIFECYCLE_ACTS, type LifecyclePlan } from './lifecycle.js';

export interface ActsDeps {
  readonly bridge: Bridge;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** Who wants it, and why. */
export interface Order {
  readonly actor: string;
  readonly reason: string;
}

type Intent = Pick<LifecyclePlan, 'act' | 'packageId' | 'does' | 'revisionBefore'>;

interface OpenAct {
  readonly intent: Intent;
  readonly order: Order;
}

/** Of the ledger at once. */
const IDS_PER_QUESTION = 500;

/**
 * Does at the server what was planned. That it begins is in the audit before the server is asked, what came of it afterwards:
 * a process that is killed between leaves an intent without an outcome, which `settleActs` finds. Errors of `carryOut`.
 */
export async function performAct(
  deps: ActsDeps,
  plan: LifecyclePlan,
  sdp: Buffer | null,
  order: Order,
  signal: AbortSignal,
): Promise<ListedUpdate | null> {
  const note = (phase: string, fault?: string) =>
    deps.ledger.transaction((tx) => tx.appendAudit(entryOf(deps, `${phase}${plan.act}`, plan, order, fault)));
  await note(BEGIN);
  const after = await carryOut(deps.bridge, plan, sdp, signal).catch(async (error: unknown) => {
    await note(FAIL, describeFault(error));
    throw error;
  });
  await recordDone(deps, plan, order);
  return after;
}

/** What was begun or failed, and shows at the server as done, is recorded as done from now on. */
export async function settleActs(
  deps: ActsDeps,
  packageIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < packageIds.length; at += IDS_PER_QUESTION) {
    const audit = await deps.ledger.audit(packageIds.slice(at, at + IDS_PER_QUESTION));
    const open = openActs(audit);
    if (open.length > 0) await settle(deps, open, signal);
  }
}

async function settle(deps: ActsDeps, open: readonly OpenAct[], signal: AbortSignal): Promise<void> {
  const asked = open.map(({ intent }) => intent.packageId);
  const { updates } = await deps.bridge.call({ verb: 'list', packageIds: asked }, signal);
  const found = new Map(updates.map((one) => [one.packageId, one]));
  for (const { intent, order } of open) {
    if (isDone(intent, found.get(intent.packageId) ?? null)) await recordDone(deps, intent, order);
  }
}

const BEGIN = 'begin to ';
const FAIL = 'fail to ';
const Action = new RegExp(`^(${BEGIN}|${FAIL}|)(${LIFECYCLE_ACTS.join('|')})$`);
const Detail = z.object({
  reason: z.string(),
  does: z.string().nullable(),
  /** Absent: written before intents were. */
  revisionBefore: z.number().nullable().default(null),
});

/** Of each update the last act, where its outcome is not known. */
function openActs(audit: readonly AuditRecord[]): readonly OpenAct[] {
  const open = new Map<string, OpenAct>();
  for (const { action, subject, actor, detail } of audit) {
    const [, phase, name] = Action.exec(action) ?? [];
    const act = LIFECYCLE_ACTS.find((one) => one === name);
    if (act === undefined) continue;
    open.delete(subject);
    if (phase === '') continue;
    const { reason, ...facts } = Detail.parse(JSON.parse(detail));
    open.set(subject, { intent: { act, packageId: subject, ...facts }, order: { actor, reason } });
  }
  return [...open.values()];
}

function entryOf(
  { clock }: ActsDeps,
  action: string,
  { packageId, does, revisionBefore }: Intent,
  { actor, reason }: Order,
  fault?: string,
): AuditRecord {
  const detail = { reason, does, revisionBefore, ...(fault !== undefined && { fault }) };
  return {
    at: clock.now().toISOString(),
    actor,
    action,
    subject: packageId,
    detail: JSON.stringify(detail),
  };
}

/** The publication says what became of it; a deleted one is at its end. */
async function recordDone(deps: ActsDeps, intent: Intent, order: Order): Promise<void> {
  const { act, packageId } = intent;
  const entry = entryOf(deps, act, intent, order);
  const { at } = entry;
  await deps.ledger.transaction(async (tx) => {
    await tx.appendAudit(entry);
    const publication = await tx.publication(DIRECT_TARGET, packageId);
    if (publication === null) return;
    if (act === 'resign') {
      // Clients have the new cabinet when the site has brought it to the gateway, and take it when they trust who signed it.
      const { revision } = publication;
      const repair = { kind: 'repair', packageId, revision, requestId: `resign-${at}` } as const;
      await enqueue(tx, repair, new Date(at), false);
      return;
    }
    const said =
      act === 'undecline'
        ? null
        : `${act === 'delete' ? 'deleted' : 'declined'} at the server by ${order.actor}: ${order.reason}`;
    const state = act === 'delete' ? ('expired' as const) : publication.state;
    await tx.putPublication({ ...publication, state, reason: said, changedAt: at });
  });
}
