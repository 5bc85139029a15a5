import { describeFault, PermanentError, RetryableError } from '../src/core/errors.js';
import type { Clock, Ledger, LedgerWriter, Log } from '../src/core/ports.js';
import type { WorkRecord, WorkState } from '../src/core/records.js';
import type { NextJob, Stage, StageContext, StageName, StageResult } from '../src/core/stage.js';

export interface RunnerSettings {
  /** How long work stays with a worker that does not answer any more. */
  readonly leaseMs: number;
  readonly maxAttempts: number;
  /** First and longest delay of the exponential back-off. */
  readonly backoffMs: number;
  readonly longestBackoffMs?: number;
}

export interface RunnerDeps {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  // biome-ignore lint/suspicious/noExplicitAny: each stage decodes its own input, the runner never looks inside.
  readonly stages: ReadonlyMap<StageName, Stage<any>>;
  readonly settings: RunnerSettings;
  /** Told after each turn, for progress displays and the relay. */
  readonly onTurn?: (turn: Turn) => void;
}

export interface Turn {
  readonly work: WorkRecord;
  readonly state: WorkState;
  readonly reason: string | null;
}

/** Runs one turn of one piece of work: take the token, do the work, write its effects under the token or not at all. */
export interface StageRunner {
  runWork(workId: number, signal: AbortSignal): Promise<'ran' | 'not-mine'>;
}

export function createStageRunner(deps: RunnerDeps): StageRunner {
  return {
    async runWork(workId, signal) {
      const work = await deps.ledger.take(workId, deps.settings.leaseMs, deps.clock.now());
      if (work === null) return 'not-mine';
      const abort = new AbortController();
      const renewing = keepLease(deps, work, abort);
      // Not `AbortSignal.any`: the signal of the whole process would remember each turn for ever.
      const stop = (): void => abort.abort(signal.reason);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop);
      try {
        await turn(deps, work, abort.signal);
      } finally {
        signal.removeEventListener('abort', stop);
        clearInterval(renewing);
      }
      return 'ran';
    },
  };
}

/** Prolongs the lease at a third of its length; a lost lease aborts the turn, whose effects the token would refuse anyway. */
function keepLease(deps: RunnerDeps, work: WorkRecord, abort: AbortController): NodeJS.Timeout {
  return setInterval(() => {
    deps.ledger
      .renew(work.id, work.token, deps.settings.leaseMs, deps.clock.now())
      .then((held) => {
        if (!held) abort.abort(new Error('another worker has taken this work'));
      })
      .catch((error: unknown) =>
        deps.log.warn({ work: work.id, error: describeFault(error) }, 'lease not renewed'),
      );
  }, deps.settings.leaseMs / 3);
}

async function turn(deps: RunnerDeps, work: WorkRecord, signal: AbortSignal): Promise<void> {
  const log = deps.log.child({
    stage: work.stage,
    key: work.key,
    product: work.product,
    version: work.version,
    attempt: work.attempt,
  });
  let effects: ((ledger: LedgerWriter) => Promise<void>)[] = [];
  const anyway: typeof effects = [];
  let end: End;
  try {
    const stage = deps.stages.get(work.stage);
    if (stage === undefined)
      throw new PermanentError('internal', 'no such stage on this worker', { where: work.stage });
    const context: StageContext = {
      log,
      signal,
      attempt: work.attempt,
      record: (effect) => effects.push(effect),
      recordAnyway: (effect) => anyway.push(effect),
    };
    end = endOf(await stage.run(stage.parse(work.input), context));
  } catch (error) {
    effects = [];
    end = endOfFault(error, work, deps);
  }
  await finish(deps, work, end, [...effects, ...anyway], log);
}

interface End {
  readonly state: WorkState;
  readonly code: string | null;
  readonly reason: string | null;
  readonly nextStep: string | null;
  readonly next: readonly NextJob[];
  readonly notBefore?: Date;
  readonly attempt?: number;
}

function endOf(result: StageResult): End {
  switch (result.outcome) {
    case 'advanced':
      return { state: 'done', code: null, reason: result.summary ?? null, nextStep: null, next: result.next };
    case 'unchanged':
      return {
        state: 'done',
        code: 'unchanged',
        reason: result.reason,
        nextStep: null,
        next: result.next ?? [],
      };
    case 'waiting':
      return {
        state: 'waiting',
        code: 'waiting',
        reason: result.reason,
        nextStep: result.nextStep ?? null,
        next: result.next ?? [],
        notBefore: result.until,
        // It got through: earlier outages do not count against the next look.
        attempt: 0,
      };
    case 'held':
      return { state: 'held', code: result.code, reason: result.reason, nextStep: result.nextStep, next: [] };
  }
}

