import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Route, TARGET_OF } from '../../../src/core/publication.js';
import { createDeploymentRules } from '../../../src/publishing/configuration-manager/deployment-rule.js';
import { expiredDocument } from '../../../src/packages/expire.js';
import { POLL_MS } from '../line.js';
import { creationDateOf, packageIdOf, revisionOf, updateOf } from '../samples.js';
import { openWithLab } from '../with-lab.js';
import { createBreaker } from './breaker.js';

/** Every call and both sides of it take a minute; without it, what changes something breaks after it has done so. */
const IS_WHOLE = process.env.PATCHPRESS_CONFORMANCE === 'whole';
/** Calls that only look: broken before or after, they are the same. */
const LOOKS = new Set([
  'bridge.list',
  'site.updates',
  'site.product',
  'site.classification',
  'site.syncFault',
]);

type World = Awaited<ReturnType<typeof openWorld>>;

async function openWorld(t: TestContext) {
  const breaker = createBreaker();
  const world = await openWithLab(t, {
    between: breaker.between,
    // A product of its own each: the site has to be told of every one.
    document: (sdp, n) => sdp.replace('Patchpress Updates', `Patchpress Updates ${n}`),
  });
  world.lab.trustCatalogCertificate(world.signer.certificate.der);
  return { ...world, breaker };
}

/** What the far side has of an update, asked past the stage. */
async function readBack({ bridge, siteRow }: World, n: number) {
  const packageId = packageIdOf(n);
  const { updates } = await bridge.call(
    { verb: 'list', packageIds: [packageId] },
    new AbortController().signal,
  );
  const row = await siteRow(packageId);
  assert.equal(updates.length, 1, 'one publication at the update server');
  const [{ revision, creationDate, isExpired, hasContent } = assert.fail()] = updates;
  return {
    /** WSUS's own count. */
    revision,
    server: { createdAt: Date.parse(creationDate), isExpired, hasContent },
    site: {
      isExpired: row.IsExpired,
      isDeployable: row.IsDeployable,
      isMetadataOnly: row.IsMetadataOnlyUpdate,
    },
  };
}

const offered = (revision: number) => ({
  server: { createdAt: Date.parse(creationDateOf(revision)), isExpired: false, hasContent: true },
  site: { isExpired: false, isDeployable: true, isMetadataOnly: false },
});

/** Until nothing is due, also later: a turn that broke off waits for a while. */
async function rest({ line }: World): Promise<void> {
  await line.settle();
  line.wait(POLL_MS);
  await line.settle();
}

/** Builds the next revision and has it published. */
async function publish(world: World, route: Route, n: number) {
  const built = await world.line.publish(n, { route, payloadSha256: world.sha256 });
  await rest(world);
  return built;
}

/** The last revision, as the packages stage makes it. */
async function expire(world: World, route: Route, n: number): Promise<void> {
  const { line, attestor } = world;
  const update = updateOf(n, { route, payloadSha256: world.sha256 });
  const latest = await line.ledger.latestRevision(update.packageId);
  const number = (latest?.revision ?? 0) + 1;
  const sdp = await line.content.get(latest?.sdpSha256 ?? '');
  const { sha256 } = await line.content.putBuffer(expiredDocument(sdp, creationDateOf(number), update));
  const last = { ...revisionOf(update, number, sha256, attestor), expired: true } as const;
  await line.ledger.transaction((tx) => tx.putRevision(last));
  await line.enqueue({ kind: 'publish', packageId: update.packageId, revision: number });
  await rest(world);
}

function sidesOf(call: string): readonly ('before' | 'after')[] {
  if (LOOKS.has(call)) return IS_WHOLE ? ['after'] : [];
  return IS_WHOLE ? ['before', 'after'] : ['after'];
}

async function standing({ line }: World, route: Route, n: number) {
  const publication = await line.ledger.publication(TARGET_OF[route], packageIdOf(n));
  return [publication?.revision, publication?.state];
}

/** Runs `act` once to learn its calls, then once for each of them and on each side of it, each time on another update. */
async function breakEverywhere(
  world: World,
  act: (n: number) => Promise<void>,
  check: (n: number, where: string) => Promise<void>,
  first: number,
): Promise<readonly string[]> {
  const { breaker } = world;
  breaker.arm(null);
  await act(first);
  await check(first, 'whole');
  const calls = [...breaker.calls];
  let n = first;
  for (const [index, name] of calls.entries()) {
    for (const side of sidesOf(name)) {
      n += 1;
      breaker.arm({ index, side });
      await act(n);
      await check(n, `${side} ${name}`);
    }
  }
  return calls;
}

