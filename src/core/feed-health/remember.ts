import type { VersionScheme } from '../ports.js';
import type { FeedAnswer } from './judge.js';
import { type FeedFinding, type FeedHealthRecord, MOST_NAMES, MOST_SHOWN, MOST_TIMES } from './record.js';

/** After an answer that was believed. `seenAt`: when its newest release was first seen, for feeds that tell no times. */
export function rememberAnswer(
  before: FeedHealthRecord,
  { releases, newest, shape }: FeedAnswer,
  {
    findings,
    seenAt,
    scheme,
  }: {
    readonly findings: readonly FeedFinding[];
    readonly seenAt: string;
    readonly scheme: Pick<VersionScheme, 'compare' | 'isVersion'>;
  },
): FeedHealthRecord {
  const usable = releases.filter(
    ({ version, prerelease, withdrawn }) => !prerelease && !withdrawn && scheme.isVersion(version),
  );
  const shown = usable.map(({ version }) => version).sort((a, b) => scheme.compare(b, a));
  const published = usable.flatMap(({ publishedAt }) => publishedAt ?? []);
  const times = new Set([...before.releasedAt, ...published, newest.publishedAt ?? seenAt]);
  return {
    answers: before.answers + 1,
    failures: 0,
    shape: shape.slice(0, MOST_NAMES),
    shown: shown.slice(0, MOST_SHOWN),
    releasedAt: [...times].sort().reverse().slice(0, MOST_TIMES),
    findings,
  };
}