function endOfFault(error: unknown, work: WorkRecord, deps: RunnerDeps): End {
  const reason = describeFault(error);
  const nextStep =
    error instanceof RetryableError || error instanceof PermanentError ? (error.nextStep ?? null) : null;
  const attempt = work.attempt + 1;
  if (error instanceof RetryableError && attempt < deps.settings.maxAttempts) {
    const backoffMs = Math.max(error.retryAfterMs ?? 0, backoffOf(deps.settings, work.attempt));
    const notBefore = new Date(deps.clock.now().getTime() + backoffMs);
    return { state: 'ready', code: error.code, reason, nextStep, next: [], notBefore, attempt };
  }
  const code = error instanceof RetryableError || error instanceof PermanentError ? error.code : 'internal';
  return { state: 'failed', code, reason, nextStep, next: [], attempt };
}

function backoffOf(
  { backoffMs, longestBackoffMs = Number.POSITIVE_INFINITY }: RunnerSettings,
  attempt: number,
): number {
  return Math.min(backoffMs * 2 ** Math.min(attempt, 20), longestBackoffMs);
}

async function finish(
  deps: RunnerDeps,
  work: WorkRecord,
  end: End,
  effects: readonly ((ledger: LedgerWriter) => Promise<void>)[],
  log: Log,
): Promise<void> {
  let written = end;
  let finished: boolean;
  try {
    finished = await write(deps, work, end, effects);
  } catch (error) {
    // An effect was refused (a write-once row, a bad next job) or the ledger is out of reach: nothing of it stands.
    written = endOfFault(error, work, deps);
    finished = await write(deps, work, written, []);
  }
  if (!finished) {
    log.warn({ work: work.id }, 'turn discarded: another worker holds the token');
    return;
  }
  logEnd(log, written);
  deps.onTurn?.({ work, state: written.state, reason: written.reason });
}

function write(
  deps: RunnerDeps,
  work: WorkRecord,
  end: End,
  effects: readonly ((ledger: LedgerWriter) => Promise<void>)[],
): Promise<boolean> {
  const now = deps.clock.now();
  return deps.ledger.finish(
    work,
    end,
    async (ledger) => {
      for (const effect of effects) await effect(ledger);
      for (const job of end.next) await enqueueNext(deps, ledger, job, now);
    },
    now,
  );
}

async function enqueueNext(deps: RunnerDeps, ledger: LedgerWriter, job: NextJob, now: Date): Promise<void> {
  await ledger.enqueue({ ...job, ...describeWork(deps.stages, job) }, now);
}

/** Runs a job as its stage would, without writing anything of it: a look ahead. Errors as in `Stage.run`. */
export async function rehearse(
  // biome-ignore lint/suspicious/noExplicitAny: as in RunnerDeps.
  stages: ReadonlyMap<StageName, Stage<any>>,
  job: NextJob,
  log: Log,
): Promise<StageResult> {
  const stage = stages.get(job.stage);
  if (stage === undefined) throw new PermanentError('internal', 'no such stage', { where: job.stage });
  const { signal } = new AbortController();
  const context: StageContext = {
    log,
    signal,
    attempt: 0,
    record: () => undefined,
    recordAnyway: () => undefined,
  };
  return stage.run(stage.parse(job.input), context);
}

/** The key and the subject of a job, from the stage that will run it: decoded there, so that a bad input fails here. */
export function describeWork(
  // biome-ignore lint/suspicious/noExplicitAny: as in RunnerDeps.
  stages: ReadonlyMap<StageName, Stage<any>>,
  job: NextJob,
): { key: string; product: string | null; version: string | null; variant: string | null } {
  const stage = stages.get(job.stage);
  if (stage === undefined) throw new PermanentError('internal', 'no such stage', { where: job.stage });
  const input: unknown = stage.parse(job.input);
  const subject = stage.subject(input);
  return {
    key: stage.key(input),
    product: subject?.product ?? null,
    version: subject?.version ?? null,
    variant: subject?.variant ?? null,
  };
}

function logEnd(log: Log, end: End): void {
  const facts = { state: end.state, code: end.code, reason: end.reason };
  if (end.state === 'failed') log.error(facts, 'work failed');
  else if (end.state === 'held') log.warn(facts, 'work held');
  else if (end.state === 'ready') log.warn(facts, 'work will be tried again');
  else log.info(facts, 'turn finished');
}
