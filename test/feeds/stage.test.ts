import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import type { HttpRequest, Ledger, ProductCatalog } from '../../src/core/ports.js';
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
const PRODUCT: ProductDefinition = {
  id: 'Vendor.App',
  name: 'App',
  vendor: 'Vendor',
  tier: 'A',
  versionScheme: 'numeric',
  classification: 'Updates',
  feeds: [{ type: 'json', url: 'https://vendor.test/feed', path: '$[*].v', order: 'max' }],
  installers: [nullsoftDefinition(), nullsoftDefinition({ architecture: 'x86' })],
};
const VARIANTS = ['x64/nullsoft/any/machine', 'x86/nullsoft/any/machine'];
const NOT_MODIFIED = answerOf('', { status: 304 });

function feedOf(...versions: readonly string[]): FeedResponse {
  return answerOf(
    versions.map((v) => ({ v })),
    { headers: { etag: `"${versions.join()}"`, 'last-modified': 'Tue, 24 Nov 2026 10:00:00 GMT' } },
  );
}

function catalogOf(
  product: ProductDefinition | null,
  faults: ReturnType<ProductCatalog['faults']> = [],
): ProductCatalog {
  return { get: (id) => (product?.id === id ? product : null), all: () => [], faults: () => faults };
}

class World {
  readonly requests: HttpRequest[] = [];
  product: ProductDefinition = PRODUCT;
  constructor(readonly ledger: Ledger) {}

