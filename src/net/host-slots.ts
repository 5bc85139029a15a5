/** Politeness: how many requests one host gets from us at a time. */
export interface HostSlots {
  /** Waits for a slot; the function returned gives it back, once. Rejects with the signal's reason. */
  take(host: string, signal: AbortSignal | undefined): Promise<() => void>;
}

interface Line {
  busy: number;
  readonly waiting: Set<() => void>;
}

export function createHostSlots(perHost: number): HostSlots {
  const lines = new Map<string, Line>();
  const enter = (host: string, line: Line): (() => void) => {
    line.busy += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      line.busy -= 1;
      const next = line.waiting.values().next().value;
      if (next !== undefined) next();
      else if (line.busy === 0) lines.delete(host);
    };
  };
  return {
    take(host, signal) {
      const line = lines.get(host) ?? { busy: 0, waiting: new Set() };
      lines.set(host, line);
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        if (line.busy < perHost) return resolve(enter(host, line));
        const stop = (): void => {
          line.waiting.delete(go);
          reject(signal?.reason);
        };
        const go = (): void => {
          line.waiting.delete(go);
          signal?.removeEventListener('abort', stop);
          resolve(enter(host, line));
        };
        line.waiting.add(go);
        signal?.addEventListener('abort', stop, { once: true });
      });
    },
  };
}
