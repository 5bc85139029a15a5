import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../src/app/logger.js';
import { describeHealth } from '../../src/core/feed-health/index.js';
import type { Ledger } from '../../src/core/ports.js';
import { type ProductDefinition, variantOf } from '../../src/core/product.js';
import type { FeedResponse } from '../../src/core/release.js';
import type { Stage, StageName } from '../../src/core/stage.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { readDisowned } from '../../src/core/word.js';
import { shapeOf } from '../../src/feeds/health.js';
import { feedReaders, vantageReaders } from '../../src/feeds/index.js';
import { createFeedsStage } from '../../src/feeds/stage.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createOperations, type Operations } from '../../src/operations/operations.js';
import { createReleasesStage } from '../../src/releases/stage.js';
import { createStageRunner, describeWork } from '../../workers/runner.js';
import { nullsoftDefinition } from '../installers/definitions.js';
import { answerOf } from './answers.js';
import { noFiles } from './no-files.js';

const START = new Date('2026-03-01T12:00:00.000Z');
const DAY_MS = 86_400_000;
const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);

/** Twenty vendors: five schemes, two forms of feeds, one or both of them stating digests. */
const SPELLINGS: readonly (readonly [string, (major: number, minor: number) => string])[] = [
  ['numeric', (major, minor) => `${major}.${minor}`],
  ['numeric', (major, minor) => `${major}.${minor}.0.12`],
  ['semver', (major, minor) => `${major}.${minor}.0`],
  ['letters', (major, minor) => `${major}.${minor}k`],
  ['letters', (major, minor) => `${major}.${minor}.1+7`],
];
const PRODUCTS = Array.from({ length: 20 }, (_, index) => {
  const [versionScheme, spell] = SPELLINGS[index % SPELLINGS.length] ?? assert.fail();
  const isGitHub = index % 4 < 2;
  const id = `Vendor${index}.App`;
  return { id, versionScheme, isGitHub, version: (minor: number, major = index + 1) => spell(major, minor) };
});
type Vendor = (typeof PRODUCTS)[number];

const urlOf = (id: string, version: string) => `https://files.test/${id}/${version}/app-${version}.exe`;

interface Entry {
  readonly version: string;
  readonly prerelease?: boolean;
  readonly title?: string;
  readonly publishedAt?: string;
  readonly sha256?: string;
}

function feedOf({ id, isGitHub }: Vendor, entries: readonly Entry[]): FeedResponse {
  const body = entries.map(({ version, prerelease = false, title = version, publishedAt, sha256 = A }) => {
    const url = urlOf(id, version);
    return isGitHub
      ? {
          tag_name: `v${version}`,
          name: title,
          prerelease,
          published_at: publishedAt,
          assets: [
            { name: `app-${version}.exe`, browser_download_url: url, size: 9, digest: `sha256:${sha256}` },
          ],
        }
      : { number: version, beta: prerelease, date: publishedAt, url, sha256, withdrawn: title !== version };
  });
  return answerOf(isGitHub ? body : { product: id, channel: 'stable', releases: body });
}

function definitionOf({ id, versionScheme, isGitHub }: Vendor): ProductDefinition {
  const path = '$.releases[*].number';
  return {
    id,
    name: id,
    vendor: 'Vendor',
    tier: 'A',
    versionScheme,
    classification: 'Updates',
    feeds: [
      isGitHub
        ? { type: 'github-releases', repo: 'vendor/app' }
        : { type: 'json', url: 'https://vendor.test/feed', path, order: 'max' },
      { type: 'winget', id },
    ],
    installers: [nullsoftDefinition()],
  };
}

class World {
  now = START;
  readonly product: ProductDefinition;
  readonly operations: Operations;
  private readonly stages: ReadonlyMap<StageName, Stage<unknown>>;
  private polls = 0;
  private feed = answerOf('');
  private vantageSha256: string | null = null;

