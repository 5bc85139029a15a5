import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../../src/app/logger.js';
import { createContentStore } from '../../src/content/store.js';
import { type RetainDeps, retain } from '../../src/operations/retain.js';
import { LEAD, openMany, START } from './many.js';

const TARGET = 'configmgr-catalog';
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(START.getTime() - days * DAY_MS);

/** A catalog that got a revision on each of these days; the content store has their cabinets, all of them old. */
async function openRevisions(t: TestContext, days: readonly number[]) {
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-retain-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { ledger, world } = await openMany(t, []);
  const content = createContentStore(folder);
  const put = async (text: string) => {
    const { sha256 } = await content.putBuffer(Buffer.from(text));
    utimesSync(content.pathOf(sha256), daysAgo(300), daysAgo(300));
    return sha256;
  };
  const cabinets = await Promise.all(days.map((_, index) => put(`cabinet ${index + 1}`)));
  await ledger.transaction(async (tx) => {
    for (const [index, cabSha256] of cabinets.entries()) {
      const createdAt = daysAgo(days[index] ?? 0).toISOString();
      const members = [{ packageId: 'p', revision: 1 }];
      await tx.putCatalogRevision({
        target: TARGET,
        number: index + 1,
        cabSha256,
        membersSha256: 'm',
        members,
        createdAt,
      });
    }
  });
  const deps: RetainDeps = {
    ledger,
    content,
    clock: { now: () => world.now },
    log: silentLog,
    target: TARGET,
    rule: { days: 30, atLeast: 2 },
  };
  /** A look, and the one a good day later that removes what the first set aside. */
  const lookTwice = async () => {
    await retain(deps, LEAD);
    world.now = new Date(world.now.getTime() + DAY_MS + 1);
    await ledger.takeLease({ name: LEAD.name, holder: 'test', leaseMs: 6000 }, world.now);
    await retain(deps, LEAD);
  };
  const present = (all: readonly string[]) => Promise.all(all.map((sha256) => content.has(sha256)));
  return { ledger, content, world, deps, put, cabinets, lookTwice, present };
}

test('revisions that nobody can ask for any more go, their cabinets a day later', async (t) => {
  const { ledger, deps, cabinets, lookTwice, present } = await openRevisions(t, [200, 100, 40, 10, 1]);
  await retain(deps, LEAD);
  assert.deepEqual(
    await present(cabinets),
    [true, true, true, true, true],
    'they may be handed out just now',
  );
  await lookTwice();
  const kept = (await ledger.catalogRevisions(TARGET)).map(({ number }) => number);
  assert.deepEqual(kept, [3, 4, 5], 'the third stood 30 days ago');
  assert.equal(await ledger.catalogRevision(TARGET, 2), null);
  assert.deepEqual(await present(cabinets), [false, false, true, true, true]);
});

test('however old, the newest stay, and the one that is served', async (t) => {
  const { ledger, cabinets, lookTwice, present } = await openRevisions(t, [300, 299, 298]);
  await lookTwice();
  assert.deepEqual(
    (await ledger.catalogRevisions(TARGET)).map(({ number }) => number),
    [2, 3],
  );
  assert.deepEqual(await present(cabinets), [false, true, true]);
});

test('what is set aside stays while a record names it, or while it was put again', async (t) => {
  const { ledger, put, content, cabinets, lookTwice, present } = await openRevisions(t, [1]);
  const imported = await put('an imported catalog');
  const unsigned = await put('an unsigned cabinet');
  const again = await put('an unsigned cabinet that is made again');
  await ledger.transaction(async (tx) => {
    const importedAt = START.toISOString();
    await tx.putImportedCatalog({ source: 'HP', fileSha256: imported, certificates: [], importedAt });
    await tx.setAside([...cabinets, imported, unsigned, again], daysAgo(2));
  });
  await content.putBuffer(Buffer.from('an unsigned cabinet that is made again'));
  utimesSync(content.pathOf(again), daysAgo(-0.1), daysAgo(-0.1));
  await lookTwice();
  assert.deepEqual(await present([...cabinets, imported, unsigned, again]), [true, true, false, true]);
  const left = await ledger.setAsideBefore(daysAgo(0), 10);
  assert.deepEqual(left, [again], 'it is asked about again');
});

test('a host that lost the lead forgets nothing', async (t) => {
  const { ledger, deps } = await openRevisions(t, [200, 100, 40, 10, 1]);
  await assert.rejects(retain(deps, { ...LEAD, token: LEAD.token + 1 }), { code: 'ledger.busy' });
  assert.equal((await ledger.catalogRevisions(TARGET)).length, 5);
});
