import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { createAuthority } from '../../signing/certificates/index.js';
import { farmFeedOf } from '../../src/app/demo/farm-feeds.js';
import type { FeedDefinition, ProductDefinition } from '../../src/core/product.js';
import { hostMap } from '../../src/lab/ready.js';
import {
  answerWith,
  answerWriters,
  createVendorFarm,
  drawShare,
  HOSTILE_MODES,
  planAddress,
  planAnswer,
  type VendorFarm,
} from '../../src/lab/vendor-farm/index.js';
import { createMeter } from '../../src/lab/vendor-farm/meter.js';
import { createHttpClient } from '../../src/net/index.js';

const FACTS = '../shared/facts/products.jsonl';
const NOW = new Date('2026-08-30T10:00:00Z');

function productOf(id: string, feed: FeedDefinition, versionScheme = 'numeric'): ProductDefinition {
  return {
    id,
    name: id,
    vendor: 'Example',
    tier: 'C',
    versionScheme,
    classification: 'Updates',
    feeds: [feed],
    installers: [],
  };
}

/** Feeds whose selectors say how the version stands in the answer, and a version that can stand there. */
const FEEDS: readonly [version: string, feed: FeedDefinition][] = [
  ['8.9.7', { type: 'github-releases', repo: 'acme/editor', endpoint: 'latest', tagPattern: '^v(.+)$' }],
  [
    '3.7.8',
    { type: 'github-releases', repo: 'acme/wave', tagStrip: '^Wave-', tagTemplate: 'Wave-{version}' },
  ],
  [
    '1.2.3',
    { type: 'json', url: 'https://a.test/v.json', path: "$.list[?(@.os=='win' && @.stable)].version" },
  ],
  ['24.19.0', { type: 'json', url: 'https://a.test/v.json', path: '$.items[2].tag', pattern: '^v(.+)$' }],
  ['4.5.6', { type: 'json', url: 'https://a.test/v.json', path: '$.parts', join: '.' }],
  ['2.88', { type: 'xml', url: 'https://a.test/v.xml', xpath: "//app[@name='x']/os[last()]/@version" }],
  [
    '7.1',
    {
      type: 'html',
      url: 'https://a.test/',
      pattern: '(?i)setup[-_](\\d+(?:\\.\\d+)+)(?:-x64)?\\.(?:exe|msi)',
    },
  ],
  ['7.1.2', { type: 'html', url: 'https://a.test/', pattern: 'v(\\d+)_(\\d+)_(\\d+)', replace: '$1.$2.$3' }],
  ['9.30', { type: 'html', url: 'https://a.test/', pattern: 'get-(?<version2Dash>\\d+-\\d+)\\.exe' }],
  [
    '5.0.1',
    {
      type: 'html',
      url: 'https://a.test/d/',
      select: 'links',
      linkEndsWith: '.msi',
      linkContains: ['x64', '/stable/'],
      pattern: 'app-([\\d.]+\\d)',
    },
  ],
  ['17.11', { type: 'text', url: 'https://a.test/t', pattern: '^(?:windows|win64)=(?P<version>[^\\s]+)' }],
  [
    '6.5.6',
    { type: 'sourceforge-rss', project: 'scp', path: '/Scp/', pattern: 'Scp-(\\d+(?:\\.\\d+)+)-Setup\\.exe' },
  ],
  ['4.6.8', { type: 'appcast', url: 'https://a.test/cast.xml' }],
  [
    '2.89.1',
    { type: 'http-redirect', url: 'https://a.test/latest', pattern: 'cli-(\\d+(?:\\.\\d+)+)-x64\\.msi' },
  ],
];

describe('answers of the vendor farm', () => {
  for (const [version, feed] of FEEDS) {
    test(`${feed.type} ${String(feed.path ?? feed.xpath ?? feed.pattern ?? '')} shows ${version}`, () => {
      const one = farmFeedOf(productOf('Example.Product', feed));
      assert.ok(one);
      const answer = answerWith(one, version, 0);
      assert.ok(answer, 'no answer in which the reader finds it');
      assert.equal(one.readVersion(answer), version);
      // What it reads is the answer's doing: another version gives another answer.
      assert.equal(answerWith(one, `${version}9`, 0)?.kind, answer.kind);
      assert.notDeepEqual(answerWith(one, `${version}9`, 0), answer);
    });
  }

  test('one document serves all products that ask its address', () => {
    const url = 'https://a.test/index.json';
    const feeds = ['^v20\\.', '^v22\\.'].map((line, place) =>
      farmFeedOf(
        productOf(
          `Example.Line${place}`,
          { type: 'json', url, path: `$[?(@.version=~/${line}/)].version` },
          'semver',
        ),
      ),
    );
    const shown = planAddress(
      feeds.filter((one) => one !== null),
      0,
    );
    assert.deepEqual(
      [...(shown?.versions ?? [])].map(([id, version]) => [id, /^v?(\d+)/.exec(version)?.[1]]),
      [
        ['Example.Line0', '20'],
        ['Example.Line1', '22'],
      ],
    );
  });

  test('nearly every feed of the collected facts can be answered', {
    skip: existsSync(FACTS) ? false : `no ${FACTS}`,
  }, (t) => {
    const counts = countFacts();
    t.diagnostic(JSON.stringify(counts.byType));
    assert.ok(counts.shown / counts.asked > 0.95, `${counts.shown} of ${counts.asked}`);
  });
});

