import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermanentError, RetryableError } from '../../src/core/errors.js';
import type { HttpRequest, Ledger } from '../../src/core/ports.js';
import type { ProductDefinition } from '../../src/core/product.js';
import type { FeedResponse } from '../../src/core/release.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { feedReaders, vantageReaders } from '../../src/feeds/index.js';
import { createFeedsStage } from '../../src/feeds/stage.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { nullsoftDefinition } from '../installers/definitions.js';
import { beginTurn } from '../packages/turns.js';
import { answerOf } from './answers.js';
import { noFiles } from './no-files.js';

const NOW = new Date('2026-11-24T12:00:00.000Z');
const FEED = 'https://vendor.test/feed';
const MANIFEST = (version: string) =>
  `https://raw.githubusercontent.com/microsoft/winget-pkgs/master/manifests/v/Vendor/App/${version}/Vendor.App.installer.yaml`;
const PRODUCT: ProductDefinition = {
  id: 'Vendor.App',
  name: 'App',
  vendor: 'Vendor',
  tier: 'A',
  versionScheme: 'numeric',
  classification: 'Updates',
  feeds: [
    { type: 'json', url: FEED, path: '$[*].v', order: 'max' },
    { type: 'winget', id: 'Vendor.App' },
  ],
  installers: [nullsoftDefinition()],
};
const NOT_MODIFIED = answerOf('', { status: 304 });
const NOT_LISTED = new PermanentError('feed.refused', 'the host says no', { found: '404' });

function feedOf(...versions: readonly string[]): FeedResponse {
  return answerOf(
    versions.map((v) => ({ v })),
    { headers: { etag: '"feed"' } },
  );
}

/** As `YamlCreate.ps1` writes it: a version without quotes that would be the number 1.1. */
function manifest(version: string, sha256: string, id = 'Vendor.App'): FeedResponse {
  const text = [
    `PackageIdentifier: ${id}`,
    `PackageVersion: ${version}`,
    'Installers:',
    '- Architecture: x64',
    '  InstallerUrl: https://vendor.test/a.exe',
    `  InstallerSha256: ${sha256.toUpperCase()}`,
    'ManifestType: installer',
    'ManifestVersion: 1.6.0',
  ].join('\n');
  return answerOf(text, { headers: { etag: `"${version}-${sha256.slice(0, 2)}"` } });
}

type Answer = FeedResponse | Error;

class World {
  readonly requests: HttpRequest[] = [];
  product = PRODUCT;
  constructor(readonly ledger: Ledger) {}

  async sync(feed: Answer, vantage: Answer) {
    this.requests.length = 0;
    const stage = createFeedsStage({
      files: noFiles,
      products: { get: () => this.product, all: () => [], faults: () => [] },
      ledger: this.ledger,
      http: {
        get: async (request) => {
          this.requests.push(request);
          const answer = request.url.startsWith(FEED) ? feed : vantage;
          if (answer instanceof Error) throw answer;
          return answer;
        },
        download: () => assert.fail('feeds download nothing'),
      },
      readers: feedReaders,
      vantages: vantageReaders,
      versionSchemes,
      clock: { now: () => NOW },
    });
    const turn = await beginTurn(this.ledger, stage, { productId: 'Vendor.App', syncId: 's1' });
    await turn.write();
    return turn.result;
  }

  async said(version: string) {
    const record = await this.ledger.release('Vendor.App', version);
    return record?.release.secondVantage?.assets[0]?.digests.sha256 ?? null;
  }
}

function inWorld(title: string, body: (world: World) => Promise<void>): void {
  test(title, async () => {
    const ledger = await openLedger({ file: ':memory:' });
    try {
      await body(new World(ledger));
    } finally {
      await ledger.close();
    }
  });
}

const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);

inWorld(
  'it is asked about the version that the vendor shows, and its word is kept with it',
  async (world) => {
    const result = await world.sync(feedOf('1.9', '1.10'), manifest('1.10', A));
    assert.equal(result.outcome, 'advanced');
    assert.deepEqual(
      world.requests.map(({ url }) => url),
      [FEED, MANIFEST('1.10')],
    );
    assert.equal(await world.said('1.10'), A);
    const { release } = (await world.ledger.release('Vendor.App', '1.10')) ?? assert.fail();
    assert.deepEqual(release.assets, [], 'it names no file that would be fetched');
    assert.equal((await world.ledger.feedState('Vendor.App', 1))?.etag, '"1.10-aa"');
  },
);

