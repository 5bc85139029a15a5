import { PermanentError } from '../../../core/errors.js';
import { performAct, settleActs } from '../../../publishing/software-update-point/acts.js';
import { ownUpdate } from '../../../publishing/software-update-point/clean.js';
import {
  findAtServer,
  type LifecycleAct,
  type LifecyclePlan,
  planLifecycle,
} from '../../../publishing/software-update-point/lifecycle.js';
import type { Stores } from '../../foundation.js';
import { withStores } from '../catalog/stores.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { operatorName } from '../sync.js';
import { actsDeps, requireBridge, UNTIL_THE_END } from './bridge.js';

export interface ActOptions extends OutputOptions {
  readonly reason?: string;
  readonly preview?: boolean;
}

/** Looks, plans, does it once, reads back, and writes the audit. The same again finds nothing to do. */
export async function actAtServer(act: LifecycleAct, id: string, options: ActOptions): Promise<number> {
  const bridge = requireBridge();
  const packageId = id.toLowerCase();
  const order = options.preview === true ? null : { actor: operatorName(), reason: requireReason(options) };
  return withStores(async (stores) => {
    const deps = actsDeps(bridge, stores.ledger);
    if (order !== null) await settleActs(deps, [packageId], UNTIL_THE_END);
    const found = await findAtServer(bridge, packageId, UNTIL_THE_END);
    const plan = planLifecycle(act, packageId, found, await ownUpdate(stores.ledger, packageId));
    if (order === null || plan.does === null) {
      show(options, { ...plan, isDone: false }, () => planText(plan, 'Nothing was done.'));
      return EXIT.ok;
    }
    const sdp = act === 'resign' ? await documentOf(stores, packageId) : null;
    const after = await performAct(deps, plan, sdp, order, UNTIL_THE_END);
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

async function documentOf({ ledger, content }: Stores, packageId: string): Promise<Buffer | null> {
  const revision = await ledger.latestRevision(packageId);
  return revision === null ? null : content.get(revision.sdpSha256);
}

function planText({ act, packageId, does, reason, clients }: LifecyclePlan, end: string): string {
  return [
    `${act} ${packageId}: ${does ?? 'nothing to do'}`,
    `  because ${reason}`,
    `  clients: ${clients}`,
    end,
  ].join('\n');
}
