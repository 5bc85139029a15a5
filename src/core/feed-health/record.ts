/** Something about a feed that a person should know. */
export interface FeedFinding {
  readonly kind: FindingKind;
  /** When it was first found, ISO 8601 UTC. */
  readonly since: string;
  readonly reason: string;
  readonly nextStep: string;
}

export type FindingKind =
  /** It fails again and again, or shows nothing new for far longer than its vendor's rhythm. */
  | 'silent'
  | 'shape-drift'
  | 'version-jump'
  /** Of the releases that it showed, it shows none any more. */
  | 'feed-replaced'
  | 'went-backwards'
  | 'withdrawn'
  /** It states another digest of a file that was acquired. */
  | 'digest-changed'
  | 'vantage-disagrees';

/** Findings under which a version that is new is not believed before a person says so. */
export const HOLDING = ['version-jump', 'feed-replaced'] as const satisfies readonly FindingKind[];

/** What is remembered of a feed beside its validators; bounded, as everything in it comes from outside. */
export interface FeedHealthRecord {
  /** Answers that were believed. */
  readonly answers: number;
  /** Tries that failed since the last good answer. */
  readonly failures: number;
  /** Names of members or elements in the last answer that was believed. */
  readonly shape: readonly string[];
  /** The versions that it showed, newest first. */
  readonly shown: readonly string[];
  /** When its releases came out, or were first seen: ISO 8601, newest first. */
  readonly releasedAt: readonly string[];
  readonly findings: readonly FeedFinding[];
}

export const NEVER_ASKED: FeedHealthRecord = {
  answers: 0,
  failures: 0,
  shape: [],
  shown: [],
  releasedAt: [],
  findings: [],
};

export const MOST_SHOWN = 30;
export const MOST_TIMES = 24;
export const MOST_NAMES = 40;
