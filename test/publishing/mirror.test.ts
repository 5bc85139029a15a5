import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createFolderMirror } from '../../src/content/folder-mirror.js';
import { RetryableError } from '../../src/core/errors.js';
import type { Mirror } from '../../src/core/mirror.js';
import { type Route, TARGET_OF } from '../../src/core/publication.js';
import { temporaryFolder } from '../formats/programs.js';
import { openLine } from './line.js';
import { packageIdOf } from './samples.js';
import { openWithLab } from './with-lab.js';

/** Any web server: it knows a folder and nothing of us. */
async function serveFolder(t: TestContext, folder: string, tls: { certificate: string; key: string }) {
  const asked: string[] = [];
  const server = createServer({ cert: tls.certificate, key: tls.key }, (request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    asked.push(path);
    const found = statSync(join(folder, path), { throwIfNoEntry: false });
    if (found?.isFile() !== true) return response.writeHead(404).end();
    const bytes = readFileSync(join(folder, path));
    return response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  return { asked, place: { address: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();
}

describe('a folder behind another web server', () => {
  test('a site has catalog and content of both routes from there', async (t) => {
    const folder = join(temporaryFolder(t), 'www');
    const world = await openWithLab(t, { mirror: createFolderMirror(folder) });
    const { line, lab, sha256, signer } = world;
    lab.trustCatalogCertificate(signer.certificate.der);
    const server = await serveFolder(t, folder, lab.ready.contentServer);
    lab.setContentServer(server.place);
    const publish = async (n: number, route: Route) => {
      await line.publish(n, { route, payloadSha256: sha256 });
      await line.settle();
      line.wait(15_000);
      await line.settle();
      return (await line.ledger.publication(TARGET_OF[route], packageIdOf(n)))?.state;
    };
    assert.equal(await publish(1, 'catalog'), 'distributed');
    assert.equal(await publish(2, 'direct'), 'distributed');
    const content = filesIn(folder).find((path) => path.startsWith(`content/${sha256}/`));
    assert.deepEqual(filesIn(folder), ['catalogs/patchpress.cab', 'catalogs/patchpress/1.cab', content]);
    assert.deepEqual(
      [...new Set(server.asked)].sort(),
      ['/catalogs/patchpress.cab', `/${content}`],
      'nobody asked our own server',
    );
    const catalog = await line.ledger.latestCatalogRevision('configmgr-catalog');
    const cabinet = await line.content.get(catalog?.cabSha256 ?? '');
    assert.deepEqual(readFileSync(join(folder, 'catalogs/patchpress.cab')), cabinet);
    assert.deepEqual(readFileSync(join(folder, content ?? '')), world.file);
  });

  test('a file that somebody cut there is put again; a half one never stands under its name', async (t) => {
    const folder = temporaryFolder(t);
    const source = join(folder, 'source');
    writeFileSync(source, 'whole');
    const file = {
      path: 'content/aa/a b.msi',
      sha256: 'aa',
      sizeBytes: 5,
      contentType: 'x/y',
      cacheControl: '',
      isFixed: true,
    };
    const put = (more: object = {}) =>
      createFolderMirror(join(folder, 'www')).put({ ...file, source: async () => source, ...more }, t.signal);
    await put();
    const place = join(folder, 'www/content/aa/a b.msi');
    assert.equal(readFileSync(place, 'utf8'), 'whole');
    await put({ source: () => assert.fail('what is there is not read again') });
    writeFileSync(place, 'who');
    await put();
    assert.equal(readFileSync(place, 'utf8'), 'whole');
    const late = join(folder, 'late');
    writeFileSync(late, 'later');
    const both = [put({ isFixed: false }), put({ isFixed: false, source: async () => late })];
    await Promise.all(both);
    assert.match(readFileSync(place, 'utf8'), /^(whole|later)$/, 'two turns at once');
    for (const path of ['content/aa/..', 'content/../x', 'a\\b', '/etc/x', 'content//x', 'a\u0000', '.x/y'])
      await assert.rejects(put({ path }), { code: 'target.refused' }, path);
    mkdirSync(join(folder, 'www/content/aa/taken'));
    await assert.rejects(put({ path: 'content/aa/taken' }), {
      code: 'target.refused',
      nextStep: /content\.mirror\.folder/,
    });
    assert.deepEqual(filesIn(join(folder, 'www')), ['content/aa/a b.msi']);
  });
});

describe('the order of what is put', () => {
  function recording() {
    const put: string[] = [];
    const mirror: Mirror & { fault: Error | null } = {
      fault: null,
      place: 'a store',
      async put({ path, source }) {
        if (mirror.fault !== null) throw mirror.fault;
        await source();
        put.push(path);
      },
    };
    return { mirror, put };
  }

  test('content, then the cabinet, then the address that sites read; nobody asks the site before', async (t) => {
    const { mirror, put } = recording();
    let asked = 0;
    const line = await openLine(t, {
      mirror,
      site: () =>
        ({
          updates: async () => {
            asked += 1;
            return [];
          },
        }) as never,
    });
    mirror.fault = new RetryableError('target.unreachable', 'the store is away');
    const { packageId } = await line.publish(1);
    await line.settle();
    const standing = await line.publication(1);
    assert.deepEqual([standing?.state, asked], ['published', 0]);
    assert.match(standing?.reason ?? '', /catalog revision 1 is not where sites read it yet/);
    const work = await line.work('mirror/configmgr-catalog');
    assert.match(`${work?.state} ${work?.reason}`, /ready.*the store is away|waiting.*the store is away/);

    mirror.fault = null;
    line.wait(60_000);
    await line.settle();
    assert.equal((await line.work('mirror/configmgr-catalog'))?.state, 'done');
    assert.deepEqual(put.slice(-2), ['catalogs/patchpress/1.cab', 'catalogs/patchpress.cab']);
    assert.ok(asked > 0);
    assert.equal((await line.ledger.publication('configmgr-catalog', packageId))?.catalogRevision, 1);
  });
});
