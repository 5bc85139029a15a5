import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Site, SiteUpdateState } from '../../src/core/ports.js';
import { expiredDocument } from '../../src/packages/expire.js';
import { type Line, openLine, POLL_MS } from './line.js';
import { creationDateOf, formalAttestor, packageIdOf, revisionOf, updateOf } from './samples.js';

const TARGET = 'configmgr-catalog';
const ID = packageIdOf(1);
const latest = (line: Line) => line.ledger.latestCatalogRevision(TARGET);

/** The last revision of update 1, as packages and signing leave it. */
async function expire(line: Line, number: number): Promise<void> {
  const update = updateOf(1);
  const before = await line.ledger.latestRevision(ID);
  const document = await line.content.get(before?.sdpSha256 ?? '');
  const { sha256 } = await line.content.putBuffer(expiredDocument(document, creationDateOf(number), update));
  const revision = { ...revisionOf(update, number, sha256, formalAttestor), expired: true } as const;
  await line.ledger.transaction((tx) => tx.putRevision(revision));
  await line.enqueue({ kind: 'publish', packageId: ID, revision: number });
}

/** Shows the revision with this CreationDate, with its content or without. */
function siteWith(shows: () => Partial<SiteUpdateState>, calls: string[] = []): Site {
  return {
    syncCatalogs: async () => void calls.push('catalogs'),
    syncSoftwareUpdates: async () => void calls.push('updates'),
    publishContent: async (id) => void calls.push(`content ${id}`),
    updates: async (ids) =>
      ids.map((packageId) => ({
        packageId,
        revision: 2,
        revisedAt: creationDateOf(1),
        isMetadataOnly: false,
        isDeployable: true,
        isContentProvisioned: true,
        fault: null,
        ...shows(),
      })),
    product: async () => null,
    enableProduct: async () => undefined,
    classification: async () => null,
    enableClassification: async () => undefined,
    syncFault: async () => null,
  };
}

