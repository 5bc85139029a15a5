import type { OperationsDeps } from './deps.js';
import type { Lead } from './scheduled.js';

/** Work that looks through everything, asked for by whoever takes the lead and then hourly; what still runs goes on. */
export async function askHourly(deps: OperationsDeps, inputs: readonly unknown[], lead: Lead): Promise<void> {
  if (inputs.length === 0) return;
  const now = deps.clock.now();
  await deps.ledger.transaction(async (ledger) => {
    await ledger.requireLease(lead.name, lead.token);
    for (const input of inputs) {
      const job = { stage: 'publishing', input, again: 'when-finished' } as const;
      await ledger.enqueue({ ...job, ...deps.describeWork(job) }, now);
    }
  });
  deps.onEnqueued();
}
