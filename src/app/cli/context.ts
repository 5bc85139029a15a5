import { describeWork, rehearse } from '../../../workers/runner.js';
import { loadSettings, projectPath, type Settings } from '../../config/settings.js';
import { RetryableError } from '../../core/errors.js';
import type { JobQueue } from '../../core/ports.js';
import { createOperations, type Operations } from '../../operations/operations.js';
import { isLocked } from '../data-lock.js';
import { openStores } from '../foundation.js';
import { silentLog } from '../logger.js';
import { openStages } from '../open-stages.js';
import { lineOptions } from '../service-options.js';

/** What a command works on: the service's own ledger. Work that it writes is carried on by the service. */
export interface CommandContext {
  readonly settings: Settings;
  readonly operations: Operations;
  /** Whether a service works on the data folder now. */
  readonly isServed: boolean;
  close(): Promise<void>;
}

export async function openContext(): Promise<CommandContext> {
  const settings = loadSettings();
  const dataDir = projectPath(settings.dataDir);
  const stores = await openStores({ ...settings, dataDir, siteId: settings.siteId ?? null });
  const options = lineOptions(settings, dataDir);
  const { stages, close } = openStages(options, stores);
  return {
    settings,
    operations: createOperations({
      ledger: stores.ledger,
      queue: NO_QUEUE,
      content: stores.content,
      products: options.products,
      policy: options.policy,
      ...(options.selection === undefined ? {} : { selection: options.selection }),
      clock: options.clock,
      target: 'configmgr-catalog',
      catalog: options.catalog,
      describeWork: (job) => describeWork(stages, job),
      rehearse: (job) => rehearse(stages, job, silentLog),
      // The service's relay looks at the outbox by itself.
      onEnqueued: () => undefined,
    }),
    isServed: settings.databaseUrl !== null || isLocked(dataDir),
    async close() {
      close();
      await stores.close();
    },
  };
}

/** A command does not touch Redis: only the service wakes workers up. */
const NO_QUEUE: JobQueue = {
  wake: refuse,
  counts: refuse,
  remembers: refuse,
  close: async () => undefined,
};

async function refuse(): Promise<never> {
  throw new RetryableError('queue.unreachable', 'a command has no queue of its own');
}
