import { learnCadence } from '../cadence.js';
import { printable } from '../errors.js';
import type { VersionScheme } from '../ports.js';
import type { InstallerRecord, ReleaseRecord } from '../records.js';
import { type Release, statedBySecondVantage } from '../release.js';
import { findJump } from './jump.js';
import type { FeedFinding, FeedHealthRecord, FindingKind } from './record.js';

export interface FeedHistory {
  readonly health: FeedHealthRecord;
  /** Of this product, in any order. */
  readonly known: readonly Pick<ReleaseRecord, 'version'>[];
  /** The files of the newest release that is known. */
  readonly acquired: readonly Pick<InstallerRecord, 'url' | 'fileName' | 'version' | 'sha256'>[];
}

export interface FeedAnswer {
  readonly releases: readonly Release[];
  /** The release that is meant; of the same version as a known one, under the name that it is known by. */
  readonly newest: Release;
  readonly shape: readonly string[];
}

type Found = Omit<FeedFinding, 'since'>;
type Scheme = Pick<VersionScheme, 'compare' | 'isVersion'>;

/** Of names that two answers hold between them, the part that both hold; below it the form has changed. */
const SAME_SHAPE = 0.5;
const FEWEST_NAMES = 4;
const BEATS = 6;
const DAY_MS = 86_400_000;
/** Nobody is called silent before. */
const QUIET_AT_LEAST_MS = 30 * DAY_MS;
const FAILURES = 3;
/** What shows in one answer only is told for so long. */
const TOLD_MS = 7 * DAY_MS;
const MOMENTARY: readonly FindingKind[] = ['shape-drift', 'withdrawn'];

/**
 * What is wrong with a feed, from what it showed before and shows now; `answer` null: it has not changed, or has failed.
 * A finding that stands keeps the time at which it was first found.
 */
export function judgeFeed(
  history: FeedHistory,
  answer: FeedAnswer | null,
  now: Date,
  scheme: Scheme,
): readonly FeedFinding[] {
  const { health } = history;
  const found: readonly (Found | null)[] = [
    findFailures(health),
    findSilence(health, answer, now),
    ...(answer === null ? [] : findInAnswer(history, answer, now, scheme)),
  ];
  const fresh = found.flatMap((one) => (one === null ? [] : [one]));
  const stated = fresh.map(({ kind, ...one }) => {
    const [reason, nextStep] = [printable(one.reason), printable(one.nextStep)];
    return { kind, reason, nextStep, since: sinceOf(health, kind, reason) ?? now.toISOString() };
  });
  const kinds = new Set(fresh.map(({ kind }) => kind));
  const told = health.findings.filter(
    ({ kind, since }) =>
      !kinds.has(kind) && (answer === null ? !REPEATED.includes(kind) : isStillTold(kind, since, now)),
  );
  return [...stated, ...told];
}

/** Looked for at every time; the others only where there is an answer. */
const REPEATED: readonly FindingKind[] = ['silent'];

function isStillTold(kind: FindingKind, since: string, now: Date): boolean {
  return MOMENTARY.includes(kind) && now.getTime() - Date.parse(since) < TOLD_MS;
}

function sinceOf({ findings }: FeedHealthRecord, kind: FindingKind, reason: string): string | undefined {
  return findings.find((one) => one.kind === kind && one.reason === reason)?.since;
}

function findInAnswer(
  { health, known, acquired }: FeedHistory,
  { releases, newest, shape }: FeedAnswer,
  now: Date,
  scheme: Scheme,
): readonly (Found | null)[] {
  const versions = known.map(({ version }) => version);
  const highest = [...versions].sort(scheme.compare).at(-1);
  const step = highest === undefined ? 0 : scheme.compare(newest.version, highest);
  return [
    step < 0 ? wentBackwards(newest.version, highest ?? '') : null,
    step > 0 ? describeJump(findJump(versions, newest.version, now, scheme), highest ?? '', newest) : null,
    step > 0 ? findReplaced(health, releases, shape, scheme) : null,
    findDrift(health.shape, shape),
    findWithdrawn(health, releases, versions, scheme),
    ...acquired.map((file) => findDigest(file, newest)),
  ];
}

function findFailures({ failures }: FeedHealthRecord): Found | null {
  return failures < FAILURES
    ? null
    : {
        kind: 'silent',
        reason: `it gave no good answer in ${failures} tries`,
        nextStep: 'read its last error; where the address or the form has changed, correct the definition',
      };
}

function findSilence(health: FeedHealthRecord, answer: FeedAnswer | null, now: Date): Found | null {
  const published = (answer?.releases ?? []).flatMap(({ publishedAt }) => publishedAt ?? []);
  const times = [...health.releasedAt, ...published].map((time) => new Date(time));
  const cadence = learnCadence(times.filter((time) => time.getTime() <= now.getTime()));
  if (cadence === null) return null;
  const quietMs = now.getTime() - cadence.lastAt.getTime();
  const expectedMs = cadence.gapMs + cadence.deviationMs;
  if (quietMs <= Math.max(BEATS * expectedMs, QUIET_AT_LEAST_MS)) return null;
  return {
    kind: 'silent',
    reason: `it shows no release since ${cadence.lastAt.toISOString().slice(0, 10)}, where one was usual every ${days(cadence.gapMs)}`,
    nextStep: "compare with the vendor's own page: the product may have ended, or the feed may be frozen",
  };
}

