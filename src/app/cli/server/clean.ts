import { describeFault } from '../../../core/errors.js';
import { DIRECT_TARGET } from '../../../publishing/jobs.js';
import type { Bridge } from '../../../publishing/software-update-point/bridge.js';
import {
  carryOut,
  findAtServer,
  planLifecycle,
} from '../../../publishing/software-update-point/lifecycle.js';
import {
  type OwnPublication,
  planRetention,
  type RetentionStep,
} from '../../../publishing/software-update-point/retention.js';
import type { Stores } from '../../foundation.js';
import { withStores } from '../catalog/stores.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { ownUpdate, recordAct, requireReason } from './act.js';
import { requireBridge, UNTIL_THE_END } from './bridge.js';

export interface CleanOptions extends OutputOptions {
  readonly keep: number;
  readonly graceDays: number;
  readonly reason?: string;
  readonly preview?: boolean;
}

interface Cleaned extends RetentionStep {
  readonly isDone: boolean;
  readonly fault: string | null;
}

/** `patchpress server clean`: one update that the server will not give up does not keep the others. */
export async function cleanServer(options: CleanOptions): Promise<number> {
  const bridge = requireBridge();
  const reason = options.preview === true ? '' : requireReason(options);
  return withStores(async (stores) => {
    const { updates } = await bridge.call({ verb: 'list-local' }, UNTIL_THE_END);
    const steps = planRetention(await ownPublications(stores), updates, options, new Date());
    const cleaned: Cleaned[] = [];
    for (const step of steps) {
      const fault = options.preview === true ? null : await carryOutStep(bridge, stores, step, reason);
      cleaned.push({ ...step, isDone: options.preview !== true && fault === null, fault });
    }
    show(options, { steps: cleaned }, () => describe(cleaned));
    return cleaned.some(({ fault }) => fault !== null) ? EXIT.negative : EXIT.ok;
  });
}

async function ownPublications({ ledger }: Stores): Promise<readonly OwnPublication[]> {
  const publications = new Map((await ledger.publications(DIRECT_TARGET)).map((one) => [one.packageId, one]));
  return (await ledger.updates()).flatMap((update) => {
    const publication = publications.get(update.packageId);
    return publication === undefined ? [] : [{ update, publication }];
  });
}

/** Planned anew from what the server has at this moment; null, or why it was not done. */
async function carryOutStep(
  bridge: Bridge,
  stores: Stores,
  { act, packageId }: RetentionStep,
  reason: string,
): Promise<string | null> {
  try {
    const found = await findAtServer(bridge, packageId, UNTIL_THE_END);
    const plan = planLifecycle(act, packageId, found, await ownUpdate(stores, packageId));
    if (plan.does === null) return null;
    await carryOut(bridge, plan, null, UNTIL_THE_END);
    await recordAct(stores, plan, reason);
    return null;
  } catch (error) {
    return describeFault(error);
  }
}

function describe(cleaned: readonly Cleaned[]): string {
  if (cleaned.length === 0) return 'There is nothing to clean up.';
  return cleaned
    .map(({ act, packageId, productId, version, reason, isDone, fault }) => {
      const end = fault === null ? (isDone ? 'done' : 'not done: a preview') : `refused: ${fault}`;
      return `${act} ${packageId} (${productId} ${version}): ${reason}; ${end}`;
    })
    .join('\n');
}
