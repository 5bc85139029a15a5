import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import { openLine } from './line.js';
import { packageIdOf } from './samples.js';

const TARGET = 'configmgr-catalog';
const FLUSH = 'flush/configmgr-catalog';
const latest = async (line: Awaited<ReturnType<typeof openLine>>) =>
  line.ledger.latestCatalogRevision(TARGET);

describe('publish and flush', () => {
  test('five publishes at once are one revision of the catalog, each published once', async (t) => {
    const line = await openLine(t);
    for (let n = 1; n <= 5; n += 1) await line.publish(n);
    const ran = await line.settle();
    assert.equal(ran.filter((key) => key === FLUSH).length, 1);
    const catalog = await latest(line);
    assert.equal(catalog?.number, 1);
    assert.deepEqual(
      catalog?.members,
      [1, 2, 3, 4, 5].map((n) => ({ packageId: packageIdOf(n), revision: 1 })),
    );
    for (let n = 1; n <= 5; n += 1) {
      const publication = await line.publication(n);
      assert.deepEqual([publication?.state, publication?.catalogRevision], ['published', 1]);
    }
    assert.equal(line.signer.requests[0]?.attestations.length, 5);
    assert.equal(ran.filter((key) => key.startsWith('follow/')).length, 5);
  });

  test('the same publish again changes nothing and says why', async (t) => {
    const line = await openLine(t);
    const built = await line.publish(1);
    await line.settle();
    await line.enqueue({ kind: 'publish', ...built }, true);
    await line.enqueue({ kind: 'flush', target: TARGET }, true);
    await line.settle();
    assert.equal((await latest(line))?.number, 1);
    assert.equal((await line.work(`publish/${packageIdOf(1)}/1`))?.reason, 'revision 1 is published already');
    assert.equal((await line.work(FLUSH))?.reason, 'catalog revision 1 has these updates already');
  });

  test('a publish that arrives while the cabinet is made gets the next revision', async (t) => {
    const line = await openLine(t, {
      signer: (self, formal) => ({
        async sign(request) {
          if (request.attestations.length === 1) {
            await self().publish(2);
            assert.equal(await self().turn(`publish/${packageIdOf(2)}/1`), 'ran');
            assert.equal((await self().work(FLUSH))?.state, 'running', 'the flush that runs goes on');
          }
          return formal.sign(request);
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    assert.equal((await latest(line))?.number, 2);
    assert.deepEqual(
      [(await line.publication(1))?.catalogRevision, (await line.publication(2))?.catalogRevision],
      [1, 2],
    );
  });

  test('a revision that arrives while its predecessor is flushed is not marked as published with it', async (t) => {
    const line = await openLine(t, {
      signer: (self, formal) => ({
        async sign(request) {
          if (request.attestations[0]?.revision === 1) {
            await self().publish(1);
            await self().turn(`publish/${packageIdOf(1)}/2`);
          }
          return formal.sign(request);
        },
      }),
    });
    await line.publish(1);
    const ran = await line.settle();
    const publication = await line.publication(1);
    assert.deepEqual(
      [publication?.revision, publication?.state, publication?.catalogRevision],
      [2, 'published', 2],
    );
    assert.deepEqual(
      ran.filter((key) => key.startsWith('follow/')),
      [`follow/${packageIdOf(1)}/2`],
    );
  });

  test('an older revision that is asked for late does not come back', async (t) => {
    const line = await openLine(t);
    await line.build(1);
    await line.publish(1);
    await line.settle();
    await line.enqueue({ kind: 'publish', packageId: packageIdOf(1), revision: 1 });
    await line.settle();
    assert.equal((await line.publication(1))?.revision, 2);
    assert.equal((await line.work(`publish/${packageIdOf(1)}/1`))?.reason, 'revision 2 has taken its place');
  });

  test('a republish ends in a new catalog revision with the higher revision of the update', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.settle();
    await line.publish(1);
    await line.settle();
    assert.deepEqual((await latest(line))?.members, [{ packageId: packageIdOf(1), revision: 2 }]);
    assert.deepEqual([(await line.publication(1))?.state, (await latest(line))?.number], ['published', 2]);
  });

  test('what a new update supersedes is superseded and stays in the catalog', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.settle();
    await line.publish(2, { supersedes: [packageIdOf(1)] });
    await line.settle();
    const old = await line.publication(1);
    assert.deepEqual([old?.state, old?.reason], ['superseded', `${packageIdOf(2)} supersedes it`]);
    assert.equal((await latest(line))?.members.length, 2);
  });

  test('at most one revision in an interval; what comes meanwhile joins the next', async (t) => {
    const line = await openLine(t, { flushIntervalMs: 30_000 });
    await line.publish(1);
    await line.settle();
    line.wait(10_000);
    await line.publish(2);
    await line.publish(3);
    await line.settle();
    assert.equal((await line.work(FLUSH))?.state, 'waiting');
    assert.equal((await latest(line))?.number, 1);
    line.wait(20_000);
    await line.settle();
    assert.deepEqual([(await latest(line))?.number, (await latest(line))?.members.length], [2, 3]);
  });
});

describe('broken updates', () => {
  test('an update without its document fails by itself; the others are published', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    const broken = await line.publish(2);
    const sha256 = (await line.ledger.revision(broken.packageId, 1))?.sdpSha256 ?? '';
    rmSync(line.content.pathOf(sha256));
    await line.settle();
    assert.deepEqual((await latest(line))?.members, [{ packageId: packageIdOf(1), revision: 1 }]);
    const work = await line.work(`publish/${packageIdOf(2)}/1`);
    assert.deepEqual([work?.state, work?.code], ['failed', 'content.missing']);
    assert.equal(await line.publication(2), null);
  });

  test('an update that was never attested fails by itself', async (t) => {
    const line = await openLine(t);
    const { packageId } = await line.publish(1);
    const revision = await line.ledger.revision(packageId, 1);
    assert.ok(revision);
    await line.ledger.transaction((tx) => tx.putRevision({ ...revision, attestation: null }));
    await line.settle();
    const work = await line.work(`publish/${packageId}/1`);
    assert.deepEqual([work?.state, work?.code], ['failed', 'catalog.invalid']);
    assert.match(work?.reason ?? '', /attestation/);
  });

  test('one that breaks while it is pending is sent back, and goes on when it is mended', async (t) => {
    const line = await openLine(t);
    const built = await line.publish(2);
    await line.turn(`publish/${packageIdOf(2)}/1`);
    await line.publish(1);
    const sha256 = (await line.ledger.revision(built.packageId, 1))?.sdpSha256 ?? '';
    const document = await line.content.get(sha256);
    rmSync(line.content.pathOf(sha256));
    await line.settle();
    assert.deepEqual((await latest(line))?.members, [{ packageId: packageIdOf(1), revision: 1 }]);
    const pending = await line.publication(2);
    assert.equal(pending?.state, 'pending');
    assert.match(pending?.reason ?? '', /content\.missing/);
    const key = `publish/${packageIdOf(2)}/1`;
    assert.deepEqual(
      [(await line.work(key))?.state, (await line.work(key))?.code],
      ['failed', 'content.missing'],
    );

    await line.content.putBuffer(document);
    await line.enqueue({ kind: 'publish', ...built }, true);
    await line.settle();
    assert.deepEqual([(await line.publication(2))?.state, (await latest(line))?.number], ['published', 2]);
  });

  test('a broken revision leaves the published one in the catalog', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.settle();
    await line.publish(1);
    await line.turn(`publish/${packageIdOf(1)}/2`);
    const sha256 = (await line.ledger.revision(packageIdOf(1), 2))?.sdpSha256 ?? '';
    rmSync(line.content.pathOf(sha256));
    await line.settle();
    assert.deepEqual((await latest(line))?.members, [{ packageId: packageIdOf(1), revision: 1 }]);
    assert.equal((await latest(line))?.number, 1);
  });

  test('a published update whose document is gone stops the switch: nothing vanishes unasked', async (t) => {
    const line = await openLine(t);
    const { packageId } = await line.publish(1);
    await line.settle();
    const sha256 = (await line.ledger.revision(packageId, 1))?.sdpSha256 ?? '';
    rmSync(line.content.pathOf(sha256));
    await line.publish(2);
    await line.settle();
    assert.deepEqual(
      [(await line.work(FLUSH))?.state, (await line.work(FLUSH))?.code],
      ['failed', 'content.missing'],
    );
    assert.equal((await latest(line))?.number, 1);
    assert.equal((await line.publication(2))?.state, 'pending');
  });

  test('a flush that failed is woken by the next publish, and takes what was left', async (t) => {
    let refusals = 1;
    const line = await openLine(t, {
      signer: (_self, formal) => ({
        async sign(request) {
          refusals -= 1;
          if (refusals >= 0) throw new PermanentError('signer.refused', 'no');
          return formal.sign(request);
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    assert.equal((await line.work(FLUSH))?.code, 'signer.refused');
    assert.equal(await latest(line), null);
    await line.publish(2);
    await line.settle();
    assert.equal((await latest(line))?.members.length, 2);
  });

  test('a catalog that breaks the acceptance checklist is never switched in, and its reason is told', async (t) => {
    const itemOf = (n: number) => packageIdOf(n).replace(/0$/, '1');
    let isBroken = true;
    const line = await openLine(t, {
      document: (sdp, n) => (n === 2 && isBroken ? sdp.replaceAll(itemOf(2), itemOf(1)) : sdp),
    });
    await line.publish(1);
    await line.settle();
    await line.publish(2);
    await line.settle();
    const failed = await line.work(FLUSH);
    assert.deepEqual([failed?.state, failed?.code], ['failed', 'catalog.invalid']);
    assert.match(failed?.reason ?? '', new RegExp(`breaks the rule sdp.item-id; where: ${packageIdOf(2)}`));
    assert.equal((await latest(line))?.number, 1, 'what stands is served on');
    assert.equal((await line.publication(2))?.state, 'pending');
    const aside = await line.ledger.setAsideBefore(new Date('9999-01-01T00:00:00Z'), 10);
    assert.equal(aside.length, 3, 'two unsigned cabinets, and the signed one that is not to be');
    assert.ok(!aside.includes((await latest(line))?.cabSha256 ?? ''));
    isBroken = false;
    await line.publish(2);
    await line.settle();
    assert.deepEqual((await latest(line))?.members.length, 2);
  });

  test('a cabinet that is not the one handed over is never switched in', async (t) => {
    for (const tamper of [
      (cabinet: Buffer) => cabinet.writeUInt8(cabinet.readUInt8(200) ^ 1, 200),
      (cabinet: Buffer) => cabinet.writeUInt16LE(7, 32),
    ]) {
      const line = await openLine(t, {
        signer: (self, formal) => ({
          async sign(request) {
            const signed = await formal.sign(request);
            const cabinet = Buffer.from(await self().content.get(signed.sha256));
            tamper(cabinet);
            return { ...signed, sha256: (await self().content.putBuffer(cabinet)).sha256 };
          },
        }),
      });
      await line.publish(1);
      await line.settle();
      assert.equal((await line.work(FLUSH))?.code, 'catalog.invalid');
      assert.equal(await latest(line), null);
    }
  });
});

describe('crashes', () => {
  test('a turn that dies after signing is done again by another worker, with one revision', async (t) => {
    let deaths = 1;
    const line = await openLine(t, {
      signer: (self, formal) => ({
        async sign(request) {
          const signed = await formal.sign(request);
          deaths -= 1;
          if (deaths < 0) return signed;
          // The host stops here; its lease ends and another takes the work while this one still believes to have it.
          const flush = await self().work(FLUSH);
          const later = new Date(self().now().getTime() + 3_600_000);
          assert.ok(await self().ledger.take(flush?.id ?? 0, 1, later));
          return signed;
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    assert.equal(await latest(line), null, 'the stale turn wrote nothing');
    assert.equal((await line.publication(1))?.state, 'pending');
    line.wait(7_200_000);
    await line.ledger.requeue('abandoned', line.now());
    await line.settle();
    assert.equal((await latest(line))?.number, 1);
    assert.equal((await line.publication(1))?.state, 'published');
    assert.equal(line.signer.requests.length, 2);
    assert.equal(line.signer.requests[0]?.contentSha256, line.signer.requests[1]?.contentSha256);
  });

  test('a lost queue loses nothing: everything unfinished is found in the ledger', async (t) => {
    const line = await openLine(t);
    for (let n = 1; n <= 3; n += 1) await line.publish(n);
    await line.step();
    await line.ledger.clearDelivered((await line.ledger.undelivered(100)).map(({ id }) => id));
    assert.deepEqual(await line.settle(), []);
    await line.ledger.requeue('all', line.now());
    await line.settle();
    assert.deepEqual([(await latest(line))?.number, (await latest(line))?.members.length], [1, 3]);
  });

  test('every turn delivered twice gives the same single publication', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.settle();
    for (const work of await line.ledger.work()) assert.equal(await line.turn(work.key), 'not-mine');
    await line.ledger.requeue('all-and-leased', line.now());
    await line.settle();
    assert.equal((await latest(line))?.number, 1);
  });
});

test('a malformed job is refused with what it should be', async (t) => {
  const line = await openLine(t);
  const { packageId, revision } = await line.build(1);
  for (const input of [
    null,
    { kind: 'publish', packageId: '../../etc', revision },
    { kind: 'publish', packageId, revision: 0 },
    { kind: 'flush', target: 'elsewhere' },
    { kind: 'follow', packageId, revision, more: 1 },
  ]) {
    const { createPublishingStage } = await import('../../src/publishing/stage.js');
    const stage = createPublishingStage({ site: null } as never);
    assert.throws(
      () => stage.parse(input),
      (error: unknown) => error instanceof PermanentError && error.code === 'payload.invalid',
    );
  }
});
