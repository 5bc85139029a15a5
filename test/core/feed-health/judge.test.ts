import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeHealth,
  type FeedAnswer,
  type FeedHealthRecord,
  judgeFeed,
  judgeVantage,
  NEVER_ASKED,
  rememberAnswer,
} from '../../../src/core/feed-health/index.js';
import type { Release } from '../../../src/core/release.js';
import { versionSchemes } from '../../../src/core/versions/index.js';

const scheme = versionSchemes.get('numeric') ?? assert.fail();
const NOW = new Date('2026-08-22T00:00:00Z');
const SHAPE = ['assets', 'name', 'tag', 'url'];
const URL = 'https://vendor.test/a.exe';
const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);

function release(version: string, changes: Partial<Release> = {}): Release {
  return {
    version,
    prerelease: false,
    publishedAt: null,
    assets: [],
    notesUrl: null,
    withdrawn: false,
    ...changes,
  };
}

function answer(releases: readonly Release[], shape: readonly string[] = SHAPE): FeedAnswer {
  const usable = releases.filter(({ withdrawn }) => !withdrawn);
  const [newest = assert.fail()] = usable.toSorted((a, b) => scheme.compare(b.version, a.version));
  return { releases, newest, shape };
}

const file = (sha256: string | null) => ({
  name: 'a.exe',
  url: URL,
  sizeBytes: null,
  digests: { sha1: null, sha256, sha512: null },
});
const acquired = { version: '1.2', url: URL, fileName: 'a.exe', sha256: A };

function healthAfter(...versions: readonly string[]): FeedHealthRecord {
  const seenAt = '2026-08-01T00:00:00Z';
  const all = answer(versions.map((one) => release(one)));
  return rememberAnswer(NEVER_ASKED, all, { findings: [], seenAt, scheme });
}

function kinds(
  health: FeedHealthRecord,
  known: readonly string[],
  now: FeedAnswer | null,
  files: readonly (typeof acquired)[] = [],
): readonly string[] {
  const history = { health, known: known.map((version) => ({ version })), acquired: files };
  return judgeFeed(history, now, NOW, scheme).map(({ kind }) => kind);
}

const list = (...versions: readonly string[]) => answer(versions.map((one) => release(one)));
const OTHER = ['channel', 'item', 'rss', 'title'];
const HALF = ['assets', 'name', 'tag', 'url2', 'x', 'y', 'z'];

const TABLE: readonly (readonly [
  string,
  FeedHealthRecord,
  readonly string[],
  FeedAnswer,
  readonly string[],
])[] = [
  ['the first answer', NEVER_ASKED, [], list('99.0'), []],
  ['the next release', healthAfter('1.2', '1.1'), ['1.2'], list('1.3', '1.2', '1.1'), []],
  ['the oldest falls off', healthAfter('1.2', '1.1', '1.0'), ['1.0', '1.2'], list('1.3', '1.2', '1.1'), []],
  ['a feed of one release', healthAfter('1.2'), ['1.2'], list('1.3'), []],
  ['a jump', healthAfter('1.2'), ['1.2'], list('99.0'), ['version-jump']],
  ['backwards', healthAfter('1.2', '1.1'), ['1.2'], list('1.1'), ['went-backwards', 'withdrawn']],
  [
    'one among others has vanished',
    healthAfter('1.2', '1.1', '1.0'),
    ['1.1', '1.2'],
    list('1.2', '1.0'),
    ['withdrawn'],
  ],
  ['what vanished was never taken', healthAfter('1.2', '1.1', '1.0'), ['1.2'], list('1.2', '1.0'), []],
  [
    'a known one is marked',
    healthAfter('1.2', '1.1'),
    ['1.2', '1.1'],
    answer([release('1.3'), release('1.2', { withdrawn: true }), release('1.1')]),
    ['withdrawn'],
  ],
  ['another list', healthAfter('1.2', '1.1'), ['1.2'], list('3.5', '3.4'), ['feed-replaced']],
  [
    'another form with a new version',
    healthAfter('1.2'),
    ['1.2'],
    answer([release('1.3')], OTHER),
    ['feed-replaced', 'shape-drift'],
  ],
  [
    'another form with nothing new',
    healthAfter('1.2'),
    ['1.2'],
    answer([release('1.2')], OTHER),
    ['shape-drift'],
  ],
  ['a drift', healthAfter('1.2'), ['1.2'], answer([release('1.3')], HALF), ['shape-drift']],
  ['one more name', healthAfter('1.2'), ['1.2'], answer([release('1.3')], [...SHAPE, 'more']), []],
];