describe('expire', () => {
  test('the catalog keeps it, with PublicationState Expired, and it ends as expired', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.publish(2);
    await line.settle();
    await expire(line, 2);
    const ran = await line.settle();
    const publication = await line.publication(1);
    assert.deepEqual(
      [publication?.state, publication?.revision, publication?.catalogRevision],
      ['expired', 2, 2],
    );
    assert.match(publication?.reason ?? '', /where it is installed it stays/);
    assert.deepEqual((await latest(line))?.members.length, 2);
    assert.ok(!ran.includes(`follow/${ID}/2`), 'there is nothing to follow');
    assert.equal((await line.publication(2))?.state, 'published');
  });

  test('an expired update that something supersedes is expired all the same', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.settle();
    await expire(line, 2);
    await line.publish(2, { supersedes: [ID] });
    await line.settle();
    assert.equal((await line.publication(1))?.state, 'expired');
    await line.enqueue({ kind: 'flush', target: TARGET }, true);
    await line.settle();
    assert.equal((await line.publication(1))?.state, 'expired');
  });

  test('what supersedes it may be published first: it still ends as expired', async (t) => {
    const line = await openLine(t, {
      signer: (self, formal) => ({
        async sign(request) {
          const isRollback =
            request.attestations.length === 2 && (await line.ledger.latestRevision(ID))?.revision === 1;
          if (isRollback) {
            await expire(self(), 2);
            await self().turn(`publish/${ID}/2`);
          }
          return formal.sign(request);
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    await line.publish(2, { supersedes: [ID] });
    await line.settle();
    const publication = await line.publication(1);
    assert.deepEqual([publication?.state, publication?.revision], ['expired', 2]);
    assert.equal((await line.publication(2))?.state, 'published');
  });

  test('the site is asked until it shows the expired revision', async (t) => {
    let revisedAt = creationDateOf(1);
    const calls: string[] = [];
    const line = await openLine(t, { site: () => siteWith(() => ({ revisedAt }), calls) });
    await line.publish(1);
    await line.settle();
    calls.length = 0;
    await expire(line, 2);
    await line.settle();
    const key = `withdraw/${ID}/2`;
    assert.equal((await line.work(key))?.state, 'waiting');
    assert.match((await line.work(key))?.reason ?? '', /the site does not know it yet/);
    assert.deepEqual(calls, ['catalogs', 'updates']);
    revisedAt = creationDateOf(2);
    line.wait(POLL_MS);
    await line.settle();
    assert.equal((await line.work(key))?.state, 'done');
    assert.equal((await line.work(key))?.reason, 'the site knows that it is expired');
  });
});

describe('resign', () => {
  const ask = (line: Line, requestId: string, again = false) =>
    line.enqueue({ kind: 'resign', target: TARGET, requestId }, again);

  test('the catalog is signed again: a new revision with equal members', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.settle();
    const before = await latest(line);
    await ask(line, 'r1');
    await line.settle();
    const after = await latest(line);
    assert.equal(after?.number, 2);
    assert.deepEqual(after?.members, before?.members);
    assert.notEqual(after?.cabSha256, before?.cabSha256);
    assert.equal(line.signer.requests.length, 2);
    assert.equal((await line.publication(1))?.state, 'published');
    assert.equal((await line.publication(1))?.revision, 1);
  });

  test('twice does nothing new; another request does', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.settle();
    await ask(line, 'r1');
    await line.settle();
    await ask(line, 'r1');
    await line.enqueue({ kind: 'flush', target: TARGET }, true);
    await line.settle();
    assert.equal((await latest(line))?.number, 2);
    await ask(line, 'r2');
    await line.settle();
    assert.equal((await latest(line))?.number, 3);
  });

  test('a wish that comes while the catalog is signed gets a revision of its own', async (t) => {
    const line = await openLine(t, {
      signer: (self, formal) => ({
        async sign(request) {
          if ((await latest(self())) === null) {
            await self().ledger.transaction((tx) =>
              tx.putSetting(`publishing.${TARGET}.resign-wanted`, 'meanwhile'),
            );
          }
          return formal.sign(request);
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    assert.equal((await latest(line))?.number, 2);
  });

  test('without a catalog there is nothing to sign', async (t) => {
    const line = await openLine(t);
    await ask(line, 'r1');
    await line.settle();
    assert.equal(await latest(line), null);
    assert.match((await line.work(`resign/${TARGET}/r1`))?.reason ?? '', /no catalog/);
  });
});

describe('repair', () => {
  const ask = (line: Line, requestId = 'r1') =>
    line.enqueue({ kind: 'repair', packageId: ID, revision: 1, requestId });
  const KEY = `repair/${ID}/1/r1`;

  test('where the site has everything, nothing changes but that clients are asked again', async (t) => {
    const calls: string[] = [];
    const line = await openLine(t, { site: () => siteWith(() => ({}), calls) });
    await line.publish(1);
    await line.settle();
    assert.equal((await line.publication(1))?.state, 'distributed');
    calls.length = 0;
    await ask(line);
    const ran = await line.settle();
    assert.deepEqual(calls, [`content ${ID}`, 'updates']);
    assert.equal((await line.publication(1))?.state, 'distributed');
    assert.match((await line.work(KEY))?.reason ?? '', /it has it$/);
    assert.deepEqual(ran, [KEY, `verify/${ID}/r1`]);
  });

  test('where the site has lost the content, it is followed again, to the proof', async (t) => {
    let lost = false;
    const gone = { isDeployable: false, isContentProvisioned: false, isMetadataOnly: true };
    const line = await openLine(t, { site: () => siteWith(() => (lost ? gone : {})) });
    await line.publish(1);
    await line.settle();
    lost = true;
    await ask(line);
    await line.settle();
    assert.equal((await line.publication(1))?.state, 'visible');
    assert.equal((await line.work(`follow/${ID}/1`))?.state, 'waiting');
    lost = false;
    line.wait(POLL_MS);
    const ran = await line.settle();
    assert.equal((await line.publication(1))?.state, 'distributed');
    assert.ok(ran.includes(`verify/${ID}/r1`), 'the proof is made again');
    assert.equal((await latest(line))?.number, 1, 'nothing was published anew');
  });

  test('what is expired, superseded, pending or of an older revision is left alone', async (t) => {
    const line = await openLine(t, { site: () => siteWith(() => ({})) });
    await line.publish(1);
    await line.settle();
    await line.publish(1);
    await line.settle();
    await ask(line);
    await line.settle();
    assert.match((await line.work(KEY))?.reason ?? '', /revision 2 has taken its place/);
  });
});
