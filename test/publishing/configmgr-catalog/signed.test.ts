import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAttestor, createAttestorKey } from '../../../signing/attestation.js';
import {
  certificateDer,
  certificatePem,
  createAuthority,
  issueCertificate,
} from '../../../signing/certificates/index.js';
import { createSignerClient } from '../../../signing/client.js';
import { startSigner } from '../../../signing/server.js';
import { silentLog } from '../../../src/app/logger.js';
import { bufferSource } from '../../../src/core/bytes.js';
import { downloadTo } from '../../../src/lab/software-update-point/outbound.js';
import { startTimestampAuthority } from '../../../src/lab/timestamp-authority/index.js';
import { createPublished } from '../../../src/publishing/configmgr-catalog/published.js';
import { startCatalogServer } from '../../../src/publishing/configmgr-catalog/server.js';
import { verifyCatalog } from '../../../src/publishing/configmgr-catalog/verify/index.js';
import { mustRun, temporaryFolder } from '../../formats/programs.js';
import { makeAuthority, makeIdentity } from '../../lab/certificates.js';
import { openLine } from '../line.js';
import { installerOf, packageIdOf, updateOf } from '../samples.js';

const CHECKER = '../shared/tools/catalog_check.py';
const HOST = 'patchpress.lab';

const authority = createAuthority('Test TSA CA');
const timestamping = issueCertificate(authority, { subject: 'Test TSA', usage: 'timeStamping', days: 30 });

/** The real signer in its own right: socket, key file, timestamp authority, content store on disk. */
async function openSigned(t: TestContext) {
  const folder = temporaryFolder(t);
  const contentDir = join(folder, 'content');
  mkdirSync(contentDir);
  const tsa = await startTimestampAuthority({
    port: 0,
    identity: timestamping,
    now: () => new Date(),
  });
  t.after(() => tsa.close());
  const attestorKey = createAttestorKey();
  const socketPath = join(folder, 'signer', 's.sock');
  const signer = await startSigner({
    socketPath,
    contentDir,
    keyFile: join(folder, 'private', 'catalog.pem'),
    createIfMissing: true,
    attestorPublicKey: attestorKey.publicKey,
    timestampUrls: [tsa.url],
    timestampRoots: [certificateDer(authority.certificate)],
    publisherName: 'Patchpress Test',
    now: () => new Date(),
  });
  t.after(() => signer.close());
  const line = await openLine(t, {
    contentDir,
    attestor: createAttestor(attestorKey.privateKey),
    installer: (update, n) => installerOf(update, n, certificateDer(authority.certificate)),
    signer: () => createSignerClient({ socketPath, attestorPrivateKey: attestorKey.privateKey }),
  });
  writeFileSync(join(folder, 'tsa-ca.pem'), authority.certificate);
  writeFileSync(join(folder, 'ca.pem'), certificatePem(signer.certificate.der));
  return { folder, line };
}

test('five updates, signed by the signer process and served over HTTPS, pass every independent reader', async (t) => {
  const { folder, line } = await openSigned(t);
  for (let n = 1; n <= 4; n += 1) await line.publish(n);
  await line.publish(5, { supersedes: [packageIdOf(1)] });
  await line.content.putBuffer(Buffer.from('payload 1'));
  await line.settle();
  const revision = await line.ledger.latestCatalogRevision('configmgr-catalog');
  assert.deepEqual([revision?.number, revision?.members.length], [1, 5]);

  const ca = makeAuthority('Test CA');
  const server = await startCatalogServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: makeIdentity('catalog', { hosts: [HOST] }, ca),
    catalogName: 'patchpress',
    ...createPublished(line),
    log: silentLog,
  });
  t.after(() => server.close());
  const outbound = { hosts: { [HOST]: { address: '127.0.0.1', port: server.port } }, ca: ca.certificate };
  const download = (path: string, out: string, etag: string | null = null) =>
    downloadTo(outbound, `https://${HOST}${path}`, join(folder, out), { maxBytes: 1 << 20, etag });
  const downloaded = await download('/catalogs/patchpress.cab', 'patchpress.cab');
  assert.equal(downloaded?.etag, `"${revision?.cabSha256}"`);
  assert.equal(await download('/catalogs/patchpress.cab', 'again.cab', downloaded?.etag ?? null), null);
  const cab = join(folder, 'patchpress.cab');
  assert.ok(readFileSync(cab).equals(await line.content.get(revision?.cabSha256 ?? '')));
  await download('/catalogs/patchpress/1.cab', 'revision-1.cab');
  assert.ok(readFileSync(join(folder, 'revision-1.cab')).equals(readFileSync(cab)));
  const report = verifyCatalog(bufferSource(readFileSync(cab)));
  assert.deepEqual([report.generation, report.packages, report.findings], ['v3', 5, []]);
  const { sha256, fileName } = installerOf(updateOf(1), 1);
  await download(`/content/${sha256}/${encodeURIComponent(fileName)}`, 'payload');
  assert.equal(readFileSync(join(folder, 'payload'), 'utf8'), 'payload 1');
  assert.equal(await createPublished(line).contentPath(sha256, 'other.exe'), null);
  assert.equal(await createPublished(line).contentPath(revision?.cabSha256 ?? '', fileName), null);

  mustRun(t, 'cabextract', ['-t', cab], folder);
  mustRun(t, 'gcab', ['-t', cab], folder);
  mustRun(t, '7z', ['t', cab], folder);
  const verified = mustRun(
    t,
    'osslsigncode',
    ['verify', '-CAfile', 'ca.pem', '-TSA-CAfile', 'tsa-ca.pem', '-in', cab],
    folder,
  );
  if (verified !== null) assert.match(verified.output, /Succeeded/);
  if (!existsSync(CHECKER)) {
    t.diagnostic(`${CHECKER} is not here: the acceptance checklist was not run`);
    return;
  }
  const checked = mustRun(t, '/usr/bin/python3', [join(process.cwd(), CHECKER), cab, '--json'], folder);
  const result = JSON.parse(checked?.stdout.toString() ?? '{}') as Record<string, unknown>;
  assert.deepEqual(
    [result.packages, result.v2, result.manifest, result.categories, result.certificates, result.findings],
    [5, 5, 5, 6, 1, []],
  );
});

test('an update whose attestation is not of the service is not signed, and nothing is switched', async (t) => {
  const { line } = await openSigned(t);
  await line.publish(1);
  const revision = await line.ledger.revision(packageIdOf(1), 1);
  assert.ok(revision !== null && revision.attestation !== null);
  const attestation = { ...revision.attestation, payloadSha256: 'f'.repeat(64) };
  await line.ledger.transaction((tx) => tx.putRevision({ ...revision, attestation }));
  await line.settle();
  const flush = await line.work('flush/configmgr-catalog');
  assert.deepEqual([flush?.state, flush?.code], ['failed', 'signer.refused']);
  assert.match(flush?.reason ?? '', new RegExp(packageIdOf(1)));
  assert.equal(await line.ledger.latestCatalogRevision('configmgr-catalog'), null);
});
