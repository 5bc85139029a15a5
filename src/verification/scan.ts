import { describeFault, PermanentError } from '../core/errors.js';
import { evaluateUpdate } from '../core/evaluate.js';
import type { Machine } from '../core/machine.js';
import { judgeDriver } from './drivers.js';
import { type CoreFacts, readCore } from './metadata.js';
import { judgeUpdates, type KnownUpdate, type Verdict } from './verdict.js';
import type { WuspSession } from './wusp/session.js';
import { type InstalledIn, syncDrivers, syncUpdates, type UpdateCache } from './wusp/sync.js';

/** An update as the scan sees it; `failed`: its metadata cannot be read, and an agent does not offer it. */
export interface ScannedUpdate {
  readonly revisionId: number;
  readonly action: string;
  readonly isLeaf: boolean;
  readonly state: Verdict['state'] | 'failed';
  readonly why: string;
  readonly unknown: boolean;
  readonly supersededBy?: string;
  /** Null where it failed. */
  readonly known: KnownUpdate | null;
}

export interface Scan {
  readonly trips: number;
  readonly updates: readonly ScannedUpdate[];
}

/**
 * A scan that begins with what the cache holds and leaves there what the server has told ([MS-WUSP] 3.1.5.7). The machine
 * is the session's. Errors of `syncUpdates`; metadata that cannot be read fails that update alone.
 */
export async function scanServer(
  session: WuspSession,
  cache: UpdateCache,
  read: typeof readCore = readCore,
): Promise<Scan> {
  const judge = createJudge(session.machine, (core) => read(core, session.base));
  const trips = await syncBoth(session, cache, (known) => judge(known).installed);
  const { verdicts, failed, known } = judge(cache);
  const updates = [...cache.values()].map(({ revisionId, action, isLeaf }): ScannedUpdate => {
    const facts = { revisionId, action, isLeaf, known: known.get(revisionId) ?? null };
    const verdict = verdicts.get(revisionId);
    if (verdict !== undefined) return { ...facts, ...verdict };
    return { ...facts, state: 'failed', why: failed.get(revisionId) ?? 'it was not judged', unknown: true };
  });
  return { trips, updates };
}

/** Drivers are asked for where the server has any, and the machine says what they would be for. */
async function syncBoth(session: WuspSession, cache: UpdateCache, installedIn: InstalledIn): Promise<number> {
  const software = await syncUpdates(session, cache, installedIn);
  const { hardware } = session.machine;
  if (hardware === undefined || software.hasNoDrivers) return software.trips;
  const drivers = await syncDrivers(session, cache, installedIn, hardware);
  const trips = software.trips + drivers.trips;
  // How often a server may do that is bounded by the session.
  return drivers.isReset ? trips + (await syncBoth(session, cache, installedIn)) : trips;
}

/** Each fragment is read once and its rules answered once, however often all is judged. */
function createJudge(machine: Machine, read: (core: string) => CoreFacts) {
  const readings = new Map<string, Pick<KnownUpdate, 'core' | 'evaluation' | 'driver'> | string>();
  const readOnce = (fragment: string) => {
    const reading = readings.get(fragment) ?? readAndEvaluate(fragment, machine, read);
    readings.set(fragment, reading);
    return reading;
  };
  return (cache: UpdateCache) => {
    const failed = new Map<number, string>();
    const known = new Map<number, KnownUpdate>();
    for (const { revisionId, action, core } of cache.values()) {
      const reading = readOnce(core);
      if (typeof reading === 'string') failed.set(revisionId, reading);
      else known.set(revisionId, { revisionId, action, ...reading });
    }
    const verdicts = judgeUpdates([...known.values()]);
    const installed = new Set(
      [...verdicts].filter(([, { state }]) => state === 'installed').map(([id]) => id),
    );
    return { verdicts, installed, failed, known };
  };
}

/** Or why it cannot be read. */
function readAndEvaluate(fragment: string, machine: Machine, read: (core: string) => CoreFacts) {
  try {
    const core = read(fragment);
    const driver =
      core.updateType === 'Driver' ? { driver: judgeDriver(core.drivers, machine.hardware) } : {};
    return { core, evaluation: evaluateUpdate(core.rules, machine), ...driver };
  } catch (error) {
    if (error instanceof PermanentError) return describeFault(error);
    throw error;
  }
}
