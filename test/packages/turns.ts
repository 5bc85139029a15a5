import { silentLog } from '../../src/app/logger.js';
import type { Ledger, LedgerWriter } from '../../src/core/ports.js';
import type { Stage, StageContext, StageResult } from '../../src/core/stage.js';

export interface BegunTurn {
  readonly result: StageResult;
  /** Puts the effects into the ledger in one transaction, as the runner does. */
  write(): Promise<void>;
}

/** A turn of a stage up to its effects. */
export async function beginTurn<In>(ledger: Ledger, stage: Stage<In>, input: unknown): Promise<BegunTurn> {
  const effects: ((tx: LedgerWriter) => Promise<void>)[] = [];
  const context: StageContext = {
    log: silentLog,
    signal: new AbortController().signal,
    attempt: 0,
    record: (effect) => effects.push(effect),
    recordAnyway: (effect) => effects.push(effect),
  };
  const result = await stage.run(stage.parse(input), context);
  const write = () =>
    ledger.transaction(async (tx) => {
      for (const effect of effects) await effect(tx);
    });
  return { result, write };
}