  constructor(
    readonly ledger: Ledger,
    readonly vendor: Vendor,
  ) {
    this.product = definitionOf(vendor);
    const products = {
      get: (id: string) => (id === vendor.id ? this.product : null),
      all: () => [this.product],
      faults: () => [],
    };
    const clock = { now: () => this.now };
    const feeds = createFeedsStage({
      files: noFiles,
      products,
      ledger,
      http: {
        get: async ({ url }) => (url.includes('winget-pkgs') ? this.manifest(url) : this.feed),
        download: () => assert.fail('feeds download nothing'),
      },
      readers: feedReaders,
      vantages: vantageReaders,
      versionSchemes,
      clock,
    });
    // It is queued, and never run here.
    const releases = createReleasesStage({} as never);
    this.stages = new Map<StageName, Stage<unknown>>([
      ['feeds', feeds as Stage<unknown>],
      ['releases', releases as Stage<unknown>],
    ]);
    this.operations = createOperations({
      ledger,
      content: {} as never,
      products,
      clock,
      policy: { rules: [], signers: [] },
      queue: { counts: async () => Promise.reject(new Error('no queue')) } as never,
      target: 'configmgr-catalog',
      describeWork: (job) => describeWork(this.stages, job),
      onEnqueued: () => undefined,
    });
  }

  private manifest(url: string): FeedResponse {
    const version = decodeURIComponent(url.split('/').at(-2) ?? '');
    const { id } = this.vendor;
    const sha256 = this.vantageSha256 ?? A;
    return answerOf(
      [
        `PackageIdentifier: ${id}`,
        `PackageVersion: "${version}"`,
        'Installers:',
        '- Architecture: x64',
        `  InstallerUrl: ${urlOf(id, version)}`,
        `  InstallerSha256: ${sha256.toUpperCase()}`,
        'ManifestType: installer',
        'ManifestVersion: 1.6.0',
      ].join('\n'),
    );
  }

  /** One poll through the runner; what it said of the work. */
  async poll(feed: FeedResponse, vantageSha256: string | null = null) {
    [this.feed, this.vantageSha256] = [feed, vantageSha256];
    this.polls += 1;
    const job = { stage: 'feeds', input: { productId: this.product.id, syncId: `s${this.polls}` } } as const;
    await this.ledger.transaction((tx) =>
      tx.enqueue({ ...job, ...describeWork(this.stages, job) }, this.now),
    );
    return this.run();
  }

  async run() {
    const settings = { leaseMs: 5000, maxAttempts: 2, backoffMs: 1 };
    const deps = {
      ledger: this.ledger,
      clock: { now: () => this.now },
      log: silentLog,
      stages: this.stages,
      settings,
    };
    const [due] = (await this.ledger.undelivered(1000)).filter(({ stage }) => stage === 'feeds');
    const id = due?.workId ?? assert.fail('no feeds work is due');
    await this.ledger.clearDelivered([due?.id ?? 0]);
    await createStageRunner(deps).runWork(id, new AbortController().signal);
    return (await this.ledger.workById(id)) ?? assert.fail();
  }

  async taken(): Promise<readonly string[]> {
    return (await this.ledger.work({}))
      .filter(({ stage }) => stage === 'releases')
      .map(({ input }) => (input as { version: string }).version);
  }

  async health() {
    const state = (await this.ledger.feedState(this.product.id, 0)) ?? assert.fail();
    return describeHealth(state);
  }

  async acquire(version: string): Promise<void> {
    const variant = variantOf(this.product.installers[0] ?? assert.fail());
    const url = urlOf(this.product.id, version);
    await this.ledger.transaction((tx) =>
      tx.putInstaller({
        productId: this.product.id,
        version,
        variant,
        url,
        fileName: url.split('/').at(-1) ?? '',
        sha256: A,
        sha1: 'cd'.repeat(20),
        sizeBytes: 9,
        modified: START.toISOString(),
        signature: { status: 'unsigned' },
        inspection: {
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
        },
        acquiredAt: START.toISOString(),
      }),
    );
  }
}

function entriesOf({ version }: Vendor, ...minors: readonly number[]): readonly Entry[] {
  return minors.map((minor) => ({
    version: version(minor),
    publishedAt: new Date(START.getTime() - (10 - minor) * 7 * DAY_MS).toISOString(),
  }));
}

