import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAttestor, createAttestorKey } from '../../signing/attestation.js';
import { createSignerClient } from '../../signing/client.js';
import { startSigner } from '../../signing/server.js';
import { silentLog } from '../../src/app/logger.js';
import { bufferSource } from '../../src/core/bytes.js';
import type { InstallerRecord, UpdateRecord } from '../../src/core/records.js';
import { startLab } from '../../src/lab/index.js';
import { loadFixtures } from '../../src/lab/vendor-site/index.js';
import { expiredDocument } from '../../src/packages/expire.js';
import { createPublished } from '../../src/publishing/configmgr-catalog/published.js';
import { startCatalogServer } from '../../src/publishing/configmgr-catalog/server.js';
import { createAdminServiceSite } from '../../src/publishing/configuration-manager/site.js';
import { verifySignature } from '../../src/trust/index.js';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { temporaryFolder } from '../formats/programs.js';
import { FIXTURES_FOLDER } from '../lab/fixtures.js';
import { openLine, POLL_MS } from './line.js';
import { creationDateOf, installerOf, packageIdOf, revisionOf, updateOf } from './samples.js';

const FOLLOW = `follow/${packageIdOf(1)}/1`;
const now = () => new Date();

/** The stage against the lab's site: signer process, timestamp authority, our own server, a vendor's signed file. */
async function openWithLab(t: TestContext) {
  const folder = temporaryFolder(t);
  const contentDir = join(folder, 'content');
  mkdirSync(contentDir);
  const lab = await startLab({
    folder: join(folder, 'lab'),
    fixturesFolder: FIXTURES_FOLDER,
    catalogUrl: 'https://patchpress.lab/catalogs/patchpress.cab',
    now,
    onFault: (error) => t.diagnostic(String(error)),
  });
  t.after(() => lab.close());
  const { ready } = lab;
  const attestorKey = createAttestorKey();
  const socketPath = join(folder, 's', 's.sock');
  const signer = await startSigner({
    socketPath,
    contentDir,
    keyFile: join(folder, 'private', 'catalog.pem'),
    createIfMissing: true,
    attestorPublicKey: attestorKey.publicKey,
    timestampUrls: [ready.timestampUrl],
    timestampRoots: ready.trust.timestampRoots,
    publisherName: 'Patchpress Test',
    now,
  });
  t.after(() => signer.close());
  const transport = createHttpsTransport({
    ca: ready.tlsCa,
    client: null,
    hosts: ready.hosts,
    timeoutMs: 20_000,
  });
  t.after(() => transport.close());
  const { baseUrl, token } = ready.softwareUpdatePoint;
  const [fixture] = loadFixtures(FIXTURES_FOLDER).shipped;
  assert.ok(fixture);
  const file = loadFixtures(FIXTURES_FOLDER).read(fixture);
  const signature = await verifySignature(bufferSource(file), ready.trust, now());
  const line = await openLine(t, {
    contentDir,
    attestor: createAttestor(attestorKey.privateKey),
    installer: (update: UpdateRecord, n: number): InstallerRecord => ({
      ...installerOf(update, n),
      sha256: fixture.sha256,
      sha1: createHash('sha1').update(file).digest('hex'),
      sizeBytes: file.length,
      fileName: fixture.fileName,
      signature,
    }),
    site: () => createAdminServiceSite({ baseUrl, token, transport, isLab: true }),
    signer: () => createSignerClient({ socketPath, attestorPrivateKey: attestorKey.privateKey }),
  });
  await line.content.putBuffer(file);
  const server = await startCatalogServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: ready.contentServer,
    catalogName: 'patchpress',
    ...createPublished(line),
    log: silentLog,
  });
  t.after(() => server.close());
  lab.setContentServer({ address: '127.0.0.1', port: server.port });
  const attestor = createAttestor(attestorKey.privateKey);
  const siteRow = async (packageId: string): Promise<Record<string, unknown>> => {
    const query = `$filter=${encodeURIComponent(`CI_UniqueID eq '${packageId}'`)}`;
    const headers = { authorization: `Bearer ${token}` };
    const url = `${baseUrl}/AdminService/wmi/SMS_SoftwareUpdate?${query}`;
    const { body } = await transport.send('GET', url, headers, null);
    return JSON.parse(body.toString('utf8')).value[0];
  };
  return { lab, line, signer, attestor, file, siteRow, sha256: fixture.sha256 };
}

test('the lab site takes catalog and content, refuses what it must, and takes it when it is mended', async (t) => {
  const { lab, line, signer, file, sha256 } = await openWithLab(t);
  const stands = async () => {
    const publication = await line.publication(1);
    return [publication?.state, publication?.reason] as const;
  };

  // The catalog's certificate is not trusted yet.
  await line.publish(1);
  await line.settle();
  line.wait(POLL_MS);
  await line.settle();
  assert.equal((await line.work(FOLLOW))?.code, 'target.refused');
  assert.match((await stands())[1] ?? '', /the site refuses it: 11508: /);
  assert.equal((await stands())[0], 'published');

  // Trusted, but the vendor's file is gone from our store.
  lab.trustCatalogCertificate(signer.certificate.der);
  rmSync(line.content.pathOf(sha256));
  await line.enqueue({ kind: 'follow', packageId: packageIdOf(1), revision: 1 }, true);
  await line.settle();
  line.wait(POLL_MS);
  await line.settle();
  assert.equal((await line.work(FOLLOW))?.code, 'target.refused');
  assert.equal((await stands())[0], 'visible');
  assert.match((await stands())[1] ?? '', /answered 500/);

  await line.content.putBuffer(file);
  await line.enqueue({ kind: 'follow', packageId: packageIdOf(1), revision: 1 }, true);
  await line.settle();
  assert.deepEqual(await stands(), ['distributed', null]);

  // A new revision of the metadata needs no content again.
  await line.publish(1);
  await line.settle();
  const second = await line.publication(1);
  assert.deepEqual([second?.revision, second?.state, second?.catalogRevision], [2, 'distributed', 2]);
  assert.equal(updateOf(1).packageId, second?.packageId);
});

test('what is expired, the lab site withdraws; a repair finds the content where it is', async (t) => {
  const { lab, line, signer, attestor, siteRow } = await openWithLab(t);
  lab.trustCatalogCertificate(signer.certificate.der);
  const built = await line.publish(1);
  await line.settle();
  assert.equal((await line.publication(1))?.state, 'distributed');
  await line.enqueue({ kind: 'repair', ...built, requestId: 'r1' });
  await line.settle();
  assert.match((await line.work(`repair/${packageIdOf(1)}/1/r1`))?.reason ?? '', /it has it$/);

  const update = updateOf(1);
  const before = await line.ledger.latestRevision(update.packageId);
  const sdp = await line.content.get(before?.sdpSha256 ?? '');
  const { sha256 } = await line.content.putBuffer(expiredDocument(sdp, creationDateOf(2), update));
  const last = { ...revisionOf(update, 2, sha256, attestor), expired: true } as const;
  await line.ledger.transaction((tx) => tx.putRevision(last));
  assert.equal((await siteRow(update.packageId)).IsExpired, false);
  await line.enqueue({ kind: 'publish', packageId: update.packageId, revision: 2 });
  await line.settle();
  assert.equal((await line.publication(1))?.state, 'expired');
  const withdrawn = await line.work(`withdraw/${update.packageId}/2`);
  assert.deepEqual([withdrawn?.state, withdrawn?.reason], ['done', 'the site knows that it is expired']);
  assert.equal((await siteRow(update.packageId)).IsExpired, true);
});
