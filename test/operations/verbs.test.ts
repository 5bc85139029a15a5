import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { VerbRequest } from '../../src/operations/verbs/request.js';
import { readSdp } from '../../src/sus/sdp/index.js';
import {
  BY,
  type ByHand,
  bytesOf,
  openByHand,
  PRODUCT,
  SIGNER,
  sha256Of,
  TRUSTING,
  VARIANT,
} from './by-hand.js';

const act = (line: ByHand, what: VerbRequest, more: { plan?: string; requestId?: string } = {}) =>
  line.operations().perform({ what, ...BY, ...more });

async function documentOf(line: ByHand, packageId: string) {
  const revision = await line.ledger.latestRevision(packageId);
  return readSdp(await line.content.get(revision?.sdpSha256 ?? ''), 'the document');
}

describe('revise and rebuild', () => {
  for (const verb of ['revise', 'rebuild'] as const) {
    test(`${verb}: the PackageID stays, the next revision is in the next catalog`, async (t) => {
      const line = await openByHand(t);
      await line.release('0.85');
      const { packageId } = await line.update('0.85');
      const plan = await line.operations().preview({ verb, packageId });
      assert.deepEqual(plan.packageId, { from: packageId, to: packageId });
      assert.deepEqual(plan.revision, { from: 1, to: 2 });
      assert.deepEqual(plan.catalogRevision, { from: 1, to: 2 });
      assert.match(plan.does.join(' '), /payload is equal: the PackageID stays/);
      assert.equal((await line.settle()).length, 0, 'a preview does nothing');
      const done = await act(line, { verb, packageId }, { plan: plan.digest });
      assert.equal(done.isNew, true);
      await line.settle();
      const publication = await line.publication(packageId);
      assert.deepEqual([publication?.revision, publication?.catalogRevision], [2, 2]);
      assert.equal((await line.ledger.updates()).length, 1);
      assert.equal(line.world.downloads, 1, 'nothing is downloaded again');
    });
  }

  test('the same plan twice is one revision, also after it was carried out', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const what = { verb: 'revise', packageId } as const;
    const { digest } = await line.operations().preview(what);
    const first = await act(line, what, { plan: digest });
    const second = await act(line, what, { plan: digest });
    assert.deepEqual([second.isNew, second.requestId], [false, first.requestId]);
    assert.equal((await act(line, what)).isNew, false, 'nor while it is under way');
    await line.settle();
    assert.deepEqual(
      [(await act(line, what, { plan: digest })).isNew, (await line.settle()).length],
      [false, 0],
    );
    assert.equal((await line.ledger.latestRevision(packageId))?.revision, 2);
    assert.equal((await act(line, what)).isNew, true, 'asked for anew it is another one');
    await line.settle();
    assert.equal((await line.ledger.latestRevision(packageId))?.revision, 3);
    assert.equal((await line.ledger.audit([packageId])).length, 2);
  });

  test('a request id is done once, whatever stands meanwhile', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const what = { verb: 'revise', packageId } as const;
    for (const isNew of [true, false]) {
      assert.equal((await act(line, what, { requestId: 'click' })).isNew, isNew);
      await line.settle();
    }
    assert.equal((await line.ledger.latestRevision(packageId))?.requestId, 'click');
  });

  test('a plan that does not stand any more is refused', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const old = await line.operations().preview({ verb: 'expire', packageId });
    await act(line, { verb: 'revise', packageId });
    await line.settle();
    await assert.rejects(act(line, { verb: 'expire', packageId }, { plan: old.digest }), {
      name: 'PermanentError',
      code: 'plan.stale',
    });
    assert.deepEqual(await line.settle(), []);
    assert.equal((await line.ledger.audit([packageId])).length, 1);
  });

  test('another payload under the same version: rebuild makes a new update that supersedes, revise refuses', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const old = await line.update('0.85');
    const elsewhere = {
      ...old,
      packageId: '11111111-1111-5111-8111-111111111111',
      payloadSha256: 'f'.repeat(64),
    };
    const revision = await line.ledger.latestRevision(old.packageId);
    assert.ok(revision);
    // As if the acquired payload were other than what the one update was built of.
    const fresh = await openByHand(t);
    await fresh.ledger.transaction(async (tx) => {
      await tx.putUpdate(elsewhere);
      await tx.putRevision({ ...revision, packageId: elsewhere.packageId });
    });
    await fresh.release('0.85');
    const built = await fresh.update('0.85', 1);
    assert.deepEqual(built.supersedes, [elsewhere.packageId]);
    await assert.rejects(fresh.operations().preview({ verb: 'revise', packageId: elsewhere.packageId }), {
      code: 'plan.refused',
      nextStep: /rebuild/,
    });
    const plan = await fresh.operations().preview({ verb: 'rebuild', packageId: elsewhere.packageId });
    assert.deepEqual(plan.packageId, { from: elsewhere.packageId, to: built.packageId });
    assert.match(plan.does.join(' '), /a new update, which supersedes this one/);
  });

  test('what was never built is not found', async (t) => {
    const line = await openByHand(t);
    const packageId = '22222222-2222-5222-8222-222222222222';
    for (const verb of ['revise', 'rebuild', 'resign', 'repair', 'expire'] as const) {
      await assert.rejects(act(line, { verb, packageId }), { code: 'not-found' });
    }
    await assert.rejects(act(line, { verb: 'hold', productId: 'x', version: null }), { code: 'not-found' });
  });
});

