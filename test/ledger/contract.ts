import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetryableError } from '../../src/core/errors.js';
import type { Ledger, LedgerWriter } from '../../src/core/ports.js';
import type { InstallerRecord, PublicationRecord, ReleaseRecord } from '../../src/core/records.js';

const T0 = new Date('2026-01-01T00:00:00.000Z');
const at = (seconds: number): Date => new Date(T0.getTime() + seconds * 1000);

/** What every ledger must do, run on each database. `open` gives an empty ledger. */
export function ledgerContract(name: string, open: () => Promise<Ledger>): void {
  const withLedger = (title: string, body: (ledger: Ledger) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const ledger = await open();
      try {
        await body(ledger);
      } finally {
        await ledger.close();
      }
    });
  };

  withLedger('the audit is read by subject, in the order it was written', async (ledger) => {
    const entry = (subject: string, action: string) => ({
      at: T0.toISOString(),
      actor: 'ada',
      action,
      subject,
      detail: '{}',
    });
    await ledger.transaction(async (tx) => {
      for (const [subject, action] of [
        ['a', 'first'],
        ['b', 'second'],
        ['a', 'third'],
      ] as const) {
        await tx.appendAudit(entry(subject, action));
      }
    });
    assert.deepEqual(await ledger.audit(['a']), [entry('a', 'first'), entry('a', 'third')]);
    const both = await ledger.audit(['b', 'a']);
    assert.deepEqual(
      both.map(({ action }) => action),
      ['first', 'second', 'third'],
    );
    assert.deepEqual(await ledger.audit([]), []);
  });

  withLedger('imported catalogs, their packages and what is edited of them', async (ledger) => {
    const imported = (source: string, n: number, title = `package ${n}`) => ({
      source,
      packageId: `id-${n}`,
      creationDate: T0.toISOString(),
      sdpSha256: 'ab',
      vendor: 'Vendor',
      product: 'Product',
      title,
      isExpired: false,
      state: 'present' as const,
      importedAt: T0.toISOString(),
    });
    const many = Array.from({ length: 450 }, (_, n) => imported('HP', n + 100));
    const catalog = { source: 'HP', fileSha256: null, certificates: [], importedAt: T0.toISOString() };
    const edits = { packageId: 'id-100', editedAt: T0.toISOString(), title: 'ours', supersedes: ['id-101'] };
    await ledger.transaction(async (tx) => {
      await tx.putImportedPackages([...many, imported('Dell', 1)]);
      await tx.putImportedCatalog(catalog);
      await tx.putPackageEdits('id-100', edits);
      await tx.putPackageEdits('id-101', { ...edits, packageId: 'id-101' });
    });
    await ledger.transaction(async (tx) => {
      await tx.putImportedPackages([imported('HP', 100, 'newer')]);
      await tx.putPackageEdits('id-101', null);
      await tx.putPackageEdits('id-101', null);
    });
    assert.deepEqual(await ledger.importedCatalogs(), [catalog]);
    assert.deepEqual(
      [(await ledger.importedPackages('HP')).length, (await ledger.importedPackages()).length],
      [450, 451],
    );
    assert.deepEqual(await ledger.importedPackage('id-100'), imported('HP', 100, 'newer'));
    assert.equal(await ledger.importedPackage('id-2'), null);
    assert.deepEqual(await ledger.packageEdits(), [edits]);
  });

  withLedger('the revisions of a catalog, by number and in order', async (ledger) => {
    const revision = (number: number) => ({
      target: 'configmgr-catalog' as const,
      number,
      cabSha256: `cab${number}`,
      membersSha256: 'm',
      members: [{ packageId: 'p', revision: number }],
      createdAt: at(number).toISOString(),
    });
    assert.deepEqual(await ledger.catalogRevisions('configmgr-catalog'), []);
    // Ten comes after two: numbers are no text.
    for (const number of [1, 2, 10])
      await ledger.transaction((tx) => tx.putCatalogRevision(revision(number)));
    assert.deepEqual(await ledger.catalogRevisions('configmgr-catalog'), [1, 2, 10].map(revision));
    assert.deepEqual(await ledger.catalogRevision('configmgr-catalog', 2), revision(2));
    assert.equal(await ledger.catalogRevision('configmgr-catalog', 3), null);
    assert.deepEqual(await ledger.latestCatalogRevision('configmgr-catalog'), revision(10));
    assert.deepEqual(await ledger.catalogRevisions('software-update-point'), []);
    await ledger.transaction((tx) => tx.forgetCatalogRevisions('configmgr-catalog', 2));
    assert.deepEqual(await ledger.catalogRevisions('configmgr-catalog'), [revision(10)]);
    assert.deepEqual(await ledger.firstCatalogRevision('configmgr-catalog'), revision(10));
  });

  withLedger('what is set aside, and whether a record names it', async (ledger) => {
    const [served, named, spare] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [
      string,
      string,
      string,
    ];
    const catalog = { target: 'configmgr-catalog', number: 1, membersSha256: 'm', members: [] } as const;
    await ledger.transaction(async (tx) => {
      await tx.putCatalogRevision({ ...catalog, cabSha256: served, createdAt: at(0).toISOString() });
      await tx.putSetting('some', `{"digest":"${named}"}`);
      await tx.setAside([spare], at(1));
      await tx.setAside([served, named], at(2));
    });
    assert.deepEqual(await Promise.all([served, named, spare].map((one) => ledger.isNamed(one))), [
      true,
      true,
      false,
    ]);
    assert.deepEqual(await ledger.setAsideBefore(at(2), 10), [spare]);
    await ledger.transaction((tx) => tx.setAside([spare], at(3)));
    assert.deepEqual(await ledger.setAsideBefore(at(2), 10), [], 'it was made again');
    await ledger.transaction((tx) => tx.dropSetAside([served, named]));
    assert.deepEqual(await ledger.setAsideBefore(at(9), 10), [spare]);
  });

  withLedger('a lease has one holder; its token rises with each other one and fences', async (ledger) => {
    const lease = (holder: string, seconds: number) =>
      ledger.takeLease({ name: 'schedule', holder, leaseMs: 6000 }, at(seconds));
    assert.equal(await lease('a', 0), 1);
    assert.equal(await lease('b', 5), null);
    assert.equal(await lease('a', 5), 1, 'prolonged');
    assert.equal(await lease('b', 10), null);
    assert.equal(await lease('b', 11), 2);
    const write = (token: number) => ledger.transaction((tx) => tx.requireLease('schedule', token));
    await write(2);
    await assert.rejects(write(1), { code: 'ledger.busy' });
    await ledger.giveUpLease({ name: 'schedule', holder: 'a' }, at(12));
    assert.equal(await lease('a', 12), null, 'only its holder gives it up');
    await ledger.giveUpLease({ name: 'schedule', holder: 'b' }, at(12));
    assert.equal(await lease('a', 12), 3);
  });

  withLedger('due times are replaced under their product and read in their order', async (ledger) => {
    const due = (productId: string, seconds: number) => ({
      productId,
      dueAt: at(seconds).toISOString(),
      askedAt: null,
      rule: 'hourly',
    });
    await ledger.transaction((tx) => tx.putDueTimes([due('a', 9), due('b', 3), due('c', 7), due('d', 5)]));
    await ledger.transaction((tx) => tx.putDueTimes([due('a', 4), due('c', 90)]));
    await ledger.transaction((tx) => tx.dropDueTimes(['d']));
    const ids = (records: readonly { productId: string }[]) => records.map(({ productId }) => productId);
    assert.deepEqual(ids(await ledger.dueBefore(at(10), 9)), ['b', 'a']);
    assert.deepEqual(ids(await ledger.dueBefore(at(10), 1)), ['b']);
    assert.deepEqual(await ledger.dueTimes(), [due('a', 4), due('b', 3), due('c', 90)]);
  });

  withLedger('many new jobs at once: each exists once, with one wake-up at its time', async (ledger) => {
    const jobs = Array.from({ length: 450 }, (_, n) => ({ ...job(`${n % 400}`), product: `p${n % 400}` }));
    await ledger.transaction((tx) => tx.enqueueNew(jobs, at(0)));
    await ledger.transaction((tx) => tx.enqueueNew([{ ...job('late'), notBefore: at(60) }], at(0)));
    assert.equal((await ledger.work()).length, 401);
    const wakeUps = await ledger.undelivered(1000);
    assert.equal(wakeUps.length, 401);
    assert.deepEqual(
      wakeUps.filter(({ notBefore }) => notBefore !== null).map(({ notBefore }) => notBefore),
      [at(60).toISOString()],
    );
    assert.deepEqual(await ledger.countWork({ stage: 'feeds', keyEnd: '99' }), { ready: 4 });
    assert.equal(await ledger.countUnfinished(), 401);
    assert.deepEqual(await ledger.work({ isTelling: true }), []);
    assert.equal((await ledger.newestWork(['p7', 'p8', 'nobody'])).length, 2);
    assert.equal((await ledger.work({ products: ['p7'] })).length, 2, 'and what is about no product');
  });

  withLedger('work exists once per stage and key, with one outbox row', async (ledger) => {
    await enqueue(ledger, 'a');
    await enqueue(ledger, 'a');
    assert.equal((await ledger.work()).length, 1);
    assert.equal((await ledger.undelivered(10)).length, 1);
  });

  withLedger('asking again for finished work makes it ready and fences the old token', async (ledger) => {
    const id = await enqueue(ledger, 'a');
    const first = await ledger.take(id, 1000, at(0));
    assert.ok(first);
    await ledger.transaction((tx) => tx.enqueue({ ...job('a'), again: true }, at(1)));
    assert.equal((await ledger.workById(id))?.state, 'ready');
    const late = await ledger.finish(first, end('done'), async () => undefined, at(1));
    assert.equal(late, false);
  });

  withLedger('when-finished wakes what has ended and leaves a turn that runs alone', async (ledger) => {
    const id = await enqueue(ledger, 'a');
    const wake = () => ledger.transaction((tx) => tx.enqueue({ ...job('a'), again: 'when-finished' }, at(1)));
    await wake();
    assert.equal((await ledger.undelivered(10)).length, 1, 'ready already');
    const turn = await ledger.take(id, 5000, at(0));
    assert.ok(turn);
    await wake();
    assert.equal((await ledger.workById(id))?.token, turn.token, 'the turn goes on');
    // From within its own end: the work is done there already.
    const effect = async (tx: LedgerWriter): Promise<void> =>
      tx.enqueue({ ...job('a'), again: 'when-finished' }, at(2));
    assert.equal(await ledger.finish(turn, end('done'), effect, at(2)), true);
    assert.equal((await ledger.workById(id))?.state, 'ready');
    assert.equal((await ledger.undelivered(10)).length, 2);
  });

  withLedger('a lease keeps others out until it ends, and the later token wins', async (ledger) => {
    const id = await enqueue(ledger, 'a');
    const first = await ledger.take(id, 5000, at(0));
    assert.equal(first?.token, 1);
    assert.equal(await ledger.take(id, 5000, at(4)), null);
    const second = await ledger.take(id, 5000, at(6));
    assert.equal(second?.token, 2);
    assert.equal(await ledger.renew(id, 1, 5000, at(6)), false);
    assert.equal(await ledger.renew(id, 2, 5000, at(6)), true);
    assert.ok(first && second);
    let effects = 0;
    const count = async (): Promise<void> => {
      effects += 1;
    };
    assert.equal(await ledger.finish(first, end('done'), count, at(7)), false);
    assert.equal(await ledger.finish(second, end('done'), count, at(7)), true);
    assert.equal(effects, 1);
    assert.equal(await ledger.take(id, 5000, at(99)), null, 'finished work is not taken again');
  });

  withLedger('an effect that fails leaves nothing behind', async (ledger) => {
    const id = await enqueue(ledger, 'a');
    const work = await ledger.take(id, 5000, at(0));
    assert.ok(work);
    await assert.rejects(
      ledger.finish(
        work,
        end('done'),
        async (tx) => {
          await tx.putSetting('half', 'written');
          throw new Error('disk on fire');
        },
        at(1),
      ),
      /disk on fire/,
    );
    assert.equal(await ledger.setting('half'), null);
    assert.equal((await ledger.workById(id))?.state, 'running');
  });

  withLedger('what a dead worker left is queued again, and nothing else', async (ledger) => {
    const dead = await enqueue(ledger, 'dead');
    const alive = await enqueue(ledger, 'alive');
    const ready = await enqueue(ledger, 'ready');
    await ledger.clearDelivered((await ledger.undelivered(10)).map((row) => row.id));
    await ledger.take(dead, 1000, at(0));
    await ledger.take(alive, 60_000, at(0));
    assert.equal(await ledger.requeue('abandoned', at(5)), 1);
    assert.deepEqual(
      (await ledger.undelivered(10)).map((row) => row.workId),
      [dead],
    );
    assert.equal(await ledger.requeue('all', at(5)), 1, 'what is in the outbox is on its way');
    assert.equal(await ledger.requeue('all-and-leased', at(5)), 1);
    assert.deepEqual(
      (await ledger.undelivered(10)).map((row) => row.workId),
      [dead, ready, alive],
    );
  });

  withLedger('work whose wake-up was lost is woken again, once in a while', async (ledger) => {
    const id = await enqueue(ledger, 'lost');
    await ledger.clearDelivered((await ledger.undelivered(10)).map((row) => row.id));
    assert.equal(await ledger.requeue('abandoned', at(20)), 0, 'it may still stand in a long queue');
    assert.equal(await ledger.requeue('abandoned', at(40)), 1);
    assert.deepEqual(
      (await ledger.undelivered(10)).map((row) => row.workId),
      [id],
    );
    assert.equal(await ledger.requeue('abandoned', at(50)), 0);
    assert.equal((await ledger.undelivered(10))[0]?.token, 0, 'the same wake-up, should it only be late');
    const work = await ledger.take(id, 5000, at(60));
    assert.ok(work);
    await ledger.finish(work, { ...end('waiting'), notBefore: at(600) }, async () => undefined, at(61));
    assert.equal(await ledger.requeue('abandoned', at(300)), 0, 'its time has not come');
    assert.equal(await ledger.requeue('abandoned', at(640)), 0, 'it is in the outbox');
    await ledger.clearDelivered((await ledger.undelivered(10)).map((row) => row.id));
    assert.equal(await ledger.requeue('abandoned', at(650)), 1);
    assert.equal((await ledger.undelivered(10))[0]?.token, work.token);
  });

  withLedger('after the loss of the queue each wake-up has another name', async (ledger) => {
    await enqueue(ledger, 'a');
    await ledger.clearDelivered((await ledger.undelivered(10)).map((row) => row.id));
    assert.equal(await ledger.requeue('all', at(5)), 1);
    assert.equal((await ledger.undelivered(10))[0]?.token, 1);
  });

  withLedger(
    'of writes that are asked for at once, one that fails takes no other with it',
    async (ledger) => {
      const id = await enqueue(ledger, 'a');
      const put = (name: string) => ledger.transaction((tx) => tx.putSetting(name, 'written'));
      const failing = ledger.transaction(async (tx) => {
        await tx.putSetting('half', 'written');
        throw new Error('disk on fire');
      });
      const [before, failed, after, taken] = await Promise.allSettled([
        put('before'),
        failing,
        put('after'),
        ledger.take(id, 5000, at(0)),
      ]);
      assert.deepEqual(
        [before.status, failed.status, after.status, taken.status],
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      );
      assert.equal(await ledger.setting('before'), 'written');
      assert.equal(await ledger.setting('half'), null);
      assert.equal(await ledger.setting('after'), 'written');
      assert.equal((await ledger.workById(id))?.token, 1, 'taken once');
    },
  );

  withLedger('waiting work carries its time to the queue', async (ledger) => {
    const id = await enqueue(ledger, 'a');
    await ledger.clearDelivered((await ledger.undelivered(10)).map((row) => row.id));
    const work = await ledger.take(id, 5000, at(0));
    assert.ok(work);
    await ledger.finish(work, { ...end('waiting'), notBefore: at(60) }, async () => undefined, at(1));
    assert.deepEqual(
      (await ledger.undelivered(10)).map((row) => [row.workId, row.stage, row.notBefore]),
      [[id, 'feeds', at(60).toISOString()]],
    );
  });

  withLedger('the versions of a product, and the files of one of them, are its own', async (ledger) => {
    const file = (version: string, variant: string) => ({ ...installer('aa'), version, variant });
    await ledger.transaction(async (tx) => {
      for (const [version, variant] of [
        ['1.0', 'x86'],
        ['1.0', 'x64'],
        ['1.1', 'x64'],
      ] as const)
        await tx.putInstaller(file(version, variant));
      await tx.putInstaller({ ...installer('bb'), productId: 'other' });
      for (const version of ['1.0', '1.1']) await tx.putRelease(release('p', version));
      await tx.putRelease(release('other', '7.0'));
    });
    assert.deepEqual(await ledger.installers('p', '1.0'), [file('1.0', 'x64'), file('1.0', 'x86')]);
    const versions = (await ledger.releaseVersions('p')).map(({ version }) => version);
    assert.deepEqual(versions.sort(), ['1.0', '1.1']);
  });

  withLedger('an installer is write-once: the same bytes pass, others are refused', async (ledger) => {
    await ledger.transaction((tx) => tx.putInstaller(installer('aa')));
    await ledger.transaction((tx) => tx.putInstaller(installer('aa')));
    await assert.rejects(
      ledger.transaction((tx) => tx.putInstaller(installer('bb'))),
      /sha256 aa|other bytes/,
    );
    const kept = await ledger.installer('p', '1.0', 'x64');
    assert.equal(kept?.sha256, 'aa');
    assert.ok(kept.signature.status === 'valid');
    assert.deepEqual(
      kept.signature.signer.certificateDer,
      Buffer.from([1, 2, 3]),
      'certificate bytes survive JSON',
    );
  });

  withLedger('a publication is replaced under its target and package', async (ledger) => {
    await ledger.transaction((tx) => tx.putPublication(publication('published')));
    await ledger.transaction((tx) => tx.putPublication(publication('verified')));
    const rows = await ledger.publications('configmgr-catalog');
    assert.deepEqual(
      rows.map((row) => row.state),
      ['verified'],
    );
  });

  withLedger('a slow turn does not bring an older revision of a publication back', async (ledger) => {
    const later = { ...publication('pending'), revision: 2 };
    await ledger.transaction((tx) => tx.putPublication(later));
    const slow = ledger.transaction((tx) => tx.putPublication({ ...later, revision: 1, state: 'verified' }));
    await assert.rejects(
      slow,
      (error: unknown) => error instanceof RetryableError && error.code === 'ledger.busy',
    );
    assert.deepEqual(await ledger.publications('configmgr-catalog'), [later]);
  });
}