  async sync(answer: FeedResponse) {
    const stage = createFeedsStage({
      files: noFiles,
      products: catalogOf(this.product),
      ledger: this.ledger,
      http: {
        get: async (request) => {
          this.requests.push(request);
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

const jobsFor = (version: string) =>
  VARIANTS.map((variant) => ({
    stage: 'releases',
    input: { productId: 'Vendor.App', version, variant },
    again: 'when-finished',
  }));

inWorld('a new release goes on, once per variant, and is remembered', async (world) => {
  const result = await world.sync(feedOf('1.9', '1.10', '1.2'));
  assert.deepEqual(result, { outcome: 'advanced', next: jobsFor('1.10'), summary: 'release 1.10' });
  const [release, ...more] = await world.ledger.releases('Vendor.App');
  assert.equal(release?.version, '1.10');
  assert.equal(release.seenAt, NOW.toISOString());
  assert.deepEqual(more, []);
});

inWorld('the first request is unconditional, the next carries both validators', async (world) => {
  await world.sync(feedOf('1.0'));
  assert.deepEqual(world.requests[0]?.headers, { accept: 'application/json' });
  assert.equal(world.requests[0]?.maxBytes, 16 << 20);
  await world.sync(NOT_MODIFIED);
  assert.equal(world.requests[1]?.headers?.['if-none-match'], '"1.0"');
  assert.equal(world.requests[1]?.headers?.['if-modified-since'], 'Tue, 24 Nov 2026 10:00:00 GMT');
  await world.sync(NOT_MODIFIED);
  assert.equal(world.requests[2]?.headers?.['if-none-match'], '"1.0"', 'kept over a 304 without headers');
});

inWorld('an unchanged feed still asks for the variants that have no installer', async (world) => {
  await world.sync(feedOf('1.0'));
  assert.deepEqual(await world.sync(NOT_MODIFIED), {
    outcome: 'advanced',
    next: jobsFor('1.0'),
    summary: 'release 1.0',
  });
});

inWorld('nothing is done when the feed is unchanged and everything was acquired', async (world) => {
  await world.sync(feedOf('1.0'));
  await world.ledger.transaction(async (tx) => {
    for (const variant of VARIANTS) await tx.putInstaller(installer(variant));
  });
  const unchanged = { outcome: 'unchanged', reason: 'the feed has not changed; 1.0 was acquired before' };
  assert.deepEqual(await world.sync(NOT_MODIFIED), unchanged);
  const same = { outcome: 'unchanged', reason: 'the feed shows nothing newer; 1.0 was acquired before' };
  assert.deepEqual(await world.sync(feedOf('1.0')), same);
  assert.deepEqual(await world.sync(feedOf('1.0.0')), same, 'another spelling is no other release');
});

inWorld('a feed that goes backwards publishes nothing, and is asked in full again', async (world) => {
  await world.sync(feedOf('2.0'));
  const result = await world.sync(feedOf('1.9'));
  assert.equal(result.outcome, 'unchanged');
  assert.match(result.outcome === 'unchanged' ? result.reason : '', /1\.9.*older than 2\.0.*backwards/);
  assert.deepEqual(
    (await world.ledger.releases('Vendor.App')).map((one) => one.version),
    ['2.0'],
  );
  await world.sync(feedOf('2.1'));
  assert.equal(world.requests[2]?.headers?.['if-none-match'], '"2.0"');
  assert.deepEqual((await world.ledger.releases('Vendor.App')).map((one) => one.version).toSorted(), [
    '2.0',
    '2.1',
  ]);
});

inWorld('the time a release was first seen stays', async (world) => {
  await world.sync(feedOf('1.0'));
  const before = await world.ledger.release('Vendor.App', '1.0');
  await world.sync(feedOf('1.0', '0.9'));
  assert.deepEqual(await world.ledger.release('Vendor.App', '1.0'), before);
});

inWorld('prereleases and withdrawn releases are passed over', async (world) => {
  world.product = { ...PRODUCT, feeds: [{ type: 'github-releases', repo: 'o/n' }] };
  const entries = [
    { tag_name: 'v3.0', prerelease: true },
    { tag_name: 'v2.0', name: '2.0 withdrawn' },
    { tag_name: 'v1.0' },
  ];
  assert.deepEqual(await world.sync(answerOf(entries)), {
    outcome: 'advanced',
    next: jobsFor('1.0'),
    summary: 'release 1.0',
  });
});

inWorld('a feed without a usable release says what it holds', async (world) => {
  await assert.rejects(world.sync(feedOf('latest', 'soon\u001b[31m')), (error) => {
    assert.ok(error instanceof PermanentError);
    assert.equal(error.code, 'feed.no-release');
    assert.match(error.found ?? '', /^2 releases: .*latest/);
    assert.ok(!error.found?.includes('\u001b'));
    return true;
  });
  assert.deepEqual(await world.ledger.releases('Vendor.App'), []);
  const state = await world.ledger.feedState('Vendor.App', 0);
  assert.equal(state?.etag, null, 'a bad answer leaves no validators behind');
  assert.match(state.lastError ?? '', /^feed\.no-release: .*latest/);
  assert.equal(state.lastGoodAt, null);
});

inWorld('a web page in place of the feed is a fault that leaves what is known', async (world) => {
  await world.sync(feedOf('1.0'));
  await assert.rejects(world.sync(answerOf('<!doctype html><title>Oops</title>')), (error) => {
    assert.ok(error instanceof PermanentError);
    assert.equal(error.code, 'feed.malformed');
    assert.match(error.found ?? '', /a web page/);
    return true;
  });
  const failed = await world.ledger.feedState('Vendor.App', 0);
  assert.equal(failed?.etag, '"1.0"');
  assert.equal(failed.lastGoodAt, NOW.toISOString());
  assert.match(failed.lastError ?? '', /^feed\.malformed: .*a web page/);
  await world.sync(NOT_MODIFIED);
  assert.equal((await world.ledger.feedState('Vendor.App', 0))?.lastError, null);
});

inWorld('after a change of its options or of the version scheme a feed is asked in full', async (world) => {
  const [feed] = PRODUCT.feeds;
  await world.sync(feedOf('1.0'));
  world.product = { ...PRODUCT, feeds: [{ ...feed, type: 'json', order: 'last' }] };
  await world.sync(feedOf('1.0'));
  assert.equal(world.requests[1]?.headers?.['if-none-match'], undefined);
  await world.sync(NOT_MODIFIED);
  assert.equal(world.requests[2]?.headers?.['if-none-match'], '"1.0"');
  world.product = { ...world.product, versionScheme: 'semver' };
  await world.sync(feedOf('1.0.0'));
  assert.equal(world.requests[3]?.headers?.['if-none-match'], undefined);
});

inWorld('a product without definition names the file that was set aside', async (world) => {
  const faults = [
    { path: '/own/vendor/app.json', message: 'vendor.app: definition.invalid: a typing error' },
  ];
  const stage = createFeedsStage({
    files: noFiles,
    products: catalogOf(null, faults),
    ledger: world.ledger,
    http: { get: () => assert.fail(), download: () => assert.fail() },
    readers: feedReaders,
    vantages: vantageReaders,
    versionSchemes,
    clock: { now: () => NOW },
  });
  await assert.rejects(beginTurn(world.ledger, stage, { productId: 'Vendor.App', syncId: 's1' }), (error) => {
    assert.ok(error instanceof PermanentError);
    assert.equal(error.code, 'not-found');
    assert.match(error.found ?? '', /typing error/);
    return true;
  });
});

inWorld('a job is decoded before it is believed', async (world) => {
  const stage = createFeedsStage({
    files: noFiles,
    products: catalogOf(PRODUCT),
    ledger: world.ledger,
    http: { get: () => assert.fail(), download: () => assert.fail() },
    readers: feedReaders,
    vantages: vantageReaders,
    versionSchemes,
    clock: { now: () => NOW },
  });
  for (const input of [
    null,
    {},
    { productId: '' },
    { productId: 'a', syncId: 'b', more: 1 },
    { productId: 7, syncId: 'b' },
  ])
    assert.throws(
      () => stage.parse(input),
      (error) => error instanceof PermanentError && error.code === 'payload.invalid',
    );
  assert.equal(stage.key({ productId: 'a', syncId: 'b' }), 'a/b');
});

function installer(variant: string) {
  return {
    productId: 'Vendor.App',
    version: '1.0',
    variant,
    url: 'https://vendor.test/a.exe',
    fileName: 'a.exe',
    sha256: 'ab'.repeat(32),
    sha1: 'cd'.repeat(20),
    sizeBytes: 1,
    modified: '2026-11-24T12:00:00Z',
    signature: { status: 'unsigned' },
    inspection: INSPECTION,
    acquiredAt: NOW.toISOString(),
  } as const;
}

const INSPECTION = {
  technology: 'nullsoft',
  architecture: 'x64',
  scope: 'machine',
  productName: null,
  publisher: null,
  version: null,
  language: null,
  productCode: null,
  upgradeCode: null,
  arp: [],
} as const;