/** What an attacker makes of the feed; `kind`: the finding, or the code of the error, that tells of it. */
interface Attack {
  readonly kind: string;
  readonly daysLater?: number;
  readonly feed: (vendor: Vendor, usual: readonly Entry[]) => FeedResponse;
  readonly vantageSha256?: string;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  freeze: { kind: 'silent', daysLater: 120, feed: (vendor, usual) => feedOf(vendor, usual) },
  rollback: { kind: 'went-backwards', feed: (vendor) => feedOf(vendor, entriesOf(vendor, 7, 6)) },
  'fast-forward': {
    kind: 'version-jump',
    feed: (vendor, usual) => feedOf(vendor, [{ version: vendor.version(0, 900) }, ...usual]),
  },
  'a withdrawn release': {
    kind: 'withdrawn',
    feed: (vendor, [newest = assert.fail(), ...older]) =>
      feedOf(vendor, [{ ...newest, title: `${newest.version} withdrawn` }, ...older]),
  },
  'a targeted answer': {
    kind: 'vantage-disagrees',
    feed: (vendor, usual) => feedOf(vendor, usual),
    vantageSha256: B,
  },
  'a swapped digest': {
    kind: 'digest-changed',
    feed: (vendor, [newest = assert.fail(), ...older]) =>
      feedOf(vendor, [{ ...newest, sha256: B }, ...older]),
    vantageSha256: A,
  },
  'a version of another scheme': {
    kind: 'version-jump',
    feed: (vendor, usual) => feedOf(vendor, [{ version: vendor.version(3, 20260301) }, ...usual]),
  },
  'a flood of prereleases': {
    kind: 'feed.no-release',
    feed: (vendor) =>
      feedOf(
        vendor,
        Array.from({ length: 30 }, (_, at) => ({
          version: `${vendor.version(9)}-rc.${at}`,
          prerelease: true,
        })),
      ),
  },
  'an emptied list': { kind: 'feed.', feed: (vendor) => feedOf(vendor, []) },
  "another product's feed": {
    kind: 'feed-replaced',
    feed: (vendor) =>
      feedOf(
        vendor,
        [21, 22, 23].map((minor) => ({ version: vendor.version(minor) })),
      ),
  },
};

for (const [name, attack] of Object.entries(ATTACKS)) {
  test(`${name}: of 20 products each tells of it after one poll, and takes nothing`, async () => {
    for (const vendor of PRODUCTS) {
      const ledger = await openLedger({ file: ':memory:' });
      const world = new World(ledger, vendor);
      const usual = entriesOf(vendor, 8, 7, 6, 5);
      await world.poll(feedOf(vendor, usual));
      await world.acquire(vendor.version(8));
      const before = await world.taken();
      assert.deepEqual(before, [vendor.version(8)]);
      assert.equal((await world.health()).isHealthy, true, vendor.id);

      world.now = new Date(START.getTime() + (attack.daysLater ?? 1) * DAY_MS);
      const { state } = await world.poll(attack.feed(vendor, usual), attack.vantageSha256);
      assert.deepEqual(await world.taken(), before, `${vendor.id}: nothing new is taken`);
      const { isHealthy, findings, lastError, nextStep } = await world.health();
      const told = [...findings.map(({ kind }) => kind), lastError ?? ''];
      assert.ok(
        told.some((one) => one.startsWith(attack.kind)),
        `${vendor.id}: ${told.join()}`,
      );
      assert.deepEqual([isHealthy, nextStep !== ''], [false, true], vendor.id);
      assert.equal(state === 'held', ['version-jump', 'feed-replaced'].includes(attack.kind), vendor.id);
      await ledger.close();
    }
  });
}

async function withWorld(body: (world: World, vendor: Vendor) => Promise<void>): Promise<void> {
  const vendor = PRODUCTS[2] ?? assert.fail();
  const ledger = await openLedger({ file: ':memory:' });
  try {
    await body(new World(ledger, vendor), vendor);
  } finally {
    await ledger.close();
  }
}

test('a version in doubt is held at every poll, and taken when a person approves it', () =>
  withWorld(async (world, vendor) => {
    const usual = entriesOf(vendor, 8, 7);
    const odd = vendor.version(0, 900);
    await world.poll(feedOf(vendor, usual));
    for (const _ of [1, 2]) {
      const held = await world.poll(feedOf(vendor, [{ version: odd }, ...usual]));
      assert.deepEqual([held.state, held.code], ['held', 'version-jump']);
      assert.match(held.nextStep ?? '', new RegExp(`approve version ${odd}`));
    }
    assert.match((await world.operations.explain(vendor.id)).standing.join(' '), /no plausible successor/);
    assert.equal((await world.operations.feedHealth()).unhealthy[0]?.productId, vendor.id);
    const what = { verb: 'approve', productId: vendor.id, version: null } as const;
    assert.match((await world.operations.preview(what)).does.join(' '), /believed, and taken now/);
    await world.operations.perform({ what, operator: { name: 'ada' }, reason: 'their new numbering' });
    assert.equal((await world.run()).state, 'done');
    assert.deepEqual((await world.taken()).at(-1), odd);
    assert.deepEqual(await world.operations.feedHealth(), { asked: 2, unhealthy: [] });
  }));

