import { PermanentError } from '../../core/errors.js';
import type { FeedDefinition } from '../../core/product.js';
import type { FeedFacts } from './facts.js';

/** Throws PermanentError where no reader takes the feed, or it cannot stand at its place. */
export type CheckFeed = (feed: FeedDefinition, place: number) => unknown;

export interface FeedsDraft {
  readonly feeds: readonly FeedDefinition[];
  /** In words, why a feed of the vendor was not taken. */
  readonly refused: readonly string[];
}

/** One of the vendor and one in reserve; more are more to ask, and tell nothing new. */
const MOST_VENDOR_FEEDS = 2;
const SECOND_VANTAGES = new Set(['winget']);
/** Remarks on how a feed was found and tried. */
const REMARKS = new Set([
  'complete',
  'origin',
  'tagSample',
  'tagSampleVersion',
  'tagVerified',
  'tagTemplate',
  'patternVerified',
]);
/** What a feed needs beyond an address and a selector. */
const NEEDS = ['placeholders', 'requiresBrowser', 'approx', 'fetchUrlsFromApi'] as const;

/** The vendor's own feeds that a reader can follow, best first, then the second vantage. */
export function draftFeeds(facts: readonly FeedFacts[], check: CheckFeed): FeedsDraft {
  const chosen: FeedDefinition[] = [];
  const refused: string[] = [];
  const own = facts.filter(({ type }) => !SECOND_VANTAGES.has(type));
  for (const fact of own.toSorted((a, b) => Number(isVersionless(a)) - Number(isVersionless(b)))) {
    if (chosen.length === MOST_VENDOR_FEEDS) break;
    const feed = withoutRemarks(fact);
    const reason = reasonAgainst(fact) ?? faultOf(feed, chosen.length, check);
    if (reason === null) chosen.push(feed);
    else refused.push(`${fact.type}: ${reason}`);
  }
  const vantage = facts.find(({ type }) => SECOND_VANTAGES.has(type));
  if (vantage !== undefined && chosen.length > 0) {
    const feed = withoutRemarks(vantage);
    if (faultOf(feed, chosen.length, check) === null) chosen.push(feed);
  }
  return { feeds: chosen, refused };
}

/** A fixed address shows that there is something new, not what: any other feed comes before it. */
function isVersionless({ type }: FeedFacts): boolean {
  return type === 'static-download';
}

function reasonAgainst(fact: FeedFacts): string | null {
  if (!fact.complete) return 'incomplete';
  const need = NEEDS.find((name) => fact[name] !== undefined && fact[name] !== false);
  if (need !== undefined) return `needs ${need}`;
  const repo = fact.repo;
  return typeof repo === 'string' && /^repos\//.test(repo) ? 'incomplete' : null;
}

function withoutRemarks(fact: FeedFacts): FeedDefinition {
  const kept = Object.entries(fact).filter(([name]) => !REMARKS.has(name));
  return { ...Object.fromEntries(kept), type: fact.type };
}

/** In a few words, as they are counted. */
function faultOf(feed: FeedDefinition, place: number, check: CheckFeed): string | null {
  try {
    check(feed, place);
    return null;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return error.message;
  }
}
