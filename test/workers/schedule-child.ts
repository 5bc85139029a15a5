import { silentLog } from '../../src/app/logger.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createSchedule } from '../../workers/schedule.js';

/** A host that leads the schedule of the ledger named on its command line, until it is killed. */
const ledger = await openLedger({ file: process.argv[2] ?? '' });
createSchedule({
  ledger,
  clock: { now: () => new Date() },
  log: silentLog,
  tickMs: 20,
  leaseMs: 1000,
  settleMs: 60_000,
  settle: async () => undefined,
  askDue: async (lead) => {
    process.send?.(lead);
    return 0;
  },
}).start();