describe('resign', () => {
  test('the catalog is signed again with equal members', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const before = await line.catalog();
    const { packageId } = await line.update('0.85');
    const what = { verb: 'resign', packageId } as const;
    const plan = await line.operations().preview(what);
    assert.deepEqual([plan.revision, plan.catalogRevision], [null, { from: 1, to: 2 }]);
    await act(line, what, { plan: plan.digest });
    await act(line, what, { plan: plan.digest });
    await line.settle();
    const after = await line.catalog();
    assert.equal(after?.number, 2);
    assert.deepEqual(after?.members, before?.members);
    assert.equal((await line.ledger.latestRevision(packageId))?.revision, 1);
  });

  test('content of the direct route: the update server signs it, said clearly', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const update = await line.update('0.85');
    await line.ledger.transaction((tx) => tx.putUpdate({ ...update, route: 'direct' }));
    await assert.rejects(line.operations().preview({ verb: 'resign', packageId: update.packageId }), {
      code: 'plan.refused',
      message: /is signed by the update server/,
      nextStep: /patchpress server resign/,
    });
  });
});

describe('expire', () => {
  test('a last revision, kept in the catalog; never revised again; twice is nothing new', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const plan = await line.operations().preview({ verb: 'expire', packageId });
    assert.match(plan.clients.join(' '), /No client is offered it any more.*Where it is installed it stays/);
    await act(line, { verb: 'expire', packageId }, { plan: plan.digest });
    await line.settle();
    const publication = await line.publication(packageId);
    assert.deepEqual([publication?.state, publication?.revision], ['expired', 2]);
    assert.equal((await documentOf(line, packageId)).properties.publicationState, 'Expired');
    assert.deepEqual((await line.catalog())?.members, [{ packageId, revision: 2 }]);
    const again = await act(line, { verb: 'expire', packageId });
    assert.deepEqual([again.isNew, again.plan.nothing], [false, 'revision 2 is expired already']);
    for (const verb of ['revise', 'rebuild'] as const) {
      await assert.rejects(act(line, { verb, packageId }), { code: 'plan.refused', message: /expired/ });
    }
    assert.deepEqual(await line.settle(), []);
    // A sync of the same version does not bring it back.
    await line.release('0.85');
    assert.equal((await line.ledger.latestRevision(packageId))?.revision, 2);
    assert.equal((await line.publication(packageId))?.state, 'expired');
  });

  test('also where the definition is gone, and its state is the end', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    line.world.product = { ...line.world.product, id: 'Other.Product' };
    await act(line, { verb: 'expire', packageId });
    await line.settle();
    assert.equal((await line.publication(packageId))?.state, 'expired');
  });

  test('the next version is published as ever', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    await act(line, { verb: 'expire', packageId });
    await line.settle();
    await line.release('0.86');
    const next = await line.update('0.86');
    assert.equal((await line.publication(next.packageId))?.state, 'published');
    assert.deepEqual(next.supersedes, [packageId]);
    assert.equal((await line.publication(packageId))?.state, 'expired');
  });
});

