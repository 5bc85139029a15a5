import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createAttestor, createAttestorKey } from '../../signing/attestation.js';
import { certificatePem, createSelfSignedCodeSigning } from '../../signing/certificates/index.js';
import { createSignerClient } from '../../signing/client.js';
import { signContent } from '../../signing/content.js';
import { startSigner } from '../../signing/server.js';
import { createContentStore } from '../../src/content/store.js';
import { bufferSource } from '../../src/core/bytes.js';
import type { Attestation } from '../../src/core/records.js';
import { writeCabinet } from '../../src/formats/cab/index.js';
import { startTimestampAuthority } from '../../src/lab/timestamp-authority/index.js';
import { verifySignature } from '../../src/trust/index.js';
import { runProgram, temporaryFolder } from '../formats/programs.js';
import { makePki, writeRoot } from './pki.js';

const pki = makePki();
const keys = createAttestorKey();
const attestor = createAttestor(keys.privateKey);
const own = createSelfSignedCodeSigning({ subject: 'Content' });
const CONTENT_KEY = `${own.key}${own.certificate}`;
const PAYLOAD = Buffer.from('MZ an installer that nobody signed'.repeat(5000));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function start(t: TestContext, hasContentKey = true) {
  const folder = temporaryFolder(t);
  const contentDir = join(folder, 'content');
  const content = createContentStore(contentDir);
  const keyFile = join(folder, 'key.pem');
  const contentKeyFile = join(folder, 'content-key.pem');
  writeFileSync(contentKeyFile, CONTENT_KEY, { mode: 0o600 });
  writeFileSync(keyFile, `${pki.code.key}${pki.code.certificate}`, { mode: 0o600 });
  const authority = await startTimestampAuthority({ port: 0, identity: pki.time, now: () => new Date() });
  t.after(() => authority.close());
  const socketPath = join(folder, 'signer.sock');
  const signer = await startSigner({
    socketPath,
    contentDir,
    keyFile,
    ...(hasContentKey ? { contentKeyFile } : {}),
    createIfMissing: false,
    attestorPublicKey: keys.publicKey,
    timestampUrls: [authority.url],
    timestampRoots: [pki.rootDer],
    publisherName: 'Patchpress',
    now: () => new Date(),
  });
  t.after(() => signer.close());
  const client = createSignerClient({ socketPath, attestorPrivateKey: keys.privateKey, timeoutMs: 20_000 });
  const cabinet = async (files: Readonly<Record<string, Buffer>>): Promise<string> => {
    const path = content.temporaryPath();
    const members = Object.entries(files).map(([name, bytes]) => ({
      name,
      modified: '2026-11-24T10:00:00Z',
      content: { bytes },
    }));
    writeCabinet(members, path, { signatureReserve: true });
    return (await content.putFile(path)).sha256;
  };
  return { folder, content, signer, client, cabinet };
}

const attest = (changes: Partial<Attestation> = {}): Attestation =>
  attestor.attest({
    packageId: 'aaaaaaaa-1111-4222-8333-444444444444',
    revision: 1,
    sdpSha256: '11'.repeat(32),
    payloadSha256: sha256(PAYLOAD),
    proofSha256: '22'.repeat(32),
    decisionId: 'd',
    ...changes,
  });

