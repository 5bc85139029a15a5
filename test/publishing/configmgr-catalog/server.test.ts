import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { silentLog } from '../../../src/app/logger.js';
import { PermanentError } from '../../../src/core/errors.js';
import { type CatalogServer, startCatalogServer } from '../../../src/publishing/configmgr-catalog/server.js';
import { temporaryFolder } from '../../formats/programs.js';
import { makeAuthority, makeIdentity, type TestIdentity } from '../../lab/certificates.js';

const HOST = 'patchpress.lab';
const BODY = Buffer.from('0123456789'.repeat(10_000));
const SHA = createHash('sha256').update(BODY).digest('hex');
const MODIFIED = '2026-11-24T10:00:00.700Z';
const CAB = '/catalogs/patchpress.cab';
const CONTENT = `/content/${SHA}/Setup%20%C3%BC.exe`;

let authority: TestIdentity;
let identity: TestIdentity;
before(() => {
  authority = makeAuthority('Test CA');
  identity = makeIdentity('catalog', { hosts: [HOST] }, authority);
});

async function start(
  t: TestContext,
  changes: Partial<Parameters<typeof startCatalogServer>[0]> = {},
): Promise<CatalogServer & { readonly path: string }> {
  const path = join(temporaryFolder(t), 'object');
  writeFileSync(path, BODY);
  const server = await startCatalogServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: identity,
    catalogName: 'patchpress',
    currentCatalog: async () => ({ path, sha256: SHA, modifiedAt: MODIFIED }),
    contentPath: async (sha256, fileName) => (sha256 === SHA && fileName === 'Setup ü.exe' ? path : null),
    log: silentLog,
    ...changes,
  });
  t.after(() => server.close());
  return { ...server, path };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask(
  server: CatalogServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: server.port,
        servername: HOST,
        ca: authority.certificate,
        path,
        method,
        headers,
        agent: false,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(pieces),
          }),
        );
      },
    );
    call.on('error', reject);
    call.end();
  });
}