describe('promote', () => {
  test('from metadata alone to content: same PackageID and revision, asked for once, then nothing to do', async (t) => {
    const line = await openByHand(t, { contentWishFor: () => 'metadata' });
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    assert.equal((await line.publication(packageId))?.content, 'metadata');
    const what = { verb: 'promote', packageId } as const;
    const plan = await line.operations().preview(what);
    assert.deepEqual(
      [plan.packageId, plan.revision],
      [
        { from: packageId, to: packageId },
        { from: 1, to: 1 },
      ],
    );
    assert.equal((await act(line, what, { plan: plan.digest })).isNew, true);
    assert.equal((await act(line, what, { plan: plan.digest })).isNew, false);
    await line.settle();
    assert.equal((await line.publication(packageId))?.content, 'full');
    assert.equal(
      (await line.operations().preview(what)).nothing,
      'its content is published already, or on the way',
    );
    assert.equal((await act(line, what)).isNew, false);
    assert.equal((await line.ledger.audit([packageId])).length, 1);
  });

  test('what is at an end, or was never published, is refused', async (t) => {
    const line = await openByHand(t, { contentWishFor: () => 'metadata' });
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    await act(line, { verb: 'expire', packageId });
    await line.settle();
    await assert.rejects(line.operations().preview({ verb: 'promote', packageId }), {
      code: 'plan.refused',
      message: /it is expired/,
    });
  });
});

describe('rollback', () => {
  async function withTwo(t: Parameters<typeof openByHand>[0]) {
    const line = await openByHand(t);
    await line.release('0.84');
    await line.release('0.85');
    return { line, good: await line.update('0.84'), bad: await line.update('0.85') };
  }

  for (const by of ['version', 'packageId'] as const) {
    test(`to a ${by}: the old payload under respin 1, the bad id expired and its version blocked`, async (t) => {
      const { line, good, bad } = await withTwo(t);
      const what = { verb: 'rollback', packageId: bad.packageId, to: good[by] } as const;
      const plan = await line.operations().preview(what);
      assert.notEqual(plan.packageId?.to, good.packageId);
      assert.match(plan.clients.join(' '), /Clients that have 0\.85 already keep it/);
      assert.match(plan.clients.join(' '), /older than 0\.84 are offered 0\.84/);
      await act(line, what, { plan: plan.digest });
      await line.settle();
      const back = await line.update('0.84', 1);
      assert.equal(back.packageId, plan.packageId?.to);
      assert.equal(back.payloadSha256, good.payloadSha256);
      assert.deepEqual(back.supersedes, [bad.packageId, good.packageId]);
      assert.deepEqual((await documentOf(line, back.packageId)).supersededPackages, [
        bad.packageId,
        good.packageId,
      ]);
      assert.equal((await line.publication(back.packageId))?.state, 'published');
      assert.equal((await line.publication(bad.packageId))?.state, 'expired');
      assert.equal((await line.publication(good.packageId))?.state, 'superseded');
      assert.equal(line.world.downloads, 2, 'nothing is downloaded again');
    });
  }

  test('twice does nothing new, a sync does not bring the bad version back, the next version takes over', async (t) => {
    const { line, good, bad } = await withTwo(t);
    const what = { verb: 'rollback', packageId: bad.packageId, to: '0.84' } as const;
    await act(line, what);
    assert.equal((await act(line, what)).isNew, false);
    await line.settle();
    const again = await act(line, what);
    assert.match(again.plan.nothing ?? '', /rolled back already/);
    assert.deepEqual(await line.settle(), []);
    const catalog = (await line.catalog())?.number;
    await line.release('0.85');
    assert.equal((await line.publication(bad.packageId))?.state, 'expired');
    assert.equal((await line.catalog())?.number, catalog);
    const back = await line.update('0.84', 1);
    // A revision of it keeps what it took the place of.
    await act(line, { verb: 'revise', packageId: back.packageId });
    await line.settle();
    assert.deepEqual((await line.update('0.84', 1)).supersedes, [bad.packageId, good.packageId]);
    await line.release('0.86');
    const next = await line.update('0.86');
    assert.deepEqual(new Set(next.supersedes), new Set([back.packageId, bad.packageId, good.packageId]));
    assert.equal((await line.publication(back.packageId))?.state, 'superseded');
  });

  test('the blocked version stays held, also in variants that were not built yet, and no yes lifts it', async (t) => {
    const { line, bad } = await withTwo(t);
    await act(line, { verb: 'rollback', packageId: bad.packageId, to: '0.84' });
    await line.settle();
    const yes = await act(line, { verb: 'approve', productId: PRODUCT, version: '0.85' });
    assert.match(yes.plan.nothing ?? '', /rolled back by ada/);
    await assert.rejects(
      act(line, { verb: 'rollback', packageId: (await line.update('0.84', 1)).packageId, to: '0.85' }),
      {
        code: 'plan.refused',
        message: /not older/,
      },
    );
  });

  test('what cannot be rolled back to is refused, with what can', async (t) => {
    const { line, good, bad } = await withTwo(t);
    const table: readonly [packageId: string, to: string, message: RegExp][] = [
      [bad.packageId, '0.83', /no such version/],
      [bad.packageId, '0.85', /not older/],
      [bad.packageId, bad.packageId, /not older/],
      [good.packageId, '0.84', /not older/],
    ];
    for (const [packageId, to, message] of table) {
      await assert.rejects(act(line, { verb: 'rollback', packageId, to }), { code: 'plan.refused', message });
    }
    await assert.rejects(act(line, { verb: 'rollback', packageId: bad.packageId, to: '0.83' }), {
      expected: 'one of 0.84',
    });
  });

  test('a hold of the product does not stand in its way', async (t) => {
    const { line, bad } = await withTwo(t);
    await act(line, { verb: 'hold', productId: PRODUCT, version: null });
    await act(line, { verb: 'rollback', packageId: bad.packageId, to: '0.84' });
    await line.settle();
    assert.equal((await line.publication((await line.update('0.84', 1)).packageId))?.state, 'published');
  });
});

