import type { OperationsDeps } from './deps.js';
import type { Lead } from './scheduled.js';

/** Whoever takes the lead has the mirror looked through once: what somebody removed there is put there again. */
export async function mirrorAgain(deps: OperationsDeps, lead: Lead): Promise<void> {
  const job = {
    stage: 'publishing',
    input: { kind: 'mirror', target: deps.target },
    again: 'when-finished',
  } as const;
  await deps.ledger.transaction(async (ledger) => {
    await ledger.requireLease(lead.name, lead.token);
    await ledger.enqueue({ ...job, ...deps.describeWork(job) }, deps.clock.now());
  });
  deps.onEnqueued();
}
