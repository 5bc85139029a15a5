import { PermanentError } from '../core/errors.js';
import type { StageContext, StageResult } from '../core/stage.js';
import type { Look } from './look.js';
import { changeUnlessReplaced, describeChange, type Standing } from './record.js';

const LOST = 'its proof no longer holds: ';
const STILL_OFFERED =
  'clients are still offered it: patchpress expire or rollback takes it back, hold keeps it from being published again';

/**
 * What a later look says of an update that was verified before. It stays verified and is taken back from no client; what
 * speaks against it is told with the work, which fails, and stands as the reason until the canary proves it again.
 * PermanentError `proof.failed`.
 */
export function concludeAgain(
  standing: Standing,
  look: Exclude<Look, { kind: 'unreachable' }>,
  context: StageContext,
  at: string,
): StageResult {
  const { reason } = standing.publication;
  const wasLost = reason?.startsWith(LOST) === true;
  if (look.kind === 'proven') {
    if (!wasLost) return { outcome: 'unchanged', reason: `its proof still holds: ${look.summary}` };
    const { clients = null, proof, summary } = look;
    const decision = describeChange(standing, 'go', `its proof holds again: ${summary}`, at);
    context.record((ledger) =>
      changeUnlessReplaced(ledger, standing, { reason: null, proof, clients }, decision),
    );
    return { outcome: 'advanced', next: [], summary: 'its proof holds again' };
  }
  if (look.kind === 'unproven' && !look.isContrary && !wasLost) {
    return { outcome: 'unchanged', reason: `it was verified, and nothing speaks against it: ${look.reason}` };
  }
  const fault = faultOf(standing, look);
  const told = `${LOST}${fault.found ?? fault.message}`;
  const decision = wasLost ? null : describeChange(standing, 'hold', told, at);
  const clients = look.clients === undefined ? {} : { clients: look.clients };
  context.recordAnyway((ledger) =>
    changeUnlessReplaced(ledger, standing, { reason: told, ...clients }, decision),
  );
  throw fault;
}

function faultOf(
  { update, publication }: Standing,
  look: Extract<Look, { kind: 'unproven' | 'refuted' }>,
): PermanentError {
  const verifiedAt = publication.reachedAt?.verified ?? publication.changedAt;
  const cause =
    look.kind === 'refuted' ? look.fault : { found: look.reason, nextStep: look.nextStep, message: '' };
  return new PermanentError(
    'proof.failed',
    `it was verified by ${publication.proof ?? 'a canary'} at ${verifiedAt}, and that no longer holds`,
    {
      where: `${update.productId} ${update.version} (${update.packageId})`,
      ...(look.kind === 'refuted' && look.fault.expected !== undefined
        ? { expected: look.fault.expected }
        : {}),
      found: cause.found ?? cause.message,
      nextStep: [cause.nextStep, STILL_OFFERED].filter((step) => step !== undefined).join('; '),
    },
  );
}