function days(timeMs: number): string {
  const count = Math.max(1, Math.round(timeMs / DAY_MS));
  return count === 1 ? 'day' : `${count} days`;
}

function wentBackwards(newest: string, highest: string): Found {
  return {
    kind: 'went-backwards',
    reason: `the newest release that it shows is ${newest}, older than ${highest}: nothing is published backwards`,
    nextStep: `look whether the vendor has withdrawn ${highest}; expire or roll back what is published of it if so; disown version ${highest} if it never was one`,
  };
}

function describeJump(why: string | null, highest: string, { version }: Release): Found | null {
  if (why === null) return null;
  return {
    kind: 'version-jump',
    reason: `${version} is no plausible successor of ${highest}: ${why}`,
    nextStep: `compare with the vendor's own page; approve version ${version} if it is real, disown it if it never was a version, else correct the definition`,
  };
}

/** A list in which nothing is left of the list before, or an answer of another form, that brings a new version. */
function findReplaced(
  { shown, shape: before }: FeedHealthRecord,
  releases: readonly Release[],
  shape: readonly string[],
  scheme: Scheme,
): Found | null {
  const isList = shown.length > 1 && releases.length > 1;
  const isOtherList = isList && !shown.some((version) => isAmong(version, releases, scheme));
  const isOtherForm = before.length >= FEWEST_NAMES && similarity(before, shape) === 0;
  if (!isOtherList && !isOtherForm) return null;
  return {
    kind: 'feed-replaced',
    reason: isOtherList
      ? `of the ${shown.length} releases that it showed it shows none any more`
      : 'its answer has nothing of the form that it had',
    nextStep:
      'look at the address whether it is still the feed of this product; approve the version if it is, else correct the definition',
  };
}

function findDrift(before: readonly string[], now: readonly string[]): Found | null {
  if (before.length < FEWEST_NAMES || similarity(before, now) >= SAME_SHAPE) return null;
  const gone = before.filter((name) => !now.includes(name));
  return {
    kind: 'shape-drift',
    reason: `the form of its answer has changed: ${gone.length} of ${before.length} names are gone, such as ${gone.slice(0, 3).join(', ')}`,
    nextStep: 'look whether the definition still reads what is meant',
  };
}

function similarity(a: readonly string[], b: readonly string[]): number {
  const both = a.filter((name) => b.includes(name)).length;
  return both / (a.length + b.length - both);
}

/** Only what stood above the oldest that is still shown: older ones fall off the end of a list. */
function findWithdrawn(
  { shown }: FeedHealthRecord,
  releases: readonly Release[],
  known: readonly string[],
  scheme: Scheme,
): Found | null {
  const standing = releases.filter(({ withdrawn, version }) => !withdrawn && scheme.isVersion(version));
  const oldest = standing.map(({ version }) => version).sort(scheme.compare)[0];
  const marked = releases.filter(({ withdrawn }) => withdrawn).map(({ version }) => version);
  const vanished = shown.filter(
    (version) =>
      oldest !== undefined && scheme.compare(version, oldest) > 0 && !isAmong(version, standing, scheme),
  );
  const gone = known.filter((version) =>
    [...marked, ...vanished].some((one) => scheme.compare(one, version) === 0),
  );
  if (gone.length === 0) return null;
  return {
    kind: 'withdrawn',
    reason: `the vendor has withdrawn ${gone.slice(0, 5).join(', ')}: it is marked so, or has vanished from among the others`,
    nextStep: 'what is published of it stays published: expire it, or roll back, if the vendor says why',
  };
}

function isAmong(version: string, releases: readonly Release[], scheme: Scheme): boolean {
  return releases.some((one) => scheme.compare(one.version, version) === 0);
}

function findDigest(file: FeedHistory['acquired'][number], newest: Release): Found | null {
  if (file.version !== newest.version) return null;
  const stated = newest.assets.find(({ url }) => url === file.url)?.digests.sha256 ?? null;
  if (stated === null || stated === file.sha256) return null;
  return {
    kind: 'digest-changed',
    reason: `it states sha256 ${stated} for ${file.fileName}, which was acquired as ${file.sha256}`,
    nextStep: 'ask the vendor why the file changed; the bytes first seen stay the ones that are published',
  };
}

/** Of the files of one release: two sources that see different bytes under one name. */
export function judgeVantage(
  release: Release,
  acquired: FeedHistory['acquired'],
  now: Date,
): FeedFinding | null {
  const ours = [
    ...acquired
      .filter(({ version }) => version === release.version)
      .map((one) => ({ ...one, name: one.fileName })),
    ...release.assets.map(({ url, name, digests }) => ({ url, name, sha256: digests.sha256 })),
  ];
  for (const file of ours) {
    const stated = statedBySecondVantage(release, file);
    if (stated === null || file.sha256 === null || stated.sha256 === file.sha256) continue;
    return {
      kind: 'vantage-disagrees',
      since: now.toISOString(),
      reason: printable(
        `${stated.type} states another file for ${release.version}: sha256 ${stated.sha256}, here ${file.sha256}`,
      ),
      nextStep: `compare with what the vendor's own page states; if ${stated.type} is wrong, wait for its correction`,
    };
  }
  return null;
}