/** What a publication asks of others: the table says what the sweep breaks. */
const CALLS: Readonly<Record<Route, readonly string[]>> = {
  catalog: [
    'signer.sign',
    'site.updates',
    'site.syncCatalogs',
    'site.syncSoftwareUpdates',
    'site.updates',
    'site.product',
    'site.enableProduct',
    'site.classification',
    'site.syncSoftwareUpdates',
    'site.updates',
    'site.publishContent',
    'site.syncSoftwareUpdates',
    'site.updates',
  ],
  direct: [
    'bridge.list',
    'bridge.publish',
    'bridge.list',
    'site.updates',
    'site.syncSoftwareUpdates',
    'site.updates',
    'site.product',
    'site.enableProduct',
    'site.classification',
    'site.syncSoftwareUpdates',
    'site.updates',
  ],
};

async function liveAndEnd(world: World, route: Route, n: number): Promise<void> {
  const { line } = world;
  const catalogNumber = async () => (await line.ledger.latestCatalogRevision('configmgr-catalog'))?.number;
  const built = await publish(world, route, n);
  assert.deepEqual(await standing(world, route, n), [1, 'distributed']);
  const first = await readBack(world, n);
  assert.deepEqual(first, { ...offered(1), revision: first.revision });

  const number = await catalogNumber();
  await line.enqueue({ kind: 'publish', ...built }, true);
  await rest(world);
  assert.deepEqual(await standing(world, route, n), [1, 'distributed']);
  assert.deepEqual(await readBack(world, n), first, 'twice is once');
  assert.equal(await catalogNumber(), number);

  if (route === 'catalog') {
    await line.enqueue({ kind: 'repair', ...built, requestId: 'r1' });
    await rest(world);
    assert.match((await line.work(`repair/${built.packageId}/1/r1`))?.reason ?? '', /it has it$/);
  }

  await publish(world, route, n);
  assert.deepEqual(await standing(world, route, n), [2, 'distributed']);
  assert.deepEqual(await readBack(world, n), { ...offered(2), revision: first.revision + 1 });

  await expire(world, route, n);
  assert.deepEqual(await standing(world, route, n), [3, 'expired']);
  const withdrawn = await line.work(`withdraw/${built.packageId}/3`);
  assert.deepEqual([withdrawn?.state, withdrawn?.reason], ['done', 'the site knows that it is expired']);
  const gone = await readBack(world, n);
  assert.deepEqual([gone.server.isExpired, gone.site.isExpired], [true, true]);
}

test('every target publishes once, revises and expires, whichever call breaks, and reads it back', async (t) => {
  const world = await openWorld(t);
  for (const [at, route] of (['catalog', 'direct'] as const).entries()) {
    await t.test(`${TARGET_OF[route]}: published, once, revised, expired`, () =>
      liveAndEnd(world, route, 100 * at + 1),
    );
    await t.test(`${TARGET_OF[route]}: each call of a publication breaks`, async () => {
      let clean: Awaited<ReturnType<typeof readBack>> | null = null;
      const calls = await breakEverywhere(
        world,
        async (n) => {
          await publish(world, route, n);
        },
        async (n, where) => {
          assert.deepEqual(await standing(world, route, n), [1, 'distributed'], where);
          const found = await readBack(world, n);
          clean ??= found;
          assert.deepEqual(found, { ...offered(1), revision: clean.revision }, where);
        },
        100 * at + 10,
      );
      assert.deepEqual(calls, CALLS[route]);
    });
  }
  await t.test('configuration-manager: the same over the Windows bridge alone', async () => {
    world.breaker.replace('site', world.siteOverBridge);
    await publish(world, 'catalog', 300);
    assert.deepEqual(await standing(world, 'catalog', 300), [1, 'distributed']);
    const { revision, ...found } = await readBack(world, 300);
    assert.deepEqual(found, offered(1));
    assert.deepEqual(world.breaker.calls.slice(-CALLS.catalog.length), CALLS.catalog);
    const rules = createDeploymentRules(world.rest, 'Patchpress');
    const rule = await rules.look();
    assert.equal(rule?.isEnabled, true);
    await rules.run(rule);
    assert.equal(await createDeploymentRules(world.rest, 'another').look(), null);
  });
});