describe('repair', () => {
  const repair = async (line: ByHand, packageId: string) => {
    const done = await act(line, { verb: 'repair', packageId });
    return { plan: done.plan, ran: await line.settle() };
  };

  test('where all is whole it says so', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const plan = await line.operations().preview({ verb: 'repair', packageId });
    assert.deepEqual(
      plan.does
        .filter((text) => /: (whole|missing|damaged)$/.test(text))
        .map((text) => text.replace(/ [0-9a-f]{12}/, '')),
      ['update document: whole', 'proof: whole', 'installer: whole', 'catalog: whole'],
    );
    assert.match(plan.does.join(' '), /The site is asked/);
  });

  test('lost documents are made again byte for byte, without a new id or revision', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const revision = await line.ledger.latestRevision(packageId);
    assert.ok(revision);
    line.damage(revision.sdpSha256, null);
    line.damage(revision.proofSha256, 'something else');
    const { plan } = await repair(line, packageId);
    assert.match(plan.does.join(' '), /update document \w{12}: missing proof \w{12}: damaged/);
    await line.content.get(revision.sdpSha256);
    await line.content.get(revision.proofSha256);
    assert.equal((await line.ledger.latestRevision(packageId))?.revision, 1);
    assert.equal((await line.catalog())?.number, 1);
  });

  test('documents that cannot be made as they were become the next revision of the same update', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    line.damage((await line.ledger.latestRevision(packageId))?.sdpSha256 ?? '', null);
    line.world.product = { ...line.world.product, homepage: 'https://putty.example/moved' };
    await repair(line, packageId);
    assert.equal((await line.publication(packageId))?.revision, 2);
    assert.equal((await line.ledger.updates()).length, 1);
  });

  test('a lost file is acquired again only while the digest is the same', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId, payloadSha256 } = await line.update('0.85');
    line.damage(payloadSha256, null);
    await repair(line, packageId);
    await line.content.get(payloadSha256);
    assert.equal(line.world.downloads, 2);
    line.damage(payloadSha256, null);
    line.world.files.set('https://vendor.example/0.85/putty.msi', {
      version: '0.85',
      subject: SIGNER,
      salt: 'other bytes',
    });
    await repair(line, packageId);
    assert.equal(await line.content.has(payloadSha256), false);
    assert.deepEqual(await line.held(), ['releases: digest-changed']);
    assert.equal((await line.ledger.updates()).length, 1);
  });

  test('a damaged file is acquired again too', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId, payloadSha256 } = await line.update('0.85');
    line.damage(payloadSha256, 'half of it');
    await repair(line, packageId);
    await line.content.get(payloadSha256);
    const file = line.world.files.get('https://vendor.example/0.85/putty.msi');
    assert.equal(payloadSha256, sha256Of(bytesOf(file)));
  });

  test('a lost catalog is built and signed again', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    line.damage((await line.catalog())?.cabSha256 ?? '', null);
    const { plan } = await repair(line, packageId);
    assert.deepEqual(plan.catalogRevision, { from: 1, to: 2 });
    assert.equal((await line.catalog())?.number, 2);
    await line.content.get((await line.catalog())?.cabSha256 ?? '');
  });
});