describe('the catalog server', () => {
  test('serves the catalog whole, with what is needed to ask again cheaply', async (t) => {
    const server = await start(t);
    const { status, headers, body } = await ask(server, CAB);
    assert.equal(status, 200);
    assert.ok(body.equals(BODY));
    assert.equal(headers.etag, `"${SHA}"`);
    assert.equal(headers['last-modified'], 'Tue, 24 Nov 2026 10:00:00 GMT');
    assert.equal(headers['content-length'], String(BODY.length));
    assert.equal(headers['content-type'], 'application/vnd.ms-cab-compressed');
    assert.equal(headers['cache-control'], 'no-cache');
    const head = await ask(server, CAB, {}, 'HEAD');
    assert.deepEqual(
      [head.status, head.headers['content-length'], head.body.length],
      [200, String(BODY.length), 0],
    );
    assert.equal((await ask(server, `${CAB}?ticket=1`)).status, 200);
  });

  test('says 304 for what the client has', async (t) => {
    const server = await start(t);
    const cases: readonly [Record<string, string>, number][] = [
      [{ 'if-none-match': `"${SHA}"` }, 304],
      [{ 'if-none-match': `"other", W/"${SHA}"` }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-none-match': '"other"' }, 200],
      [{ 'if-modified-since': 'Tue, 24 Nov 2026 10:00:00 GMT' }, 304],
      [{ 'if-modified-since': 'Tue, 24 Nov 2026 09:59:59 GMT' }, 200],
      [{ 'if-modified-since': 'nonsense' }, 200],
      // The tag decides where both are given.
      [{ 'if-none-match': '"other"', 'if-modified-since': 'Tue, 24 Nov 2026 10:00:00 GMT' }, 200],
    ];
    for (const [headers, expected] of cases) {
      const answer = await ask(server, CAB, headers);
      assert.equal(answer.status, expected, JSON.stringify(headers));
      assert.equal(answer.body.length, expected === 304 ? 0 : BODY.length);
      assert.equal(answer.headers.etag, `"${SHA}"`);
    }
  });

  test('content is immutable and is resumed by ranges', async (t) => {
    const server = await start(t);
    const whole = await ask(server, CONTENT);
    assert.deepEqual([whole.status, whole.body.length], [200, BODY.length]);
    assert.equal(whole.headers['cache-control'], 'public, max-age=31536000, immutable');
    const last = BODY.length - 1;
    const ranges: readonly [string, number, string | null][] = [
      ['bytes=0-9', 206, `bytes 0-9/${BODY.length}`],
      ['bytes=99990-', 206, `bytes 99990-${last}/${BODY.length}`],
      ['bytes=-5', 206, `bytes ${BODY.length - 5}-${last}/${BODY.length}`],
      ['bytes=5-999999999', 206, `bytes 5-${last}/${BODY.length}`],
      ['bytes=100000-', 416, `bytes */${BODY.length}`],
      ['bytes=-0', 416, `bytes */${BODY.length}`],
      ['bytes=0-1,5-6', 200, null],
      ['bytes=9-5', 200, null],
      ['bytes=-', 200, null],
      ['lines=0-1', 200, null],
    ];
    for (const [range, status, contentRange] of ranges) {
      const answer = await ask(server, CONTENT, { range });
      assert.equal(answer.status, status, range);
      assert.equal(answer.headers['content-range'] ?? null, contentRange, range);
      if (status !== 206) continue;
      const [, from = 0, to = 0] = /bytes (\d+)-(\d+)/.exec(contentRange ?? '')?.map(Number) ?? [];
      assert.ok(answer.body.equals(BODY.subarray(from, to + 1)), range);
    }
    const ifRange = async (value: string) =>
      (await ask(server, CONTENT, { range: 'bytes=0-0', 'if-range': value })).status;
    assert.deepEqual(
      [await ifRange(`"${SHA}"`), await ifRange('"other"'), await ifRange(`W/"${SHA}"`)],
      [206, 200, 200],
    );
    assert.equal((await ask(server, CONTENT, { range: 'bytes=0-0' }, 'HEAD')).status, 200);
  });

  test('nothing but what is published is there', async (t) => {
    const asked: string[] = [];
    const server = await start(t, {
      contentPath: async (sha256, fileName) => {
        asked.push(`${sha256}/${fileName}`);
        return null;
      },
    });
    for (const path of [
      '/',
      '/catalogs/',
      '/catalogs/other.cab',
      '/catalogs/patchpress.cab/',
      '/catalogs/../catalogs/patchpress.cab',
      '/content/../../etc/passwd',
      `/content/${SHA}/../../../etc/passwd`,
      `/content/${SHA}/..%2F..%2Fetc%2Fpasswd`,
      `/content/${SHA}/..%5C..%5Cetc`,
      `/content/${SHA.toUpperCase()}/Setup.exe`,
      `/content/${SHA}0/Setup.exe`,
      `/content/${SHA}/`,
      '/content/%',
      '//',
      '/%00',
    ]) {
      const answer = await ask(server, path);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.body.toString(), 'there is no such file here\n');
    }
    assert.deepEqual(asked, [], 'none of these is even asked for');
    assert.equal((await ask(server, `/content/${SHA}/..`)).status, 404);
    assert.equal((await ask(server, `/content/${SHA}/unknown.exe`)).status, 404);
    assert.deepEqual(asked, [`${SHA}/..`, `${SHA}/unknown.exe`]);
  });

  test('before the first revision there is no catalog; other methods are refused', async (t) => {
    const server = await start(t, { currentCatalog: async () => null });
    assert.equal((await ask(server, CAB)).status, 404);
    const post = await ask(server, CAB, {}, 'POST');
    assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
  });

  test('a file that cannot be read is an answer, and the next one is served', async (t) => {
    let isBroken = true;
    const server = await start(t, {
      currentCatalog: async () => {
        if (isBroken) throw new Error('the ledger is busy');
        return { path: '/nonexistent/object', sha256: SHA };
      },
    });
    const answer = await ask(server, CAB);
    assert.deepEqual([answer.status, answer.headers.etag], [500, undefined]);
    isBroken = false;
    assert.equal((await ask(server, CAB)).status, 500);
    assert.equal((await ask(server, CONTENT)).status, 200);
  });

  test('the catalog that stands changes between two answers, never inside one', async (t) => {
    const folder = temporaryFolder(t);
    const objects = ['a', 'b'].map((letter) => {
      const bytes = Buffer.alloc(3 << 20, letter);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(join(folder, sha256), bytes);
      return { sha256, path: join(folder, sha256) };
    });
    let turn = 0;
    const server = await start(t, {
      currentCatalog: async () => {
        turn += 1;
        return objects[turn % 2] ?? null;
      },
    });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(server, CAB)));
    for (const { body, headers } of answers) {
      assert.equal(headers.etag, `"${createHash('sha256').update(body).digest('hex')}"`);
    }
    assert.equal(new Set(answers.map(({ headers }) => headers.etag)).size, 2);
  });

  test('garbage instead of a request ends that connection alone', async (t) => {
    const server = await start(t);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: server.port, servername: HOST, ca: authority.certificate },
        () => socket.write('\u0000\u0001 garbage\r\n\r\n'),
      );
      socket.on('close', () => resolve());
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve() : reject(error),
      );
      socket.resume();
    });
    assert.equal((await ask(server, CAB)).status, 200);
  });

  test('a port in use and a key that does not fit are told as what they are', async (t) => {
    const server = await start(t);
    const isConfiguration = (error: unknown) =>
      error instanceof PermanentError && error.code === 'configuration.invalid';
    await assert.rejects(start(t, { listen: { host: '127.0.0.1', port: server.port } }), isConfiguration);
    const tls = { certificate: identity.certificate, key: authority.key };
    await assert.rejects(start(t, { tls }), isConfiguration);
  });
});
