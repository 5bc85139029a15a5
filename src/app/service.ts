import { nextCronTime } from '../../workers/cron.js';
import type { Turn } from '../../workers/runner.js';
import { createSchedule, type Schedule } from '../../workers/schedule.js';
import type { Log } from '../core/ports.js';
import type { RetentionRule } from '../core/retention.js';
import type { ScheduleRule } from '../core/schedule.js';
import type { StageName } from '../core/stage.js';
import { askHourly } from '../operations/hourly.js';
import type { Operations } from '../operations/operations.js';
import { retain } from '../operations/retain.js';
import { askDue, settleSchedule } from '../operations/scheduled.js';
import { verifyAgain } from '../operations/verify-again.js';
import { createPublished } from '../publishing/configmgr-catalog/published.js';
import { type CatalogServer, startCatalogServer } from '../publishing/configmgr-catalog/server.js';
import { type Cleaning, type CleaningRule, createCleaning } from './cleaning.js';
import type { Foundation } from './foundation.js';
import { createLine, type Line, type Retries } from './line.js';
import { type LineOptions, openStages } from './open-stages.js';

/** A host that dies loses the lead within seconds. */
const SCHEDULE_TIMES = { tickMs: 2000, leaseMs: 6000, settleMs: 3_600_000 };
const END_OF_TIME = new Date('9999-12-31T00:00:00Z');

export interface ServiceOptions extends LineOptions {
  readonly foundation: Foundation;
  readonly log: Log;
  /** Null: another host serves catalog and content. */
  readonly contentServer: {
    readonly listen: { readonly host: string; readonly port: number };
    readonly tls: { readonly certificate: string; readonly key: string };
  } | null;
  /** Null: this host never leads the schedule. */
  readonly schedule: readonly ScheduleRule[] | null;
  /** How often the canary looks again at what is verified; absent: once, after each publication. */
  readonly canaryEveryHours?: number;
  /** Which earlier revisions of the catalog are kept; absent: all. */
  readonly keepRevisions?: RetentionRule;
  /** When the update server is cleaned; absent: by hand alone. */
  readonly cleaning?: CleaningRule | undefined;
  /** Absent: all stages. */
  readonly work?: readonly StageName[];
  readonly onlyHost: boolean;
  readonly retries: Retries;
  readonly onTurn?: (turn: Turn) => void;
}

export interface Service {
  readonly operations: Operations;
  readonly contentServer: CatalogServer | null;
  /** When each catalog is synchronised next. */
  nextSyncs(): Promise<readonly { readonly catalog: string; readonly at: Date | null }[]>;
  /** Lets the workers begin; what an earlier run left unfinished goes on. */
  start(): void;
  close(): Promise<void>;
}

/** The six stages with their queue, the catalog server and the schedule: what service, worker and demo have in common. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { foundation, clock, log, products } = options;
  const { stages, close: closeStages } = openStages(options, foundation);
  const line = createLine({
    ...options,
    ...foundation,
    stages,
    products,
  });
  const contentServer =
    options.contentServer === null
      ? null
      : await startCatalogServer({
          ...options.contentServer,
          ...createPublished(foundation),
          catalogName: options.catalog.name,
          log,
        });
  const cleaning = openCleaning(options);
  const schedule =
    options.schedule === null
      ? null
      : openSchedule({ ...options, ...line, cleaning, rules: options.schedule });
  log.info({ stages: options.work ?? 'all', products: products.all().length, at: clock.now() }, 'composed');
  return {
    operations: line.operations,
    contentServer,
    nextSyncs: () => nextSyncs(options),
    start() {
      line.start();
      schedule?.start();
    },
    async close() {
      await schedule?.stop();
      await cleaning?.stop();
      await line.close();
      await contentServer?.close();
      closeStages();
    },
  };
}

function openSchedule({
  foundation,
  log,
  ...deps
}: Omit<ServiceOptions, 'cleaning'> &
  Pick<Line, 'operationsDeps'> & {
    readonly cleaning: Cleaning | null;
    readonly rules: readonly ScheduleRule[];
  }): Schedule {
  const scheduled = { ...deps.operationsDeps, rules: deps.rules, nextCronTime };
  const { canary, canaryEveryHours, cleaning, keepRevisions } = deps;
  const again =
    canary === null || canaryEveryHours === undefined ? null : { ...deps.operationsDeps, canaryEveryHours };
  const hourly = [
    // What somebody removed there is put there again.
    ...(deps.mirror === null ? [] : [{ kind: 'mirror', target: deps.operationsDeps.target }]),
    ...(deps.policy.rules.some(({ promoteAt }) => promoteAt !== undefined)
      ? [{ kind: 'promote-required' }]
      : []),
  ];
  // A cron that cannot be is told at the start, not when its time comes.
  for (const rule of deps.rules) if ('cron' in rule) nextCronTime(rule, deps.clock.now());
  return createSchedule({
    ledger: foundation.ledger,
    clock: deps.clock,
    log,
    ...SCHEDULE_TIMES,
    async settle(lead) {
      await settleSchedule(scheduled, lead);
      await askHourly(deps.operationsDeps, hourly, lead);
    },
    async askDue(lead) {
      const asked = await askDue(scheduled, lead);
      if (again !== null) await verifyAgain(again, lead);
      if (keepRevisions !== undefined)
        await retain({ ...deps.operationsDeps, log, rule: keepRevisions }, lead);
      await cleaning?.look(lead);
      return asked;
    },
  });
}

function openCleaning({ bridge, cleaning: rule, foundation, clock, log }: ServiceOptions): Cleaning | null {
  if (bridge === null || rule === undefined) return null;
  return createCleaning({ bridge, ledger: foundation.ledger, clock, log, rule });
}

/** The first product that is due, whichever host asks it. */
async function nextSyncs({ foundation, catalog, schedule }: ServiceOptions) {
  if (schedule === null) return [];
  const [first] = await foundation.ledger.dueBefore(END_OF_TIME, 1);
  return [{ catalog: catalog.name, at: first === undefined ? null : new Date(first.dueAt) }];
}