describe('hold and approve', () => {
  test('a held product acquires but publishes nothing; a yes carries it on', async (t) => {
    const line = await openByHand(t);
    const held = await act(line, { verb: 'hold', productId: PRODUCT.toLowerCase(), version: null });
    assert.equal(held.isNew, true);
    const again = await act(line, { verb: 'hold', productId: PRODUCT, version: null });
    assert.match(again.plan.nothing ?? '', /held already, by ada since .*: because/);
    await line.release('0.85');
    assert.deepEqual(await line.held(), ['packages: held-by-person']);
    assert.deepEqual(await line.ledger.updates(), []);
    const plan = await line.operations().preview({ verb: 'approve', productId: PRODUCT, version: null });
    assert.match(plan.does.join(' '), /The hold of the whole product is lifted: ada said "because"/);
    assert.match(
      plan.does.join(' '),
      /packages 0\.85 x64\/msi\/any\/machine: held by ada: because - approved/,
    );
    await act(line, { verb: 'approve', productId: PRODUCT, version: null }, { plan: plan.digest });
    await line.settle();
    assert.deepEqual(await line.held(), []);
    const { packageId } = await line.update('0.85');
    assert.equal((await line.publication(packageId))?.state, 'published');
    await line.release('0.86');
    assert.equal((await line.ledger.updates()).length, 2, 'the product is not held any more');
    assert.match(
      (await act(line, { verb: 'approve', productId: PRODUCT, version: null })).plan.nothing ?? '',
      /nothing of it is held/,
    );
  });

  test('hold, yes, hold again: each of them counts', async (t) => {
    const line = await openByHand(t);
    for (const verb of ['hold', 'approve', 'hold'] as const) {
      assert.equal((await act(line, { verb, productId: PRODUCT, version: '0.85' })).isNew, true, verb);
      line.world.now = new Date(line.world.now.getTime() + 1000);
    }
    await line.release('0.85');
    assert.deepEqual(await line.held(), ['packages: held-by-person']);
    await line.release('0.86');
    assert.equal((await line.ledger.updates()).length, 1, 'another version goes on');
  });

  test('what is published stays published, and the plan says so; a held update is not revised', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const plan = await line.operations().preview({ verb: 'hold', productId: PRODUCT, version: '0.85' });
    assert.match(plan.does.join(' '), new RegExp(`Stays published: PuTTY 0.85.*${packageId}`));
    await act(line, { verb: 'hold', productId: PRODUCT, version: '0.85' });
    await act(line, { verb: 'revise', packageId });
    await line.settle();
    assert.deepEqual(await line.held(), ['packages: held-by-person']);
    assert.equal((await line.publication(packageId))?.revision, 1);
  });

  test('a policy that asks for a yes: approved now, and in advance', async (t) => {
    const policy = { ...TRUSTING, rules: [{ products: ['*'], publish: 'approval' as const }] };
    const line = await openByHand(t, { policy });
    await line.release('0.85');
    assert.deepEqual(await line.held(), ['packages: policy']);
    await act(line, { verb: 'approve', productId: PRODUCT, version: '0.85' });
    const early = await act(line, { verb: 'approve', productId: PRODUCT, version: '0.86' });
    assert.match(early.plan.does.join(' '), /Version 0\.86 may be published as soon as it is there/);
    await line.settle();
    await line.release('0.86');
    await line.release('0.87');
    assert.deepEqual(
      (await line.ledger.updates()).map(({ version }) => version),
      ['0.85', '0.86'],
    );
    assert.deepEqual(await line.held(), ['packages: policy']);
  });

  test('an unknown signer: shown, accepted with name and time, and the line goes on', async (t) => {
    const line = await openByHand(t, { policy: { ...TRUSTING, signers: [] } });
    await line.release('0.85');
    assert.deepEqual(await line.held(), ['releases: signer-unknown']);
    const what = { verb: 'approve', productId: PRODUCT, version: null } as const;
    const plan = await line.operations().preview(what);
    assert.match(plan.does.join(' '), /The signer "CN=Simon Tatham" \(issuer "CN=Test CA"\) is accepted/);
    await act(line, what, { plan: plan.digest });
    const trusted = await line.ledger.trustRecord(PRODUCT);
    assert.deepEqual([trusted?.subject, trusted?.acceptedBy], [SIGNER, 'ada']);
    await line.settle();
    assert.equal((await line.ledger.updates()).length, 1);
    const audit = await line.ledger.audit([PRODUCT]);
    assert.deepEqual(
      audit.map(({ action, actor }) => `${actor}: ${action}`),
      ['ada: trust signer', 'ada: approve'],
    );
  });

  test('a changed signer is accepted only with both shown', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85');
    await line.release('0.86', { subject: 'CN=Somebody Else' });
    assert.deepEqual(await line.held(), ['releases: signer-changed']);
    const what = { verb: 'approve', productId: PRODUCT, version: '0.86' } as const;
    const plan = await line.operations().preview(what);
    assert.match(plan.does.join(' '), /"CN=Somebody Else".*in the place of "CN=Simon Tatham"/);
    await act(line, what, { plan: plan.digest });
    await line.settle();
    assert.equal((await line.ledger.trustRecord(PRODUCT))?.subject, 'CN=Somebody Else');
    assert.equal((await line.ledger.updates()).length, 2);
  });

  test('what a yes is no answer to is named and left alone', async (t) => {
    const line = await openByHand(t);
    await line.release('0.85', { subject: null });
    const plan = await line.operations().preview({ verb: 'approve', productId: PRODUCT, version: null });
    assert.match(plan.does.join(' '), /Not answered by this, releases 0\.85.*no signature/);
    assert.match(plan.nothing ?? '', /nothing of what is held is answered by a yes/);
    const never = await openByHand(t, {
      policy: { ...TRUSTING, rules: [{ products: ['*'], publish: 'never' }] },
    });
    await never.release('0.85');
    const done = await act(never, { verb: 'approve', productId: PRODUCT, version: null });
    assert.deepEqual([done.isNew, await never.settle()], [false, []]);
    assert.match(done.plan.does.join(' '), /never published/);
  });
});

