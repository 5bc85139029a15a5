import { plainHost } from './addresses.js';
import {
  beginTurn,
  createHostLine,
  endTurn,
  type HostLimits,
  type HostLine,
  isIdle,
  promiseMs,
  startableAtMs,
  type TurnEnd,
} from './host-line.js';

/** It is not our turn at this host, and not soon either. */
export class HostBusy extends Error {
  override readonly name = 'HostBusy';
  constructor(
    host: string,
    readonly retryAfterMs: number,
  ) {
    super(`${host} is asked by others until then`);
  }
}

/** Politeness: who may ask which host when, for all products of this process. */
export interface HostTurns {
  /**
   * Waits for a turn; the function returned ends it, once. Rejects with HostBusy where the wait is longer than
   * `longestWaitMs`, and with the signal's reason.
   */
  take(
    host: string,
    wait: { readonly longestWaitMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<(end: TurnEnd) => void>;
}

export interface HostTurnsOptions {
  readonly limitsOf: (host: string) => HostLimits;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
  readonly chance?: () => number;
}

interface Place {
  readonly line: HostLine;
  readonly limits: HostLimits;
  readonly waiting: Set<() => void>;
  timer: NodeJS.Timeout | undefined;
}

/** Hosts are remembered up to this many; a hostile redirect can name any number of them. */
const MAX_HOSTS = 4096;

/** Each host has a line of its own, so that a slow or hostile one delays nobody else. */
export function createHostTurns(options: HostTurnsOptions): HostTurns {
  const { limitsOf, now = () => performance.now(), chance = Math.random } = options;
  const places = new Map<string, Place>();

  const placeOf = (host: string): Place => {
    const known = places.get(host);
    if (known !== undefined) return known;
    if (places.size >= MAX_HOSTS) forgetIdle(places, now());
    const place = {
      line: createHostLine(),
      limits: limitsOf(host),
      waiting: new Set<() => void>(),
      timer: undefined,
    };
    places.set(host, place);
    return place;
  };

  const enter = (place: Place): ((end: TurnEnd) => void) => {
    beginTurn(place.line, place.limits, now());
    let ended = false;
    return (end) => {
      if (ended) return;
      ended = true;
      endTurn(place.line, end, now(), chance());
      letIn(place);
    };
  };

  /** Lets in who is first as soon as the line allows it. */
  const letIn = (place: Place): void => {
    clearTimeout(place.timer);
    for (const go of place.waiting) {
      const waitMs = startableAtMs(place.line, place.limits, now()) - now();
      if (waitMs <= 0) go();
      else {
        if (Number.isFinite(waitMs)) place.timer = setTimeout(() => letIn(place), Math.ceil(waitMs));
        return;
      }
    }
  };

  return {
    take(name, { longestWaitMs, signal }) {
      const host = plainHost(name);
      const place = placeOf(host);
      const busy = (): HostBusy => new HostBusy(host, Math.ceil(promiseMs(place.line, place.limits, now())));
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const aheadMs = (place.waiting.size * 1000) / place.limits.requestsPerSecond;
        const startMs = startableAtMs(place.line, place.limits, now());
        if (place.waiting.size === 0 && startMs <= now()) return resolve(enter(place));
        if (Number.isFinite(startMs) && startMs + aheadMs - now() > longestWaitMs) return reject(busy());
        const leave = (): void => {
          place.waiting.delete(go);
          clearTimeout(patience);
          signal?.removeEventListener('abort', stop);
        };
        const go = (): void => {
          leave();
          resolve(enter(place));
        };
        const stop = (): void => {
          leave();
          reject(signal?.reason);
        };
        const patience = setTimeout(() => {
          leave();
          reject(busy());
        }, longestWaitMs);
        place.waiting.add(go);
        signal?.addEventListener('abort', stop, { once: true });
        letIn(place);
      });
    },
  };
}

function forgetIdle(places: Map<string, Place>, nowMs: number): void {
  for (const [host, { line, waiting }] of places) {
    if (waiting.size === 0 && isIdle(line, nowMs)) places.delete(host);
  }
}