test('a doubt passes by itself when the feed shows what it did before', () =>
  withWorld(async (world, vendor) => {
    const usual = entriesOf(vendor, 8, 7);
    await world.poll(feedOf(vendor, usual));
    await world.poll(feedOf(vendor, [{ version: vendor.version(0, 900) }, ...usual]));
    await world.poll(feedOf(vendor, usual));
    assert.equal((await world.health()).isHealthy, true);
    await world.poll(feedOf(vendor, entriesOf(vendor, 9, 8, 7)));
    assert.deepEqual((await world.taken()).at(-1), vendor.version(9));
  }));

test('a version that never was one is disowned: lower ones are taken again, and it is passed over', () =>
  withWorld(async (world, vendor) => {
    const wrong = vendor.version(0, 99);
    const usual = entriesOf(vendor, 8, 7);
    const say = (verb: 'disown' | 'approve', version: string) =>
      world.operations.perform({
        what: { verb, productId: vendor.id, version },
        operator: { name: 'ada' },
        reason: 'a slip in the tag',
      });
    await world.poll(feedOf(vendor, [{ version: wrong }]));
    await world.poll(feedOf(vendor, usual));
    assert.deepEqual(await world.taken(), [wrong], 'nothing is published backwards');
    assert.match((await world.health()).nextStep, new RegExp(`disown version ${wrong}`));
    await assert.rejects(say('disown', vendor.version(0, 98)), /no feed has shown this version/);
    assert.equal((await say('disown', wrong)).isNew, true);
    assert.equal((await say('disown', wrong)).isNew, false);
    assert.equal((await world.run()).state, 'done', 'the feed is asked at once');
    assert.deepEqual((await world.taken()).at(-1), vendor.version(8));
    await world.poll(feedOf(vendor, [{ version: wrong }, ...entriesOf(vendor, 9, 8, 7)]));
    assert.deepEqual((await world.taken()).at(-1), vendor.version(9));
    assert.equal((await world.poll(feedOf(vendor, [{ version: wrong }]))).state, 'done');
    assert.deepEqual((await world.taken()).at(-1), vendor.version(9));
    await say('approve', wrong);
    assert.deepEqual(await readDisowned(world.ledger, vendor.id), [], 'an approval by name takes it back');
  }));

test('a version that is held as a jump can be disowned: what stands below it is taken', () =>
  withWorld(async (world, vendor) => {
    const odd = vendor.version(0, 900);
    await world.poll(feedOf(vendor, entriesOf(vendor, 8, 7)));
    const shown = feedOf(vendor, [{ version: odd }, ...entriesOf(vendor, 9, 8, 7)]);
    assert.equal((await world.poll(shown)).code, 'version-jump');
    const what = { verb: 'disown', productId: vendor.id, version: odd } as const;
    await world.operations.perform({ what, operator: { name: 'ada' }, reason: 'a nightly' });
    const all = { verb: 'approve', productId: vendor.id, version: null } as const;
    assert.notEqual((await world.operations.preview(all)).nothing, null, 'a yes to all is none to it');
    assert.equal((await world.run()).state, 'done');
    assert.deepEqual((await world.taken()).at(-1), vendor.version(9));
  }));

test('the shape of an answer is its names, not its data', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['[{"Tag": "v1", "assets": [{"url": "x"}]}, {"tag": "v2"}]', ['assets', 'tag', 'url']],
    ['{"1.2.3": {"date": "2026"}, "1.2.4": {"date": "2027"}}', ['date']],
    ['<?xml version="1.0"?><rss><item a="1"/><item/></rss>', ['item', 'rss']],
    ['version: 1.2\npath: app.exe\n', ['path', 'version']],
    ['1.2.3\n', []],
  ];
  for (const [text, expected] of cases)
    assert.deepEqual(shapeOf({ body: Buffer.from(text) }), expected, text);
});