function job(key: string) {
  return { stage: 'feeds', input: { key }, key, product: null, version: null, variant: null } as const;
}

async function enqueue(ledger: Ledger, key: string): Promise<number> {
  await ledger.transaction((tx) => tx.enqueue(job(key), T0));
  const work = (await ledger.work()).find((row) => row.key === key);
  assert.ok(work);
  assert.deepEqual(work.input, { key });
  return work.id;
}

function end(state: 'done' | 'waiting') {
  return { state, code: null, reason: null, nextStep: null };
}

function release(productId: string, version: string): ReleaseRecord {
  const shown = {
    version,
    prerelease: false,
    publishedAt: null,
    assets: [],
    notesUrl: null,
    withdrawn: false,
  };
  return { productId, version, seenAt: T0.toISOString(), release: shown };
}

function installer(sha256: string): InstallerRecord {
  return {
    productId: 'p',
    version: '1.0',
    variant: 'x64',
    url: 'https://example.test/a.exe',
    fileName: 'a.exe',
    sha256,
    sha1: 'cc',
    sizeBytes: 3,
    modified: T0.toISOString(),
    signature: {
      status: 'valid',
      digestAlgorithm: 'sha256',
      timestamp: null,
      signer: {
        subject: 'CN=a',
        issuer: 'CN=b',
        serial: '01',
        thumbprint: 'AA',
        notBefore: T0.toISOString(),
        notAfter: T0.toISOString(),
        certificateDer: Buffer.from([1, 2, 3]),
      },
    },
    inspection: {
      technology: 'nullsoft',
      architecture: null,
      scope: 'machine',
      productName: null,
      publisher: null,
      version: null,
      language: null,
      productCode: null,
      upgradeCode: null,
      arp: [],
    },
    acquiredAt: T0.toISOString(),
  };
}

function publication(state: PublicationRecord['state']): PublicationRecord {
  return {
    packageId: 'p',
    revision: 1,
    target: 'configmgr-catalog',
    state,
    catalogRevision: 1,
    reason: null,
    proof: null,
    clients: null,
    startedAt: T0.toISOString(),
    changedAt: T0.toISOString(),
  };
}