inWorld('it is asked conditionally, and what it said stays over "not changed"', async (world) => {
  await world.sync(feedOf('1.0'), manifest('1.0', A));
  await world.sync(NOT_MODIFIED, NOT_MODIFIED);
  assert.equal(world.requests[1]?.headers?.['if-none-match'], '"1.0-aa"');
  assert.equal(await world.said('1.0'), A);
});

inWorld(
  "a correction comes in while the vendor's feed has not changed, and the work is tried again",
  async (world) => {
    await world.sync(feedOf('1.0'), manifest('1.0', A));
    const result = await world.sync(NOT_MODIFIED, manifest('1.0', B));
    assert.equal(await world.said('1.0'), B);
    assert.ok(result.outcome === 'advanced');
    assert.equal(result.next[0]?.again, 'when-finished');
  },
);

inWorld('a new version is asked about in full', async (world) => {
  await world.sync(feedOf('1.0'), manifest('1.0', A));
  await world.sync(feedOf('2.0'), manifest('2.0', B));
  assert.equal(world.requests[1]?.url, MANIFEST('2.0'));
  assert.equal(world.requests[1]?.headers?.['if-none-match'], undefined);
  assert.equal(await world.said('1.0'), A);
  assert.equal(await world.said('2.0'), B);
});

const FAILURES: readonly (readonly [string, Answer, RegExp])[] = [
  ['does not list the version yet', NOT_LISTED, /^feed\.refused: .*404/],
  ['is down', new RetryableError('feed.unreachable', 'no answer'), /^feed\.unreachable/],
  ['answers with a web page', answerOf('<!doctype html><title>Hi'), /feed\.malformed.*a web page/],
  [
    'speaks of another version',
    manifest('0.9', A),
    /the manifest of Vendor\.App 1\.0.*that of Vendor\.App 0\.9/,
  ],
  ['speaks of another package', manifest('1.0', A, 'Evil.App'), /that of Evil\.App 1\.0/],
  ['is an endless alias', answerOf('a: &a [1, *a]'), /feed\.malformed.*YAML/],
  ['throws something unknown', new Error('boom'), /boom/],
];

for (const [name, answer, error] of FAILURES) {
  inWorld(`one that ${name} holds nobody up, and is remembered with the reason`, async (world) => {
    const result = await world.sync(feedOf('1.0'), answer);
    assert.equal(result.outcome, 'advanced');
    assert.equal(await world.said('1.0'), null);
    const state = await world.ledger.feedState('Vendor.App', 1);
    assert.match(state?.lastError ?? '', error);
    assert.equal(state?.lastGoodAt, null);
    await world.sync(NOT_MODIFIED, manifest('1.0', A));
    assert.equal(await world.said('1.0'), A);
    assert.equal((await world.ledger.feedState('Vendor.App', 1))?.lastError, null);
  });
}

inWorld('one that only others are asking is waited for, but not for a word it gave before', async (world) => {
  const busy = new RetryableError('feed.busy', 'not our turn', { retryAfterMs: 60_000 });
  await assert.rejects(world.sync(feedOf('1.0'), busy), { code: 'feed.busy', retryAfterMs: 60_000 });
  await world.sync(feedOf('1.0'), manifest('1.0', A));
  assert.notEqual((await world.sync(NOT_MODIFIED, busy)).outcome, 'held');
  assert.equal(await world.said('1.0'), A);
});

inWorld('what it said of a version stays when it fails later', async (world) => {
  await world.sync(feedOf('1.0'), manifest('1.0', A));
  await world.sync(feedOf('1.0'), NOT_LISTED);
  assert.equal(await world.said('1.0'), A);
  const state = await world.ledger.feedState('Vendor.App', 1);
  assert.equal(state?.etag, '"1.0-aa"');
  assert.equal(state.lastGoodAt, NOW.toISOString());
  assert.match(state.lastError ?? '', /404/);
});

inWorld('its word goes with its feed', async (world) => {
  await world.sync(feedOf('1.0'), manifest('1.0', A));
  world.product = { ...PRODUCT, feeds: PRODUCT.feeds.slice(0, 1) };
  await world.sync(NOT_MODIFIED, NOT_LISTED);
  assert.equal(world.requests.length, 1);
  assert.equal(await world.said('1.0'), null);
});

inWorld('the version may have another name there', async (world) => {
  const there = { type: 'winget', id: 'Vendor.App', packageVersion: '{version}.0.0' };
  world.product = { ...PRODUCT, feeds: [...PRODUCT.feeds.slice(0, 1), there] };
  await world.sync(feedOf('0.85'), manifest('0.85.0.0', A));
  assert.equal(world.requests[1]?.url, MANIFEST('0.85.0.0'));
  assert.equal(await world.said('0.85'), A);
});
