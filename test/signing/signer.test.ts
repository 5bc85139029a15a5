import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request as requestHttp, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { attestorPrivateKey, createAttestor, createAttestorKey } from '../../signing/attestation.js';
import { certificateDer, thumbprintOf } from '../../signing/certificates/index.js';
import { createSignerClient } from '../../signing/client.js';
import { writeSignedRequest } from '../../signing/request.js';
import { type SignerOptions, startSigner } from '../../signing/server.js';
import { createContentStore } from '../../src/content/store.js';
import { bufferSource } from '../../src/core/bytes.js';
import type { CabinetMember, SigningRequest } from '../../src/core/ports.js';
import type { Attestation } from '../../src/core/records.js';
import { writeCabinet } from '../../src/formats/cab/index.js';
import { startTimestampAuthority } from '../../src/lab/timestamp-authority/index.js';
import { verifySignature } from '../../src/trust/index.js';
import { mustRun, temporaryFolder } from '../formats/programs.js';
import { makePki, writeRoot } from './pki.js';

const pki = makePki();
const keys = createAttestorKey();
const attestor = createAttestor(keys.privateKey);
const A = 'aaaaaaaa-1111-4222-8333-444444444444';
const B = 'bbbbbbbb-1111-4222-8333-444444444444';

async function start(t: TestContext, options: Partial<SignerOptions> = {}) {
  const folder = temporaryFolder(t);
  const contentDir = join(folder, 'content');
  const store = createContentStore(contentDir);
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, `${pki.code.key}${pki.code.certificate}`, { mode: 0o600 });
  const authority = await startTimestampAuthority({ port: 0, identity: pki.time, now: () => new Date() });
  t.after(() => authority.close());
  const socketPath = join(folder, 'run', 'signer.sock');
  const signer = await startSigner({
    socketPath,
    contentDir,
    keyFile,
    createIfMissing: false,
    attestorPublicKey: keys.publicKey,
    timestampUrls: [authority.url],
    timestampRoots: [pki.rootDer],
    publisherName: 'Patchpress',
    now: () => new Date(),
    ...options,
  });
  t.after(() => signer.close());
  const client = createSignerClient({ socketPath, attestorPrivateKey: keys.privateKey, timeoutMs: 10_000 });
  return { folder, store, contentDir, socketPath, keyFile, signer, client };
}

const sdpOf = (id: string): Buffer => Buffer.from(`<sdp PackageID="${id}"/>`);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function attest(id: string, statement: Partial<Attestation> = {}): Attestation {
  return attestor.attest({
    packageId: id,
    revision: 1,
    sdpSha256: sha256(sdpOf(id)),
    payloadSha256: '11'.repeat(32),
    proofSha256: '22'.repeat(32),
    decisionId: 'd',
    ...statement,
  });
}

type Files = Readonly<Record<string, Buffer>>;

/** A v3 catalog of two updates; `changes` replaces, adds or (null) takes away members. */
function catalogFiles(changes: Readonly<Record<string, Buffer | null>> = {}): Files {
  const category = 'cccccccc-1111-4222-8333-444444444444';
  const files: Record<string, Buffer | null> = {
    'Patchpress.xml': Buffer.from('<smc/>'),
    [`ContentCertificates\\${thumbprintOf(pki.rootDer)}.cer`]: pki.rootDer,
    [`V2\\${A}.sdp`]: sdpOf(A),
    [`V2\\${B}.sdp`]: sdpOf(B),
    'V2\\update_manifest.json': Buffer.from(JSON.stringify({ [B]: 'x', [A]: 'y' })),
    [`V3\\${category}.json`]: Buffer.from('{}'),
    'V3\\update_categories.json': Buffer.from('[]'),
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(files).filter((entry): entry is [string, Buffer] => entry[1] !== null),
  );
}

