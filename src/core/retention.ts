/** How long earlier revisions of a catalog can be had, by number and by date. */
export interface RetentionRule {
  /** What stood at any time of the last so many days is kept. */
  readonly days: number;
  /** And so many of the newest, however old; 1: the one that stands. */
  readonly atLeast: number;
}

const DAY_MS = 86_400_000;

/**
 * Whether a revision may be forgotten: `stoodUntil` is when the next one took its place (ISO 8601 UTC). The one that
 * stands has no next one and is never asked about.
 */
export function isForgettable(
  { number, stoodUntil }: { readonly number: number; readonly stoodUntil: string },
  latest: number,
  { days, atLeast }: RetentionRule,
  now: Date,
): boolean {
  if (number > latest - Math.max(1, atLeast)) return false;
  return Date.parse(stoodUntil) < now.getTime() - days * DAY_MS;
}

/** What the ledger keeps of objects that nobody is known to need any more. */
export interface SetAsideReader {
  /** Digests that were last set aside before a time, the earliest first. */
  setAsideBefore(time: Date, limit: number): Promise<readonly string[]>;
  /** Whether any record names the digest: a revision, a release's file, an import, a setting. */
  isNamed(sha256: string): Promise<boolean>;
}

export interface SetAsideWriter {
  /** Set aside again: from now on. */
  setAside(sha256s: readonly string[], now: Date): Promise<void>;
  /** They are gone, or needed after all. */
  dropSetAside(sha256s: readonly string[]): Promise<void>;
}
