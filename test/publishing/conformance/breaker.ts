import { RetryableError } from '../../../src/core/errors.js';
import type { Between } from '../with-lab.js';

/** The calls that leave the service, one of which can break. */
export interface Breaker {
  readonly between: Between;
  /** `site.updates`, in the order they were begun. */
  readonly calls: string[];
  /** Another takes the place of a port from now on. */
  replace(name: string, port: object): void;
  /** Breaks the call of that index once, before or after it has its effect. Null: none. */
  arm(at: { readonly index: number; readonly side: 'before' | 'after' } | null): void;
}

/**
 * A turn whose call breaks ends as that of a killed process does: whatever it was about to record does not stand, and what
 * the other side did does. The work is taken up again by the next turn.
 */
export function createBreaker(): Breaker {
  const calls: string[] = [];
  const replaced = new Map<string, object>();
  let armed: { readonly index: number; readonly side: 'before' | 'after' } | null = null;
  const breakIf = (index: number, side: 'before' | 'after'): void => {
    if (armed?.index !== index || armed.side !== side) return;
    armed = null;
    throw new RetryableError('target.unreachable', `broken ${side} ${calls[index]}`);
  };
  const call = async (name: string, run: () => unknown): Promise<unknown> => {
    const index = calls.push(name) - 1;
    breakIf(index, 'before');
    const answer = await run();
    breakIf(index, 'after');
    return answer;
  };
  return {
    calls,
    replace: (name, port) => void replaced.set(name, port),
    arm(at) {
      armed = at;
      calls.length = 0;
    },
    between: (name, port) =>
      new Proxy(port, {
        get(original, key) {
          const target = replaced.get(name) ?? original;
          const member = Reflect.get(target, key);
          if (typeof member !== 'function') return member;
          return (...args: readonly unknown[]) =>
            call(nameOf(name, key, args), () => Reflect.apply(member, target, args));
        },
      }),
  };
}

/** `site.updates`; of the bridge the verb says more than its one method. */
function nameOf(port: string, key: string | symbol, [first]: readonly unknown[]): string {
  const isVerb = typeof first === 'object' && first !== null && 'verb' in first;
  return `${port}.${isVerb ? first.verb : String(key)}`;
}
