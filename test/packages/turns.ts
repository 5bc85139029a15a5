import { silentLog } from '../../src/app/logger.js';
import type { Ledger, LedgerWriter } from '../../src/core/ports.js';
import type { Stage, StageContext, StageResult } from '../../src/core/stage.js';

export interface BegunTurn {
  readonly result: StageResult;
  /** Puts the effects into the ledger in one transaction, as the runner does. */
  write(): Promise<void>;
}

/** A turn of a stage up to its effects; of one that throws, what it recorded anyway is written. */
export async function beginTurn<In>(ledger: Ledger, stage: Stage<In>, input: unknown): Promise<BegunTurn> {
  let effects: ((tx: LedgerWriter) => Promise<void>)[] = [];
  const anyway: typeof effects = [];
  const context: StageContext = {
    log: silentLog,
    signal: new AbortController().signal,
    attempt: 0,
    record: (effect) => effects.push(effect),
    recordAnyway: (effect) => anyway.push(effect),
  };
  const write = () =>
    ledger.transaction(async (tx) => {
      for (const effect of [...effects, ...anyway]) await effect(tx);
    });
  try {
    return { result: await stage.run(stage.parse(input), context), write };
  } catch (error) {
    effects = [];
    await write();
    throw error;
  }
}