describe('a content cabinet', () => {
  test('is signed with the content certificate; other programs read it and agree', async (t) => {
    const { folder, content, signer, client, cabinet } = await start(t);
    const unsigned = await cabinet({ 'setup.exe': PAYLOAD });
    assert.equal(await cabinet({ 'setup.exe': PAYLOAD }), unsigned);
    const request = { purpose: 'content', contentSha256: unsigned, attestations: [attest()] } as const;
    const signed = await client.sign(request);
    assert.ok(signer.contentCertificate);
    assert.equal(signed.certificateThumbprint, signer.contentCertificate.thumbprint);
    assert.notEqual(signed.certificateThumbprint, signer.certificate.thumbprint);
    const path = content.pathOf(signed.sha256);
    const anchors = { codeSigningRoots: [signer.contentCertificate.der], timestampRoots: [pki.rootDer] };
    const report = await verifySignature(bufferSource(readFileSync(path)), anchors, new Date());
    assert.ok(report.status === 'valid' && report.timestamp !== null);
    for (const [program, words] of [
      ['cabextract', ['-q', '-d', 'out-cabextract', path]],
      ['gcab', ['-x', '-C', 'out-gcab', path]],
      ['7z', ['x', '-oout-7z', path]],
    ] as const) {
      mkdirSync(join(folder, `out-${program}`));
      const run = runProgram(program, words, folder);
      if (run === null) {
        t.diagnostic(`${program} is not installed: skipped`);
        continue;
      }
      assert.ok(readFileSync(join(folder, `out-${program}`, 'setup.exe')).equals(PAYLOAD), program);
    }
    writeRoot(folder, pki);
    writeFileSync(join(folder, 'content.pem'), certificatePem(signer.contentCertificate.der));
    const words = ['verify', '-CAfile', 'content.pem', '-TSA-CAfile', 'ca.pem', '-in', path];
    const run = runProgram('osslsigncode', words, folder);
    if (run === null) t.diagnostic('osslsigncode is not installed: skipped');
    else assert.match(run.output, /Signature verification: ok[\s\S]*Succeeded/);
  });

  const OTHER = Buffer.from('another file');
  const REFUSED: readonly (readonly [string, Readonly<Record<string, Buffer>>, readonly Attestation[]])[] = [
    ['with other bytes', { 'setup.exe': OTHER }, [attest()]],
    ['with a second file', { 'setup.exe': PAYLOAD, 'a.dll': OTHER }, [attest()]],
    ['with a second file in front', { 'a.dll': OTHER, 'setup.exe': PAYLOAD }, [attest()]],
    ['with a file in a folder', { 'x\\setup.exe': PAYLOAD }, [attest()]],
    ['that nobody vouched for', { 'setup.exe': PAYLOAD }, []],
    ['that two updates vouch for', { 'setup.exe': PAYLOAD }, [attest(), attest({ revision: 2 })]],
    ['whose payload is another', { 'setup.exe': PAYLOAD }, [attest({ payloadSha256: '33'.repeat(32) })]],
    ['with a forged attestation', { 'setup.exe': OTHER }, [{ ...attest(), payloadSha256: sha256(OTHER) }]],
  ];
  for (const [name, files, attestations] of REFUSED) {
    test(`${name} is not signed`, async (t) => {
      const { client, cabinet } = await start(t);
      const contentSha256 = await cabinet(files);
      await assert.rejects(client.sign({ purpose: 'content', contentSha256, attestations }), {
        code: 'signer.refused',
      });
    });
  }

  test('is no catalog: the catalog key does not sign it', async (t) => {
    const { client, cabinet } = await start(t);
    const contentSha256 = await cabinet({ 'setup.exe': PAYLOAD });
    const request = { purpose: 'catalog', contentSha256, attestations: [attest()] } as const;
    await assert.rejects(client.sign(request), { code: 'signer.refused' });
  });

  test('is not signed by a signer without a content key', async (t) => {
    const { client, cabinet, signer } = await start(t, false);
    assert.equal(signer.contentCertificate, null);
    const contentSha256 = await cabinet({ 'setup.exe': PAYLOAD });
    const request = { purpose: 'content', contentSha256, attestations: [attest()] } as const;
    await assert.rejects(client.sign(request), { code: 'signer.refused', found: 'none' });
  });
});

describe('the signing stage with a content cabinet', () => {
  test('has it signed once and keeps what is signed', async (t) => {
    const { content, client, cabinet } = await start(t);
    const unsignedSha256 = await cabinet({ 'setup.exe': PAYLOAD });
    const deps = { content, signer: client };
    const made = await signContent(deps, { unsignedSha256, signed: null }, attest());
    assert.ok(made?.signed);
    const nobody = { sign: async () => assert.fail('it is signed already') };
    assert.equal(await signContent({ content, signer: nobody }, made, attest()), made);
    assert.equal(await signContent({ content, signer: nobody }, undefined, attest()), undefined);
  });

  test('takes nothing else back than the cabinet with a signature', async (t) => {
    const { content, client, cabinet } = await start(t);
    const unsignedSha256 = await cabinet({ 'setup.exe': PAYLOAD });
    const other = await cabinet({ 'other.exe': PAYLOAD });
    const signer = {
      sign: (request: Parameters<typeof client.sign>[0]) => client.sign({ ...request, contentSha256: other }),
    };
    await assert.rejects(signContent({ content, signer }, { unsignedSha256, signed: null }, attest()), {
      code: 'signature.malformed',
    });
    const same = { sign: async () => ({ sha256: unsignedSha256, certificateThumbprint: 'AA' }) };
    await assert.rejects(signContent({ content, signer: same }, { unsignedSha256, signed: null }, attest()), {
      code: 'signature.malformed',
    });
  });
});
