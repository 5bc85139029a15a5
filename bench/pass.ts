/** One way through all feeds. */
export interface Pass {
  readonly seconds: number;
  readonly requestsPerSecond: number;
  /** Feeds that gave no answer. */
  readonly failed: number;
  /** Resident memory at its highest above what it was before. */
  readonly memoryMiB: number;
}

const SAMPLE_MS = 50;

/** Runs it, with the clock and an eye on the memory. `run` answers how many feeds failed. */
export async function measurePass(feeds: number, run: () => Promise<number>): Promise<Pass> {
  globalThis.gc?.();
  const idle = process.memoryUsage.rss();
  let highest = idle;
  const sampling = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, SAMPLE_MS);
  const begin = performance.now();
  try {
    const failed = await run();
    const seconds = (performance.now() - begin) / 1000;
    return { seconds, requestsPerSecond: feeds / seconds, failed, memoryMiB: (highest - idle) / 2 ** 20 };
  } finally {
    clearInterval(sampling);
  }
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
