/** What a host saw of its clients. */
export interface HostTraffic {
  readonly host: string;
  readonly requests: number;
  /** Most requests at the same time. */
  readonly peakConcurrency: number;
  /** Between the beginnings of two requests; null before the second. */
  readonly shortestGapMs: number | null;
}

export interface PolitenessLimits {
  readonly concurrency: number;
  /** Beginnings in any window: a single gap says little, as a first request waits for its connection and the next does not. */
  readonly requests: number;
  readonly windowMs: number;
}

interface HostRecord {
  active: number;
  peak: number;
  /** Of the monotonic clock, in milliseconds. */
  readonly begins: number[];
}

/** Counts requests per host with the times at which they begin: the vendors' side of politeness. */
export interface Meter {
  /** The function returned ends the request, once. */
  begin(host: string): () => void;
  traffic(): readonly HostTraffic[];
  /** How often any host was asked more at a time, or more in a window, than the limits allow. */
  violations(limits: PolitenessLimits): number;
  reset(): void;
}

export function createMeter(nowMs: () => number = () => performance.now()): Meter {
  const hosts = new Map<string, HostRecord>();
  let crowded: { host: string; active: number }[] = [];
  return {
    begin(host) {
      const record = hosts.get(host) ?? { active: 0, peak: 0, begins: [] };
      hosts.set(host, record);
      record.active += 1;
      record.peak = Math.max(record.peak, record.active);
      record.begins.push(nowMs());
      if (record.active > 1) crowded.push({ host, active: record.active });
      let isOpen = true;
      return () => {
        if (isOpen) record.active -= 1;
        isOpen = false;
      };
    },
    traffic: () =>
      [...hosts].map(([host, { begins, peak }]) => ({
        host,
        requests: begins.length,
        peakConcurrency: peak,
        shortestGapMs: begins.length < 2 ? null : Math.min(...gapsOf(begins)),
      })),
    violations({ concurrency, requests, windowMs }) {
      const tooMany = crowded.filter(({ active }) => active > concurrency).length;
      const tooOften = [...hosts.values()].map(({ begins }) => beyond(begins, requests, windowMs));
      return tooOften.reduce((sum, count) => sum + count, tooMany);
    },
    reset() {
      for (const record of hosts.values()) {
        record.peak = record.active;
        record.begins.length = 0;
      }
      crowded = [];
    },
  };
}

function gapsOf(begins: readonly number[]): readonly number[] {
  return begins.slice(1).map((begin, place) => begin - (begins[place] ?? 0));
}

/** Beginnings that are one too many in the window that ends with them. */
function beyond(begins: readonly number[], requests: number, windowMs: number): number {
  return begins.filter((begin, place) => {
    const first = begins[place - requests];
    return first !== undefined && begin - first < windowMs;
  }).length;
}
