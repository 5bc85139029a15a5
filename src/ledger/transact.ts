import type { Kysely, Transaction } from 'kysely';
import { guarded } from './faults.js';
import type { Schema } from './schema.js';

type Body<T> = (tx: Transaction<Schema>) => Promise<T>;

export type Transact = <T>(body: Body<T>) => Promise<T>;

/**
 * Every write, also of one statement: the embedded driver waits for its lock at the beginning only (see `sqlite.ts`).
 * Serializable, so that what a body has read still holds when it writes: a token, the lack of a row. SQLite has nothing
 * else; PostgreSQL refuses one of two that would mix (40001), and its body runs again.
 */
export function transactions(db: Kysely<Schema>): Transact {
  return (body) => guarded(() => db.transaction().setIsolationLevel('serializable').execute(body));
}

interface Turn {
  readonly body: Body<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The event loop stands while a group is written. */
const MOST_AT_ONCE = 50;

/**
 * On one connection transactions come one after the other anyway: those that are asked for in one round of the event
 * loop share one, and so its beginning and its commit. One whose body fails takes no other with it: nothing of
 * the group stands then, and each runs by itself.
 */
export function grouped(transact: Transact): Transact {
  let waiting: Turn[] = [];

  const runWaiting = (): void => {
    const turns = waiting;
    waiting = [];
    for (let first = 0; first < turns.length; first += MOST_AT_ONCE)
      void runTogether(transact, turns.slice(first, first + MOST_AT_ONCE));
  };

  return <T>(body: Body<T>) =>
    new Promise<T>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(runWaiting);
      waiting.push({ body, resolve: resolve as Turn['resolve'], reject });
    });
}

async function runTogether(transact: Transact, turns: readonly Turn[]): Promise<void> {
  let hasBegun = false;
  try {
    const results = await transact(async (tx) => {
      hasBegun = true;
      const ofEach: unknown[] = [];
      for (const { body } of turns) ofEach.push(await body(tx));
      return ofEach;
    });
    turns.forEach(({ resolve }, place) => {
      resolve(results[place]);
    });
  } catch (error) {
    if (hasBegun && turns.length > 1) for (const turn of turns) await runTogether(transact, [turn]);
    else for (const { reject } of turns) reject(error);
  }
}