/** Of all complete feeds that a reader takes: how many can be answered so that it reads a version back. */
function countFacts() {
  const byType: Record<string, { asked: number; shown: number }> = {};
  for (const line of readFileSync(FACTS, 'utf8').trim().split('\n')) {
    const { id, feeds } = JSON.parse(line) as { id: string; feeds: FeedDefinition[] };
    for (const feed of feeds.filter((one) => one.complete === true && answerWriters.has(one.type))) {
      const one = readable(id, feed);
      if (one.length === 0) continue;
      const { asked, shown } = byType[feed.type] ?? { asked: 0, shown: 0 };
      const isShown = one.some((scheme) => planAnswer(scheme, 0) !== null);
      byType[feed.type] = { asked: asked + 1, shown: shown + (isShown ? 1 : 0) };
    }
  }
  const sum = (name: 'asked' | 'shown') => Object.values(byType).reduce((total, one) => total + one[name], 0);
  return { byType, asked: sum('asked'), shown: sum('shown') };
}

function readable(id: string, feed: FeedDefinition) {
  try {
    const schemes = ['numeric', 'letters'].map((scheme) => farmFeedOf(productOf(id, feed, scheme)));
    return schemes.filter((one) => one !== null);
  } catch {
    // Not a feed that a definition may name.
    return [];
  }
}

describe('a vendor farm', () => {
  const authority = createAuthority('CN=Farm Test CA', { now: NOW });
  const ids = Array.from({ length: 40 }, (_, place) => `Example.P${place}`);
  const feeds = ids.map((id, place) =>
    farmFeedOf(
      productOf(id, { type: 'json', url: `https://v${place}.example/latest.json`, path: '$.version' }),
    ),
  );
  let farm: VendorFarm;
  let http: ReturnType<typeof createHttpClient>;

  before(async () => {
    farm = await createVendorFarm({ feeds: feeds.filter((one) => one !== null), authority, now: () => NOW });
    const options = {
      userAgent: 'test',
      perHost: { concurrency: 4, requestsPerSecond: Number.POSITIVE_INFINITY },
    };
    http = createHttpClient({ ...options, hosts: hostMap(farm.hosts, farm.port), ca: authority.certificate });
  });
  after(async () => {
    http.close();
    await farm.close();
  });

  const ask = (place: number, headers: Record<string, string> = {}, timeoutMs = 60_000) =>
    http.get({ url: `https://v${place}.example/latest.json`, headers, maxBytes: 1 << 20, timeoutMs });

  test('answers conditionally, until the next release', async () => {
    const first = await ask(0);
    assert.equal(JSON.parse(first.body.toString()).version, farm.versionOf('Example.P0'));
    const validators = { 'if-none-match': first.headers.etag ?? '' };
    assert.equal((await ask(0, validators)).status, 304);
    const changed = farm.release(0.25, 'spring');
    assert.equal(changed.length, 10);
    assert.deepEqual(drawShare(ids, 0.25, 'x').length, 10);
    for (const [place, id] of ids.entries()) {
      const { status, body } = await ask(place, validators);
      assert.equal(status, changed.includes(id) ? 200 : 304, id);
      if (status === 200) assert.equal(JSON.parse(body.toString()).version, farm.versionOf(id));
    }
  });

  test('counts what its hosts see', async () => {
    farm.meter.reset();
    await Promise.all([ask(1), ask(1), ask(1), ask(2)]);
    const seen = farm.meter.traffic().filter(({ requests }) => requests > 0);
    assert.deepEqual(
      seen.map(({ host, requests }) => [host, requests]),
      [
        ['v1.example', 3],
        ['v2.example', 1],
      ],
    );
  });

  test('misbehaves where it is told to, and nowhere else', async () => {
    farm.setHostile(Object.fromEntries(HOSTILE_MODES.map((mode, place) => [`v${place}.example`, mode])));
    const found = await Promise.all(
      HOSTILE_MODES.map((mode, place) =>
        // The slow one alone ends by our clock.
        ask(place, {}, mode === 'slow-body' ? 1500 : 60_000).then(
          ({ body }) => [mode, body.toString('latin1', 0, 15)],
          (error: { code: string; message: string }) => [mode, error.code],
        ),
      ),
    );
    assert.deepEqual(Object.fromEntries(found), {
      'endless-body': 'feed.malformed',
      'slow-body': 'feed.unreachable',
      'gzip-bomb': 'feed.malformed',
      'redirect-loop': 'feed.refused',
      'too-many-requests': 'feed.busy',
      reset: 'feed.unreachable',
      html: '<!DOCTYPE html>',
      'server-error': 'feed.unreachable',
    });
    assert.equal((await ask(HOSTILE_MODES.length)).status, 200);
    farm.setHostile({});
    assert.equal((await ask(0)).status, 200);
  });
});

test('the meter tells requests that come too many or too soon', () => {
  let nowMs = 0;
  const meter = createMeter(() => nowMs);
  const at = (time: number, host: string) => {
    nowMs = time;
    return meter.begin(host);
  };
  const first = at(0, 'a.test');
  const second = at(1000, 'a.test');
  at(1100, 'b.test')();
  const limits = { concurrency: 2, requests: 3, windowMs: 2200 };
  assert.equal(meter.violations(limits), 0);
  const third = at(2000, 'a.test');
  assert.equal(meter.violations(limits), 1, 'three at a time');
  for (const end of [first, second, third]) end();
  at(2300, 'a.test')();
  assert.equal(meter.violations(limits), 1, 'four in more than the window');
  at(2400, 'a.test')();
  assert.equal(meter.violations(limits), 2, 'four within it');
  assert.deepEqual(meter.traffic()[0], {
    host: 'a.test',
    requests: 5,
    peakConcurrency: 3,
    shortestGapMs: 100,
  });
});
