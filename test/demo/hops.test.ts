import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parseDemoArguments } from '../../src/app/demo/arguments.js';
import { isGood } from '../../src/app/demo/report.js';
import { type Demo, setUp } from '../../src/app/demo/set-up.js';
import { describeUpdates } from '../../src/app/demo/updates.js';
import { waitUntilAtRest } from '../../src/app/demo/wait.js';
import type { FaultyHop, HopFault } from '../../src/lab/index.js';
import type { OverviewRow } from '../../src/operations/overview.js';
import { preflightOf } from './preflight.js';
import { temporaryFolder } from './run.js';

/** Signed by its vendor, so it goes through the catalog and meets every hop. */
const PRODUCT = 'Git.Git';
/** Unsigned, so it goes directly to the update server; what follows in the site is the same. */
const DIRECT = '7zip.7zip';
const PATIENCE_MS = 60_000;

interface Stop {
  readonly hop: FaultyHop;
  readonly fault: HopFault;
  readonly state: string;
  readonly reached: string;
  readonly reason: RegExp;
  readonly nextStep: RegExp;
  /** Mended, it goes on with the next look; what was refused with the next sync. */
  readonly goesOn: 'by itself' | 'with the next sync';
  /** The rows of preflight that fail then, and tell why no remote client gets anything. */
  readonly preflight: Readonly<Record<string, RegExp>>;
  /** The update of the direct route stands there too. */
  readonly stopsDirect?: true;
}