async function storeCabinet(context: Awaited<ReturnType<typeof start>>, files: Files): Promise<string> {
  const members: CabinetMember[] = Object.entries(files).map(([name, bytes]) => ({
    name,
    modified: '2026-11-24T10:00:00Z',
    content: { bytes },
  }));
  const path = context.store.temporaryPath();
  writeCabinet(members, path, { signatureReserve: true });
  return (await context.store.putFile(path)).sha256;
}

const both = [attest(A), attest(B)];

/** A raw exchange over the socket: what someone else than our client may send. */
function post(
  socketPath: string,
  body: string | Buffer,
  path = '/sign',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = requestHttp({ socketPath, path, method: 'POST', agent: false }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => {
        text += piece.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

describe('the signer', () => {
  test('signs a catalog that is vouched for; osslsigncode and our own verifier agree', async (t) => {
    const context = await start(t);
    const contentSha256 = await storeCabinet(context, catalogFiles());
    const signed = await context.client.sign({ purpose: 'catalog', contentSha256, attestations: both });
    assert.equal(signed.certificateThumbprint, thumbprintOf(certificateDer(pki.code.certificate)));
    assert.equal(context.signer.certificate.thumbprint, signed.certificateThumbprint);
    assert.equal(context.signer.certificate.subject, 'CN=Signing Test, C=DE');

    const bytes = await context.store.get(signed.sha256);
    const anchors = { codeSigningRoots: [pki.rootDer], timestampRoots: [pki.rootDer] };
    const report = await verifySignature(bufferSource(bytes), anchors, new Date());
    assert.ok(report.status === 'valid', JSON.stringify(report));
    assert.equal(report.signer.thumbprint, signed.certificateThumbprint);
    assert.equal(report.timestamp?.authority, 'CN=Signing Test TSA');
    assert.equal(statSync(context.store.pathOf(signed.sha256)).mode & 0o777, 0o444);
    assert.deepEqual(readdirSync(join(context.contentDir, '.incoming')), []);

    writeRoot(context.folder, pki);
    writeFileSync(join(context.folder, 'catalog.cab'), bytes);
    const verify = ['verify', '-CAfile', 'ca.pem', '-TSA-CAfile', 'ca.pem', '-in', 'catalog.cab'];
    for (const [program, args] of [
      ['osslsigncode', verify],
      ['cabextract', ['-t', 'catalog.cab']],
      ['gcab', ['-t', 'catalog.cab']],
      ['7z', ['t', 'catalog.cab']],
    ] as const) {
      if (mustRun(t, program, args, context.folder) === null) return;
    }
  });

  test('signs the same catalog again: another request, no replay', async (t) => {
    const context = await start(t);
    const request = {
      purpose: 'catalog',
      contentSha256: await storeCabinet(context, catalogFiles()),
      attestations: both,
    } as const;
    const [first, second] = await Promise.all([context.client.sign(request), context.client.sign(request)]);
    for (const { sha256: digest } of [first, second]) assert.equal(await context.store.has(digest), true);
  });
});

describe('the signer refuses', () => {
  const withoutB = { [`V2\\${B}.sdp`]: null, 'V2\\update_manifest.json': Buffer.from(`{"${A}":"y"}`) };
  const stranger = createAttestor(createAttestorKey().privateKey);
  const cases: readonly [string, Readonly<Record<string, Buffer | null>>, readonly Attestation[], RegExp][] =
    [
      ['an SDP without an attestation', {}, [attest(A)], /an attestation for each SDP; found: none/],
      ['an attestation without its SDP', withoutB, both, /an SDP for each attestation; found: none/],
      ['a tampered SDP', { [`V2\\${A}.sdp`]: Buffer.from('<sdp/>') }, both, /the SDP that was vouched for/],
      [
        'an attestation of another SDP',
        {},
        [attest(A, { sdpSha256: '33'.repeat(32) }), attest(B)],
        /vouched for/,
      ],
      ['a foreign attestation', {}, [attest(A), stranger.attest(attest(B))], /not of our own service/],
      ['an altered attestation', {}, [{ ...attest(A), revision: 7 }, attest(B)], /not of our own service/],
      [
        'two attestations of one package',
        {},
        [attest(A), attest(A), attest(B)],
        /one attestation for a package/,
      ],
      ['an extra member', { 'run.exe': Buffer.from('MZ') }, both, /only members of a v3 catalog/],
      ['an extra folder', { 'V4\\x.json': Buffer.from('{}') }, both, /only members of a v3 catalog/],
      ['a second root', { 'b.xml': Buffer.from('<x/>') }, both, /one XML file at the root; found: 2/],
      ['no root', { 'Patchpress.xml': null }, both, /one XML file at the root; found: 0/],
      ['an SDP whose name is no id', { 'V2\\x.sdp': Buffer.from('x') }, both, /only members of a v3 catalog/],
      [
        'a manifest of other packages',
        { 'V2\\update_manifest.json': Buffer.from('{}') },
        both,
        /exactly the packages/,
      ],
      [
        'a manifest that is no JSON',
        { 'V2\\update_manifest.json': Buffer.from('{') },
        both,
        /exactly the packages/,
      ],
      ['no manifest', { 'V2\\update_manifest.json': null }, both, /exactly the packages/],
      [
        'a content certificate under another name',
        { [`ContentCertificates\\${'0'.repeat(40)}.cer`]: pki.rootDer },
        both,
        /a DER certificate under its thumbprint/,
      ],
      [
        'a content certificate that is none',
        { [`ContentCertificates\\${thumbprintOf(Buffer.from('x'))}.cer`]: Buffer.from('x') },
        both,
        /a DER certificate under its thumbprint/,
      ],
    ];
  test('cabinets that are not what was vouched for', async (t) => {
    const context = await start(t);
    for (const [name, changes, attestations, expected] of cases) {
      const contentSha256 = await storeCabinet(context, catalogFiles(changes));
      const before = readdirSync(context.contentDir, { recursive: true }).length;
      await assert.rejects(
        context.client.sign({ purpose: 'catalog', contentSha256, attestations }),
        (error: { code?: string; message?: string; expected?: string; found?: string }) => {
          assert.equal(error.code, 'signer.refused', name);
          assert.match(`${error.message}: ${error.expected}; found: ${error.found}`, expected, name);
          return true;
        },
      );
      assert.equal(readdirSync(context.contentDir, { recursive: true }).length, before, name);
    }
  });

  test('objects that are not there, not whole, or no cabinet to sign', async (t) => {
    const context = await start(t);
    const ask = (contentSha256: string) =>
      context.client.sign({ purpose: 'catalog', contentSha256, attestations: both });
    await assert.rejects(ask('00'.repeat(32)), { code: 'content.missing' });

    const damaged = await storeCabinet(context, catalogFiles());
    chmodSync(context.store.pathOf(damaged), 0o600);
    writeFileSync(context.store.pathOf(damaged), 'other bytes');
    await assert.rejects(ask(damaged), { code: 'content.corrupt' });

    const text = (await context.store.putBuffer(Buffer.from('no cabinet'.repeat(20)))).sha256;
    await assert.rejects(ask(text), { code: 'signature.malformed' });

    const good = await storeCabinet(context, catalogFiles());
    const { sha256: signed } = await ask(good);
    await assert.rejects(ask(signed), { code: 'signature.malformed', found: 'a signature' });
  });

  test('everything when no timestamp can be had', async (t) => {
    const context = await start(t, { timestampUrls: ['http://127.0.0.1:9/'] });
    const contentSha256 = await storeCabinet(context, catalogFiles());
    await assert.rejects(context.client.sign({ purpose: 'catalog', contentSha256, attestations: both }), {
      name: 'RetryableError',
      code: 'timestamp.unreachable',
    });
  });

  test('requests that are not ours, not fresh, or not new', async (t) => {
    const context = await start(t);
    const contentSha256 = await storeCabinet(context, catalogFiles());
    const request: SigningRequest = { purpose: 'catalog', contentSha256, attestations: both };
    const key = attestorPrivateKey(keys.privateKey);
    const refused = async (body: string, found: RegExp) => {
      const { status, text } = await post(context.socketPath, body);
      assert.equal(status, 200);
      assert.match(text, /"code":"signer.refused"/);
      assert.match(text, found);
    };
    const body = writeSignedRequest(request, key, new Date());
    assert.match((await post(context.socketPath, body)).text, /"signed":/);
    await refused(body, /one that was used before/);

    for (const ageMs of [6 * 60_000, -6 * 60_000]) {
      await refused(writeSignedRequest(request, key, new Date(Date.now() - ageMs)), /one of 20/);
    }
    const foreign = attestorPrivateKey(createAttestorKey().privateKey);
    await refused(writeSignedRequest(request, foreign, new Date()), /another signature/);
    const altered = { ...JSON.parse(writeSignedRequest(request, key, new Date())), attestations: [] };
    await refused(JSON.stringify(altered), /another signature/);
  });

  test('what was sent before it started, so that a restart forgets no nonce', async (t) => {
    const sentAt = new Date();
    const context = await start(t, { now: () => new Date(sentAt.getTime() + 1000) });
    const request: SigningRequest = { purpose: 'catalog', contentSha256: '00'.repeat(32), attestations: [] };
    const body = writeSignedRequest(request, attestorPrivateKey(keys.privateKey), sentAt);
    assert.match((await post(context.socketPath, body)).text, /signer.refused/);
  });

  test('garbage, and goes on', async (t) => {
    const context = await start(t);
    for (const body of [
      '',
      '{',
      '[]',
      '{"purpose":"catalog"}',
      '\0\u202e'.repeat(50),
      `"${'x'.repeat(5000)}"`,
    ]) {
      const { status, text } = await post(context.socketPath, body);
      assert.equal(status, 200);
      assert.match(text, /"code":"payload.invalid"/);
    }
    const traversal = JSON.stringify({
      purpose: 'catalog',
      contentSha256: '../../etc/passwd',
      attestations: [],
    });
    assert.match((await post(context.socketPath, traversal)).text, /payload.invalid/);
    assert.equal((await post(context.socketPath, '{}', '/other')).status, 404);

    const bytes = await new Promise<string>((resolve) => {
      const socket = connect(context.socketPath, () => socket.end('\x16\x03\x01 not HTTP at all\r\n\r\n'));
      let text = '';
      socket.on('data', (piece) => {
        text += piece.toString();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', () => undefined);
    });
    assert.match(bytes, /^HTTP\/1.1 400/);

    const contentSha256 = await storeCabinet(context, catalogFiles());
    await context.client.sign({ purpose: 'catalog', contentSha256, attestations: both });
  });

  test('an oversized request, before it is read to the end', async (t) => {
    const context = await start(t);
    const status = await new Promise<number>((resolve, reject) => {
      const call = requestHttp({
        socketPath: context.socketPath,
        path: '/sign',
        method: 'POST',
        agent: false,
      });
      call.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      call.on('error', reject);
      call.setHeader('content-length', 41 << 20);
      call.flushHeaders();
    });
    assert.equal(status, 413);
  });
});

describe("the signer's key and socket", () => {
  test('a first start makes a key that only its owner reads; a second start keeps it', async (t) => {
    const folder = temporaryFolder(t);
    const keyFile = join(folder, 'private', 'catalog.pem');
    const first = await start(t, { keyFile, createIfMissing: true, publisherName: 'Patchpress, Inc.' });
    assert.equal(first.signer.certificate.subject, 'CN=Patchpress\\, Inc.');
    assert.equal(statSync(keyFile).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, 'private')).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(join(folder, 'private')), ['catalog.pem']);
    const second = await start(t, { keyFile, createIfMissing: true });
    assert.deepEqual(second.signer.certificate, first.signer.certificate);
  });

  test('PKCS#12 with its password', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'key.pem'), `${pki.code.key}${pki.code.certificate}${pki.root.certificate}`);
    const out = join(folder, 'key.p12');
    const args = ['pkcs12', '-export', '-in', 'key.pem', '-out', out, '-passout', 'pass:secret'];
    if (mustRun(t, 'openssl', args, folder) === null) return;
    chmodSync(out, 0o600);
    const { signer } = await start(t, { keyFile: out, keyPassword: 'secret' });
    assert.equal(signer.certificate.subject, 'CN=Signing Test, C=DE');
    await assert.rejects(start(t, { keyFile: out, keyPassword: 'other' }), { code: 'configuration.invalid' });
  });

  test('key files that do not do', async (t) => {
    const folder = temporaryFolder(t);
    const keyFile = join(folder, 'key.pem');
    const refused = async (content: string | null, mode: number, found: RegExp) => {
      if (content !== null) {
        writeFileSync(keyFile, content);
        chmodSync(keyFile, mode);
      }
      await assert.rejects(start(t, { keyFile }), (error: { code?: string; found?: string }) => {
        assert.equal(error.code, 'configuration.invalid');
        assert.match(error.found ?? '', found);
        return true;
      });
    };
    await refused(null, 0, /none that can be read/);
    await refused(`${pki.code.key}${pki.code.certificate}`, 0o640, /mode 640/);
    await refused(pki.code.certificate, 0o600, /0 keys, 1 blocks/);
    await refused('hello', 0o600, /0 keys, 0 blocks/);
    await refused(`${pki.code.key}${pki.root.certificate}`, 0o600, /another key/);
    await refused(`${pki.time.key}${pki.time.certificate}`, 0o600, /1\.3\.6\.1\.5\.5\.7\.3\.8/);
  });

  test('the socket is only for its owner, is one, and a left one is taken over', async (t) => {
    const context = await start(t);
    assert.equal(statSync(context.socketPath).mode & 0o777, 0o600);
    await assert.rejects(start(t, { socketPath: context.socketPath }), { code: 'configuration.invalid' });
    await context.signer.close();
    assert.equal(existsSync(context.socketPath), false);

    const folder = temporaryFolder(t);
    const left = join(folder, 'left.sock');
    const killed = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', killed, left]);
    assert.equal(statSync(left).isSocket(), true);
    const { signer } = await start(t, { socketPath: left });
    await signer.close();
    writeFileSync(left, 'not a socket');
    for (const socketPath of [left, join(folder, 'x'.repeat(100))]) {
      await assert.rejects(start(t, { socketPath }), { code: 'configuration.invalid' });
    }
    assert.equal(existsSync(left), true);
  });

  test('no signer is retryable; so is one that is silent or says nothing sensible', async (t) => {
    const socketPath = join(temporaryFolder(t), 'other.sock');
    const client = createSignerClient({ socketPath, attestorPrivateKey: keys.privateKey, timeoutMs: 200 });
    const request: SigningRequest = { purpose: 'catalog', contentSha256: '00'.repeat(32), attestations: [] };
    const unreachable = { name: 'RetryableError', code: 'signer.unreachable' };
    await assert.rejects(client.sign(request), unreachable);

    const answers = [
      (response: ServerResponse) => response.end('{"signed":{"sha256":"../x"}}'),
      (response: ServerResponse) => response.end('<html>'),
      (response: ServerResponse) => response.writeHead(413).end(),
      (response: ServerResponse) => response.end(Buffer.alloc(300 * 1024)),
      () => undefined,
    ];
    const server = createServer((_request, response) => answers.shift()?.(response));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    while (answers.length > 0) await assert.rejects(client.sign(request), unreachable);
  });
});
