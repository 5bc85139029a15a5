import assert from 'node:assert/strict';
import type { Ledger } from '../../../src/core/ports.js';
import type { Between } from '../with-lab.js';

export type Side = 'before' | 'after';

/** A crossing by its place among those of one deed. */
export interface BreakAt {
  /** Null: where that name is crossed first. */
  readonly index: number | null;
  readonly side: Side;
  /** What was crossed there when nothing broke. */
  readonly name: string;
}

/** One life of the publisher, as far as its end shows to anyone else: by calls that leave it and commits of its ledger. */
export interface Breaker {
  readonly between: Between;
  /** The ledger whose commits count. */
  commits(ledger: Ledger): Ledger;
  /** `site.updates`, `ledger.finish`, in the order they were begun since `arm`. */
  readonly crossed: readonly string[];
  /** Ends this life at that crossing, before or after it has its effect. Null: only counts. */
  arm(at: BreakAt | null): void;
  /** When it has ended. */
  readonly ended: Promise<void>;
  /** Lets go of what hangs in a life that has ended and was left. */
  release(): void;
}

class Released extends Error {}

/**
 * As SIGKILL does it: from the crossing on, nothing of that life goes on. Its calls neither come back nor reach anyone, and
 * no handler of an error runs, until the test lets go of it. What the other side did, and what was committed, stands.
 */
export function createBreaker(): Breaker {
  const crossed: string[] = [];
  let tellEnd: () => void;
  const ended = new Promise<void>((resolve) => {
    tellEnd = resolve;
  });
  let release: (error: Error) => void;
  const released = new Promise<never>((_, reject) => {
    release = reject;
  });
  released.catch(() => undefined);
  let armed: BreakAt | null = null;
  let isOver = false;

  const end = (): Promise<never> => {
    isOver = true;
    tellEnd();
    return released;
  };
  const endsAt = (index: number, side: Side): boolean => {
    if (armed?.side !== side) return false;
    if (armed.index === null) return crossed[index] === armed.name;
    if (armed.index !== index) return false;
    assert.equal(crossed[index], armed.name, 'the same deed crosses at the same places');
    return true;
  };
  /** `run` is told whether it is to end at the last moment before its effect stands. */
  async function cross<T>(name: string, run: (breaksOff: boolean) => Promise<T>): Promise<T> {
    if (isOver) return released;
    const index = crossed.push(name) - 1;
    const breaksOff = endsAt(index, 'before');
    const answer = await run(breaksOff).catch((error: unknown) => {
      if (!breaksOff) throw error;
    });
    return breaksOff || isOver || endsAt(index, 'after') ? end() : (answer as T);
  }
  const neverBegun = () => Promise.reject(new Released());

  return {
    crossed,
    ended,
    release: () => release(new Released('this life has ended')),
    arm(at) {
      armed = at;
      crossed.length = 0;
    },
    between: (port, original) =>
      new Proxy(original, {
        get(target, key) {
          const member = Reflect.get(target, key);
          if (typeof member !== 'function') return member;
          return (...args: readonly unknown[]) =>
            cross(nameOf(port, key, args), (breaksOff) =>
              breaksOff ? neverBegun() : Reflect.apply(member, target, args),
            );
        },
      }),
    commits: (ledger) => ({
      ...ledger,
      transaction: (body) =>
        cross('ledger.transaction', (breaksOff) => ledger.transaction(rolledBack(body, breaksOff))),
      finish: (work, state, effects, now) =>
        cross('ledger.finish', (breaksOff) =>
          ledger.finish(work, state, rolledBack(effects, breaksOff), now),
        ),
      take: (...args) =>
        cross('ledger.take', (breaksOff) => (breaksOff ? neverBegun() : ledger.take(...args))),
      clearDelivered: (...args) =>
        cross('ledger.clearDelivered', (breaksOff) =>
          breaksOff ? neverBegun() : ledger.clearDelivered(...args),
        ),
      // By time, not by what is done: no crossing, but none of a life that is over.
      renew: (...args) => (isOver ? released : ledger.renew(...args)),
    }),
  };
}

/** Everything is written, and then the transaction does not commit. */
function rolledBack<T, L>(body: (ledger: L) => Promise<T>, isTo: boolean): (ledger: L) => Promise<T> {
  if (!isTo) return body;
  return async (ledger) => {
    await body(ledger);
    throw new Released();
  };
}

/** `site.updates`; of the bridge the verb says more than its one method. */
function nameOf(port: string, key: string | symbol, [first]: readonly unknown[]): string {
  const isVerb = typeof first === 'object' && first !== null && 'verb' in first;
  return `${port}.${isVerb ? first.verb : String(key)}`;
}