for (const [title, health, known, now, expected] of TABLE)
  test(`${title}: ${expected.join(' and ') || 'well'}`, () => {
    assert.deepEqual(kinds(health, known, now), expected);
  });

test('a digest that is stated of an acquired file', () => {
  const withFile = (sha256: string | null) => answer([release('1.2', { assets: [file(sha256)] })]);
  assert.deepEqual(kinds(healthAfter('1.2'), ['1.2'], withFile(A), [acquired]), []);
  assert.deepEqual(kinds(healthAfter('1.2'), ['1.2'], withFile(null), [acquired]), []);
  assert.deepEqual(kinds(healthAfter('1.2'), ['1.2'], withFile(B), [acquired]), ['digest-changed']);
});

test('a second source is compared with what was acquired, and with what the feed states', () => {
  const said = (sha256: string) => ({ type: 'winget', version: '1.2', assets: [file(sha256)] });
  const bare = release('1.2', { secondVantage: said(B) });
  assert.equal(judgeVantage(bare, [], NOW), null);
  assert.equal(judgeVantage(release('1.2', { secondVantage: said(A) }), [acquired], NOW), null);
  assert.match(judgeVantage(bare, [acquired], NOW)?.reason ?? '', /winget states another file for 1\.2/);
  const stating = { ...bare, assets: [file(A)] };
  assert.equal(judgeVantage(stating, [], NOW)?.kind, 'vantage-disagrees');
});

test('silence is measured by the rhythm of the vendor', () => {
  const weekly = ['2026-01-26', '2026-02-02', '2026-02-09', '2026-02-16'].map(
    (day) => `${day}T00:00:00.000Z`,
  );
  const at = (day: string, releasedAt: readonly string[]) =>
    judgeFeed(
      { health: { ...healthAfter('1.2'), releasedAt }, known: [], acquired: [] },
      null,
      new Date(`${day}T00:00:00Z`),
      scheme,
    );
  assert.deepEqual(at('2026-03-25', weekly), []);
  assert.match(at('2026-04-10', weekly)[0]?.reason ?? '', /no release since 2026-02-16, .*every 7 days/);
  assert.deepEqual(at('2027-04-10', weekly.slice(0, 2)), [], 'two releases are no rhythm');
});

test('failures add up to silence, and the time at which a finding began stays', () => {
  const at = (failures: number, findings: FeedHealthRecord['findings'], now: string) =>
    judgeFeed(
      { health: { ...NEVER_ASKED, failures, findings }, known: [], acquired: [] },
      null,
      new Date(now),
      scheme,
    );
  assert.deepEqual(at(2, [], '2026-08-01T00:00:00Z'), []);
  const first = at(3, [], '2026-08-01T00:00:00Z');
  assert.match(first[0]?.reason ?? '', /no good answer in 3 tries/);
  assert.equal(at(3, first, '2026-08-02T00:00:00Z')[0]?.since, '2026-08-01T00:00:00.000Z');
});

test('what shows in one answer only is told for a week', () => {
  const since = '2026-08-18T00:00:00Z';
  const drift = { kind: 'shape-drift', since, reason: 'r', nextStep: 'n' } as const;
  const health = { ...healthAfter('1.2'), findings: [drift] };
  const history = { health, known: [{ version: '1.2' }], acquired: [] };
  assert.deepEqual(judgeFeed(history, list('1.2'), NOW, scheme), [drift]);
  assert.deepEqual(judgeFeed(history, list('1.2'), new Date('2026-08-26T00:00:00Z'), scheme), []);
});

test('health in words', () => {
  const state = {
    productId: 'Vendor.App',
    feedIndex: 0,
    etag: null,
    lastModified: null,
    lastGoodAt: '2026-08-01T00:00:00Z',
    lastError: null,
  };
  assert.equal(describeHealth(state).isHealthy, true);
  const failing = describeHealth({ ...state, lastError: 'feed.unreachable: no answer' });
  assert.deepEqual(
    [failing.isHealthy, failing.reason],
    [false, 'its last try failed: feed.unreachable: no answer'],
  );
  assert.notEqual(failing.nextStep, '');
  assert.equal(describeHealth({ ...state, feedIndex: 1, lastError: '404' }).isHealthy, true);
  const finding = { kind: 'silent', since: '', reason: 'it is silent', nextStep: 'look' } as const;
  const silent = describeHealth({ ...state, health: { ...NEVER_ASKED, findings: [finding] } });
  assert.deepEqual([silent.isHealthy, silent.reason, silent.nextStep], [false, 'it is silent', 'look']);
});