/** In the order of the way, so that mending each shows by the next one that stops it. */
const STOPS: readonly Stop[] = [
  {
    hop: 'catalog',
    fault: 'unreachable',
    state: 'failed',
    reached: 'published',
    reason: /the site refuses it: .*ECONNREFUSED/,
    nextStep: /can be reached over https/,
    goesOn: 'with the next sync',
    preflight: {
      'site-takes-published': /ECONNREFUSED/,
      'sup-reaches-content': /ECONNREFUSED/,
      'product-enabled': /does not know the product yet/,
      'admin-service': /6703/,
    },
  },
  {
    hop: 'catalog',
    fault: 'certificate',
    state: 'failed',
    reached: 'published',
    reason: /the site refuses it: 11508: .*untrusted-root/,
    nextStep: /Security > Certificates: .*Third-party Software Updates Catalog/,
    goesOn: 'with the next sync',
    preflight: {
      'site-takes-published': /11508: .*untrusted-root/,
      'product-enabled': /does not know the product yet/,
      'admin-service': /6703/,
    },
  },
  {
    hop: 'sync',
    fault: 'failed',
    state: 'published',
    reached: 'published',
    reason: /software update synchronization failed: 6703/,
    nextStep: /Software Update Point Synchronization Status/,
    goesOn: 'by itself',
    preflight: { 'admin-service': /6703/, 'product-enabled': /does not know the product yet/ },
    stopsDirect: true,
  },
  {
    hop: 'product',
    fault: 'not-enabled',
    state: 'published',
    reached: 'published',
    reason: /the product "Patchpress Updates" of "Patchpress" is not enabled.*may not change/,
    nextStep: /Software Update Point > Products: tick Patchpress > Patchpress Updates/,
    goesOn: 'by itself',
    preflight: { 'product-enabled': /not ticked/ },
    stopsDirect: true,
  },
  {
    hop: 'content',
    fault: 'hash',
    state: 'failed',
    reached: 'visible',
    reason: /the site refuses it: UPDATECONTENT_HASH_FAIL/,
    nextStep: /other bytes than were published/,
    goesOn: 'with the next sync',
    preflight: { 'site-takes-published': /UPDATECONTENT_HASH_FAIL/ },
  },
  {
    hop: 'content',
    fault: 'trust',
    state: 'failed',
    reached: 'visible',
    reason: /the site refuses it: UPDATECONTENT_TRUST_FAIL: .* is BLOCKED/,
    nextStep: /Security > Certificates: unblock/,
    goesOn: 'with the next sync',
    preflight: { 'site-takes-published': /UPDATECONTENT_TRUST_FAIL: .* is BLOCKED/ },
  },
  {
    hop: 'distribution',
    fault: 'not-distributed',
    state: 'deployable',
    reached: 'deployable',
    reason: /it is not on a content-enabled CMG yet/,
    nextStep: /Automatic Deployment Rules: enable the rule and Run Now/,
    goesOn: 'by itself',
    preflight: { 'cmg-content': /^1 of 2 deployable updates/ },
  },
  {
    hop: 'gateway',
    fault: 'down',
    state: 'distributed',
    reached: 'distributed',
    reason: /cmg\.unreachable: the update server does not answer/,
    nextStep: /that the gateway runs/,
    goesOn: 'by itself',
    preflight: {
      'cmg-client-certificate': /cmg\.unreachable/,
      'cmg-client-token': /cmg\.unreachable/,
    },
  },
  {
    hop: 'gateway',
    fault: 'refused',
    state: 'failed',
    reached: 'distributed',
    reason: /target\.refused: .*does not allow traffic of the cloud management gateway/,
    nextStep: /software update point allows traffic of the CMG/,
    goesOn: 'with the next sync',
    preflight: {
      'sup-allows-cmg': /^no$/,
      'cmg-client-certificate': /does not allow traffic/,
      'cmg-client-token': /does not allow traffic/,
    },
  },
  {
    hop: 'gateway',
    fault: 'no-content',
    state: 'failed',
    reached: 'distributed',
    reason: /proof\.failed: .*0x80246008: .*the gateway does not have this content/,
    nextStep: /distribution status of the deployment package/,
    goesOn: 'with the next sync',
    preflight: {
      'cmg-content-file': /^0 of the \d newest distributed updates; .*the gateway does not have this content/,
    },
  },
  {
    hop: 'client',
    fault: 'delta-content',
    state: 'failed',
    reached: 'distributed',
    reason: /proof\.failed: .*0x80246008: .*no delta content/,
    nextStep: /"Allow clients to download delta content when available" = No/,
    goesOn: 'with the next sync',
    preflight: { 'client-delta-download': /^yes$/ },
  },
  {
    hop: 'client',
    fault: 'token-expired',
    state: 'failed',
    reached: 'distributed',
    reason: /target\.refused: .*the token has expired/,
    nextStep: /certificate or token/,
    goesOn: 'with the next sync',
    preflight: { 'cmg-client-token': /the token has expired/ },
  },
  {
    hop: 'client',
    fault: 'untrusted',
    state: 'failed',
    reached: 'distributed',
    reason: /proof\.failed: .*older: required, then required, nothing installed \(0x800B0109/,
    nextStep: /"Enable third-party software updates" = Yes/,
    goesOn: 'with the next sync',
    preflight: { 'client-third-party-updates': /^no$/ },
  },
];

describe('every hop on the way to a client, made to fail one after the other', () => {
  const dataDir = temporaryFolder('demo-hops');
  let demo: Demo;

  before(async () => {
    const args = parseDemoArguments(['--data-dir', dataDir, '--products', '2']);
    const silent = { step: () => undefined, turn: () => undefined };
    demo = await setUp({ ...args, pollMs: 100 }, silent);
    const [first] = STOPS;
    if (first !== undefined) await demo.setHopFault(first.hop, first.fault);
    // The direct route needs no catalog: this is what stops it meanwhile.
    await demo.setHopFault('sync', 'failed');
    await sync();
    demo.service.start();
  });
  after(async () => {
    await demo.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const sync = () => demo.service.operations.sync({ operator: { name: 'test' } });

  /** The row as soon as it says this, or as it is when patience ends. */
  async function rowThat(says: (row: OverviewRow) => boolean, product = PRODUCT): Promise<OverviewRow> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { rows } = await demo.service.operations.overview();
      const row = rows.find(({ productId }) => productId === product);
      assert.ok(row);
      if (says(row) || Date.now() > deadline) return row;
      await pause(50);
    }
  }

  /** The story of the update says where it stands, why and what is next, and of nothing beyond that it is done. */
  async function requireExplained({ packageId }: OverviewRow, { state, reached, reason, nextStep }: Stop) {
    const { standing, hops, story } = await demo.service.operations.explain(packageId ?? '');
    const [sentence = ''] = standing;
    const where = state === reached ? `is ${state}` : `is ${state} after ${reached}`;
    assert.ok(sentence.includes(where), sentence);
    assert.match(sentence, reason);
    assert.match(sentence.slice(sentence.indexOf(' Next: ')), nextStep);
    assert.equal(hops.at(-1)?.hop, reached);
    assert.ok(
      story.every(({ text }) => !/\bverified\b/.test(text)),
      JSON.stringify(story),
    );
  }

  for (const [index, stop] of STOPS.entries()) {
    const { hop, fault, state, reached, reason, nextStep } = stop;
    test(`${hop}, ${fault}: it stands at ${reached} and says why`, async () => {
      const row = await rowThat((one) => one.state === state && reason.test(one.reason ?? ''));
      assert.deepEqual([row.state, row.reached], [state, reached], row.reason ?? '');
      assert.match(row.reason ?? '', reason);
      assert.match(row.nextStep ?? '', nextStep);
      if (stop.stopsDirect) {
        const direct = await rowThat((one) => reason.test(one.reason ?? ''), DIRECT);
        assert.deepEqual([direct.state, direct.route], [state, 'direct'], direct.reason ?? '');
        assert.match(direct.nextStep ?? '', nextStep);
      }
      const rows = await preflightOf(demo, fault === 'token-expired');
      const failing = [...rows.values()].filter((one) => one.state === 'failed');
      assert.deepEqual(failing.map(({ id }) => id).sort(), Object.keys(stop.preflight).sort());
      for (const { id, found } of failing) assert.match(found, stop.preflight[id] ?? /^$/);
      const refusal = failing.find(({ id }) => id === 'site-takes-published');
      if (refusal !== undefined) assert.match(refusal.fix ?? '', nextStep);
      await requireExplained(row, stop);
      const overview = await demo.service.operations.overview();
      const updates = await describeUpdates(demo, overview.rows);
      const update = updates.find(({ product }) => product === PRODUCT);
      assert.match(update?.reason ?? '', reason);
      assert.match(update?.nextStep ?? '', nextStep);
      assert.equal(isGood(overview, updates), false);
    });

    test(`${hop}, ${fault}: mended, it goes on ${stop.goesOn}`, async () => {
      const after = STOPS[index + 1];
      if (after !== undefined) await demo.setHopFault(after.hop, after.fault);
      if (after?.hop !== hop) await demo.setHopFault(hop, null);
      if (stop.goesOn === 'with the next sync') await sync();
      const wanted = (one: OverviewRow) =>
        after === undefined ? one.state === 'verified' : after.reason.test(one.reason ?? '');
      const row = await rowThat(wanted);
      assert.ok(wanted(row), `${row.state}: ${row.reason}`);
    });
  }

  test('in the end everything is verified, the update of the direct route too', async () => {
    await sync();
    const deadline = new Date(Date.now() + PATIENCE_MS);
    assert.equal(await waitUntilAtRest(demo.foundation.ledger, deadline, demo.requireAlive), true);
    const overview = await demo.service.operations.overview();
    const updates = await describeUpdates(demo, overview.rows);
    assert.deepEqual(
      updates.map(({ state, isOffered, reason }) => [state, isOffered, reason]),
      [
        ['verified', true, null],
        ['verified', true, null],
      ],
    );
    assert.equal(isGood(overview, updates), true);
    const rows = [...(await preflightOf(demo, false)).values()];
    assert.deepEqual(
      rows.filter(({ state }) => state !== 'ok').map(({ id, found }) => [id, found]),
      [],
    );
  });
});
