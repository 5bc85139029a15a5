import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EXIT } from '../../../src/app/cli/output.js';
import { checkProducts } from '../../../src/app/cli/product-check.js';
import { newProduct } from '../../../src/app/cli/product-new.js';
import { placeOfProduct } from '../../../src/config/products.js';
import { makeAuthority, makeIdentity } from '../../lab/certificates.js';

const MSI = 'src/lab/vendor-site/fixtures/installers/7zip-7zip/26.02/7z2602-x64.msi';
const MANIFEST = `PackageIdentifier: Maker.App
PackageVersion: 1.2.3
PackageName: App
Publisher: Maker
License: MIT
ShortDescription: An app
Installers:
- Architecture: x64
  InstallerType: nullsoft
  Scope: machine
  InstallerUrl: https://files.test/app-1.2.3-x64.exe
  InstallerSha256: ${'AB'.repeat(32)}
ManifestType: singleton
ManifestVersion: 1.6.0
`;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'product-commands-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What a command writes to standard output, and its exit code. */
async function outputOf(t: TestContext, run: () => Promise<number>) {
  const writes = (['stdout', 'stderr'] as const).map((to) => t.mock.method(process[to], 'write', () => true));
  const code = await run().finally(() => t.mock.restoreAll());
  const [stdout = '', stderr = ''] = writes.map(({ mock }) =>
    mock.calls.map(({ arguments: [text] }) => String(text)).join(''),
  );
  return { code, stdout, stderr };
}

test("a definition is drafted from winget's manifest, is good, and never written over", async (t) => {
  const out = folderOf(t);
  const manifest = join(out, 'app.yaml');
  writeFileSync(manifest, MANIFEST);
  const drafted = await outputOf(t, () => newProduct({ winget: [manifest], out }));
  assert.equal(drafted.code, EXIT.ok);
  const file = drafted.stdout.trim();
  const definition = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual([definition.id, definition.installers[0].technology], ['Maker.App', 'nullsoft']);
  await assert.rejects(newProduct({ winget: [manifest], out }), { code: 'definition.invalid' });
  const checked = await outputOf(t, () => checkProducts(['maker.app'], { products: out }));
  assert.deepEqual([checked.code, checked.stdout.match(/^Maker\.App: tier [ABC]$/m)?.length], [EXIT.ok, 1]);
});

test('a definition is drafted from an installer, with what it proves', async (t) => {
  const { code, stdout } = await outputOf(t, () => newProduct({ installer: MSI, id: 'Maker.Zip' }));
  const { id, installers } = JSON.parse(stdout);
  assert.deepEqual([code, id, installers[0].technology], [EXIT.ok, 'Maker.Zip', 'msi']);
  assert.match(JSON.stringify(installers[0].detection), /upgradeCode|productCode/);
  await assert.rejects(newProduct({}), { code: 'payload.invalid' });
});

/** A vendor on loopback that gives what is listed, under settings by which it may be asked. */
async function startVendor(t: TestContext, answers: Readonly<Record<string, string>>): Promise<string> {
  const folder = folderOf(t);
  const authority = makeAuthority('Product Test Root');
  const { certificate, key } = makeIdentity('localhost', { hosts: ['localhost'] }, authority);
  const server = createServer({ cert: certificate, key }, ({ url = '' }, response) => {
    const body = answers[url];
    const length = { 'content-length': body?.length ?? 0 };
    response.writeHead(body === undefined ? 404 : 200, length).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const config = join(folder, 'patchpress.yaml');
  writeFileSync(join(folder, 'ca.pem'), authority.certificate);
  const host = '{ concurrency: 4, requestsPerSecond: 1000 }';
  writeFileSync(
    config,
    `network:\n  caFile: ${join(folder, 'ca.pem')}\n  privateHosts: [localhost]\n  hosts: { localhost: ${host} }\n`,
  );
  const before = process.env.PATCHPRESS_CONFIG;
  process.env.PATCHPRESS_CONFIG = config;
  t.after(() => {
    if (before === undefined) delete process.env.PATCHPRESS_CONFIG;
    else process.env.PATCHPRESS_CONFIG = before;
    server.closeAllConnections();
    server.close();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

test('feeds and files of a vendor are asked as the settings allow it; what is missing is told', async (t) => {
  const products = folderOf(t);
  const origin = await startVendor(t, { '/v.json': '{"version": 4.10}', '/4.10/x64.exe': 'MZ..' });
  const installer = (architecture: string) => ({
    architecture,
    technology: 'nullsoft',
    scope: 'machine',
    urlTemplate: `${origin}/{version}/${architecture}.exe`,
    arguments: '/S',
    returnCodes: [{ code: 0, result: 'Succeeded', reboot: false }],
  });
  const definition = {
    id: 'Maker.App',
    name: 'App',
    vendor: 'Maker',
    tier: 'C',
    lacks: ['a feed that lasts'],
    versionScheme: 'numeric',
    classification: 'Updates',
    feeds: [{ type: 'json', url: `${origin}/v.json`, path: '$.version' }],
    installers: [installer('x64'), installer('x86')],
  };
  const file = join(products, placeOfProduct(definition.id));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(definition));
  const options = { products, feeds: true, urls: true, json: true };
  const { code, stdout } = await outputOf(t, () => checkProducts(['Maker.App'], options));
  const { answers, good, faults } = JSON.parse(stdout);
  assert.deepEqual([good, faults], [['Maker.App'], []]);
  assert.deepEqual(
    answers.map((one: Record<string, unknown>) => [one.asked, one.answer]),
    [
      ['feed 0 json', '4.10'],
      ['x64 nullsoft', '4 bytes'],
      ['x86 nullsoft', ''],
    ],
  );
  assert.match(answers[2].error, /404/);
  assert.equal(code, EXIT.negative);
});