describe('explain', () => {
  test('the whole story of an update, in the order it happened', async (t) => {
    const line = await openByHand(t);
    await line.release('0.84');
    await line.release('0.85');
    const bad = await line.update('0.85');
    await act(line, { verb: 'rollback', packageId: bad.packageId, to: '0.84' });
    await line.settle();
    const failed = { at: '2026-12-31T00:00:00.000Z', actor: 'ada', action: 'fail to decline' };
    const detail = JSON.stringify({ reason: 'room', fault: 'the bridge ended' });
    await line.ledger.transaction((tx) => tx.appendAudit({ ...failed, subject: bad.packageId, detail }));
    const told = await line.operations().explain(bad.packageId.toUpperCase());
    assert.equal(told.subject, bad.packageId);
    assert.equal(told.about, `PuTTY 0.85 (${VARIANT})`);
    assert.match(told.standing.join(), /It is expired: a person expired it/);
    const text = told.story.map((event) => event.text).join('\n');
    for (const part of [
      /The feed showed version 0\.85/,
      /putty\.msi was acquired from vendor\.example: \d+ bytes, SHA-256 [0-9a-f]{64}, signed by "CN=Simon Tatham"/,
      /The gate "releases" let it go on/,
      /The gate "packages" let it go on .*by itself/,
      /Revision 1 of PuTTY 0\.85 \(MSI-x64\) was built and its rules proven \(first revision\)/,
      /By ada: rollback: because/,
      /By ada: fail to decline: room: the bridge ended\./,
      /Revision 2 of PuTTY 0\.85 \(MSI-x64\) withdrew it/,
      /Revision 2 of PuTTY 0\.85 \(MSI-x64\) is expired, in catalog revision \d/,
    ]) {
      assert.match(text, part);
    }
    assert.doesNotMatch(text, /0\.84 \(/, 'nothing of other versions');
    const all = await line.operations().explain(PRODUCT);
    assert.match(
      all.story.map((event) => event.text).join('\n'),
      /Revision 1 of PuTTY 0\.84 \(MSI-x64\), respin 1, is published/,
    );
    const times = told.story.map(({ at }) => at.slice(0, 19));
    assert.deepEqual(times, [...times].sort());
  });

  test('of a product: each variant with reason and next step, and all its updates', async (t) => {
    const line = await openByHand(t, { policy: { ...TRUSTING, signers: [] } });
    await line.release('0.85');
    const told = await line.operations().explain('putty.putty');
    assert.equal(told.subject, PRODUCT);
    assert.match(
      told.standing.join(),
      /x64\/msi\/any\/machine: Version 0\.85 is held after seen: signed by "CN=Simon Tatham".* Next: approve it/,
    );
    assert.match(told.story.map((event) => event.text).join('\n'), /"releases" is held \(0\.85\)/);
    await assert.rejects(line.operations().explain('no.such'), { code: 'not-found' });
  });
});
