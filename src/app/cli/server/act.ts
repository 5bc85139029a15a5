import { PermanentError } from '../../../core/errors.js';
import { DIRECT_TARGET, enqueue } from '../../../publishing/jobs.js';
import {
  carryOut,
  findAtServer,
  type LifecycleAct,
  type LifecyclePlan,
  planLifecycle,
} from '../../../publishing/software-update-point/lifecycle.js';
import type { Stores } from '../../foundation.js';
import { withStores } from '../catalog/stores.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { operatorName } from '../sync.js';
import { requireBridge, UNTIL_THE_END } from './bridge.js';

export interface ActOptions extends OutputOptions {
  readonly reason?: string;
  readonly preview?: boolean;
}

/** Looks, plans, does it once, reads back, and writes the audit. The same again finds nothing to do. */
export async function actAtServer(act: LifecycleAct, id: string, options: ActOptions): Promise<number> {
  const bridge = requireBridge();
  const packageId = id.toLowerCase();
  const reason = options.preview === true ? '' : requireReason(options);
  return withStores(async (stores) => {
    const found = await findAtServer(bridge, packageId, UNTIL_THE_END);
    const plan = planLifecycle(act, packageId, found, await ownUpdate(stores, packageId));
    if (options.preview === true || plan.does === null) {
      show(options, { ...plan, isDone: false }, () => planText(plan, 'Nothing was done.'));
      return EXIT.ok;
    }
    const sdp = act === 'resign' ? await documentOf(stores, packageId) : null;
    const after = await carryOut(bridge, plan, sdp, UNTIL_THE_END);
    await recordAct(stores, plan, reason);
    show(options, { ...plan, isDone: true, update: after }, () => planText(plan, 'Done, and read back.'));
    return EXIT.ok;
  });
}

export function requireReason({ reason }: Pick<ActOptions, 'reason'>): string {
  const text = reason?.trim() ?? '';
  if (text !== '' && text.length <= 500) return text;
  throw new PermanentError('payload.invalid', 'a reason is needed', {
    expected: '--reason with at most 500 characters',
    nextStep: 'say why; it is kept in the audit',
  });
}

export async function ownUpdate({ ledger }: Stores, packageId: string) {
  const update = await ledger.update(packageId);
  const publication = await ledger.publication(DIRECT_TARGET, packageId);
  return { isOurs: update?.route === 'direct' && publication !== null };
}

async function documentOf({ ledger, content }: Stores, packageId: string): Promise<Buffer | null> {
  const revision = await ledger.latestRevision(packageId);
  return revision === null ? null : content.get(revision.sdpSha256);
}

/** The publication says what became of it; a deleted one is at its end. */
export async function recordAct(
  { ledger }: Stores,
  { act, packageId, does }: LifecyclePlan,
  reason: string,
): Promise<void> {
  const at = new Date().toISOString();
  const actor = operatorName();
  await ledger.transaction(async (tx) => {
    await tx.appendAudit({
      at,
      actor,
      action: act,
      subject: packageId,
      detail: JSON.stringify({ reason, does }),
    });
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
        : `${act === 'delete' ? 'deleted' : 'declined'} at the server by ${actor}: ${reason}`;
    const state = act === 'delete' ? ('expired' as const) : publication.state;
    await tx.putPublication({ ...publication, state, reason: said, changedAt: at });
  });
}

function planText({ act, packageId, does, reason, clients }: LifecyclePlan, end: string): string {
  return [
    `${act} ${packageId}: ${does ?? 'nothing to do'}`,
    `  because ${reason}`,
    `  clients: ${clients}`,
    end,
  ].join('\n');
}
