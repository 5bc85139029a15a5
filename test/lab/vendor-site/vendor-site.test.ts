import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  startVendorSite,
  VENDOR_FAULTS,
  VENDOR_HOSTS,
  type VendorSite,
} from '../../../src/lab/vendor-site/index.js';
import { temporaryFolder } from '../../formats/programs.js';
import { makeAuthority, makeIdentity } from '../certificates.js';
import { fixtureOf, fixtures } from '../fixtures.js';
import { createVendorClient, type VendorClient } from './client.js';

const NODE = fixtureOf('OpenJS.NodeJS', '26.7.0', 'x64/msi/any/machine');
const NOTEPAD = fixtureOf('Notepad++.Notepad++', '8.9.7', 'x64/nullsoft/any/machine');
const PUTTY = fixtureOf('PuTTY.PuTTY', '0.85', 'x86/msi/any/machine');
const SEVEN_ZIP = fixtureOf('7zip.7zip', '26.02', 'x64/msi/any/machine');
const WINSCP = fixtureOf('WinSCP.WinSCP', '6.5.6', 'x86/inno/any/machine');
const SEVEN_ZIP_FEED = 'https://api.github.com/repos/ip7z/7zip/releases/latest';
const MANIFEST =
  'https://raw.githubusercontent.com/microsoft/winget-pkgs/master/manifests/7/7zip/7zip/26.02/7zip.7zip.installer.yaml';
const WINSCP_FEED = 'https://sourceforge.net/projects/winscp/rss?path=/WinSCP';
const WIRESHARK_FEED = 'https://www.wireshark.org/update/0/Wireshark/0.0.0/Windows/x86-64/en-US/stable.xml';
const NODE_FEED = 'https://nodejs.org/dist/index.json';
const NOTEPAD_FEED = 'https://api.github.com/repos/notepad-plus-plus/notepad-plus-plus/releases/latest';
const KEEPASS_FEED = 'https://api.github.com/repos/keepassxreboot/keepassxc/releases?per_page=30';
const PUTTY_FEED = 'https://www.chiark.greenend.org.uk/~sgtatham/putty/latest.html';

const authority = makeAuthority('Vendor Site Test CA');
let site: VendorSite;
let get: VendorClient['get'];
let follow: VendorClient['follow'];

before(async () => {
  const identity = makeIdentity('vendors', { usage: 'serverAuth', hosts: VENDOR_HOSTS }, authority);
  site = await startVendorSite({ port: 0, identity, fixtures });
  ({ get, follow } = createVendorClient(site.port, authority.certificate));
});
after(() => site.close());

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const json = async (address: string) => JSON.parse((await get(address)).body.toString('utf8'));

async function withFault<T>(
  productId: string,
  fault: Parameters<VendorSite['setFault']>[1],
  body: () => Promise<T>,
): Promise<T> {
  site.setFault(productId, fault);
  try {
    return await body();
  } finally {
    site.setFault(productId, null);
  }
}

test('nodejs.org lists versions from new to old', async () => {
  const answer = await get(NODE_FEED);
  assert.equal(answer.headers['content-type'], 'application/json');
  const rows = JSON.parse(answer.body.toString('utf8'));
  assert.deepEqual(
    rows.slice(0, 3).map((row: { version: string; date: string }) => [row.version, row.date]),
    [
      ['v26.7.0', '2026-08-05'],
      ['v26.6.0', '2026-08-03'],
      ['v26.5.1', '2026-07-28'],
    ],
  );
  assert.deepEqual(Object.keys(rows[0]), [
    ...['version', 'date', 'files', 'npm', 'v8', 'uv', 'zlib', 'openssl', 'modules', 'lts', 'security'],
  ]);
  assert.ok(rows[0].files.includes('win-x64-msi'));
});

test('GitHub shows the latest release as one object with digests of the real files', async () => {
  const release = await json(NOTEPAD_FEED);
  assert.equal(release.tag_name, 'v8.9.7');
  assert.equal(release.draft || release.prerelease, false);
  assert.deepEqual(
    release.assets.map((asset: { name: string }) => asset.name),
    [
      'npp.8.9.7.Installer.x64.exe',
      'npp.8.9.7.Installer.exe',
      'npp.8.9.7.Installer.arm64.exe',
      'npp.8.9.7.Installer.arm64.msi',
      'npp.8.9.7.portable.x64.zip',
      'npp.8.9.7.checksums.sha256',
    ],
  );
  const [asset] = release.assets;
  assert.equal(asset.digest, `sha256:${NOTEPAD.sha256}`);
  assert.equal(asset.size, NOTEPAD.sizeBytes);
  assert.equal(asset.browser_download_url, NOTEPAD.url);
  const byTag = await json(NOTEPAD_FEED.replace('latest', 'tags/v8.9.6.4'));
  assert.equal(byTag.tag_name, 'v8.9.6.4');
});

test('the list of releases has a draft, a prerelease, pages', async () => {
  const rows = await json(KEEPASS_FEED);
  assert.deepEqual(
    rows.map(
      (row: { tag_name: string; draft: boolean; prerelease: boolean; published_at: string | null }) => [
        row.tag_name,
        row.draft,
        row.prerelease,
        row.published_at,
      ],
    ),
    [
      ['2.8.0', true, false, null],
      ['2.8.0-beta1', false, true, '2026-07-01T09:00:00Z'],
      ['2.7.12', false, false, '2026-03-10T09:00:00Z'],
      ['2.7.11', false, false, '2025-11-23T09:00:00Z'],
      ['2.7.10', false, false, '2025-03-04T09:00:00Z'],
      ['2.7.9', false, false, '2024-06-19T09:00:00Z'],
    ],
  );
  const second = await json(KEEPASS_FEED.replace('per_page=30', 'per_page=4&page=2'));
  assert.deepEqual(
    second.map((row: { tag_name: string }) => row.tag_name),
    ['2.7.10', '2.7.9'],
  );
});

test('GitHub turns away a client that does not say who it is', async () => {
  assert.equal((await get(NOTEPAD_FEED, { 'user-agent': '' })).status, 403);
});

test('the page of PuTTY names the version, and its links lead to the files', async () => {
  const page = (await get(PUTTY_FEED)).body.toString('utf8');
  assert.match(page, /Currently this is 0\.85, released on 2026-08-16\./);
  const link = /href="(https:[^"]+putty-0\.85-installer\.msi)"/.exec(page)?.[1] ?? '';
  assert.equal(link, 'https://the.earth.li/~sgtatham/putty/latest/w32/putty-0.85-installer.msi');
  assert.equal((await get(link)).headers.location, PUTTY.url);
  assert.equal(sha256((await follow(link)).body), PUTTY.sha256);
});

test('GitHub leaves out digests where the files are from before it took them', async () => {
  const rows = await json('https://api.github.com/repos/WinMerge/winmerge/releases?per_page=30');
  assert.deepEqual(
    rows.map((row: { tag_name: string }) => row.tag_name),
    ['v2.16.59-beta', 'v2.16.58', 'v2.16.56', 'v2.16.54'],
  );
  for (const asset of rows[1].assets) assert.equal(asset.digest, null);
  const git = await json('https://api.github.com/repos/git-for-windows/git/releases/latest');
  assert.deepEqual([git.tag_name, git.name], ['v2.55.0.windows.5', 'Git for Windows v2.55.0(5)']);
});

test('SourceForge shows the files of a folder, and leads to a mirror', async () => {
  const { headers, body } = await get(WINSCP_FEED);
  assert.equal(headers['content-type'], 'application/rss+xml; charset=utf-8');
  const text = body.toString('utf8');
  assert.deepEqual(
    [...text.matchAll(/<title><!\[CDATA\[([^\]]+)/g)].map((match) => match[1]),
    [
      '/WinSCP/6.6.1.beta/WinSCP-6.6.1.beta-Setup.exe',
      '/WinSCP/6.5.6/WinSCP-6.5.6-Setup.exe',
      '/WinSCP/6.5.6/WinSCP-6.5.6.msi',
      '/WinSCP/6.5.6/WinSCP-6.5.6-Portable.zip',
      '/WinSCP/6.5.5/WinSCP-6.5.5-Setup.exe',
      '/WinSCP/6.5.5/WinSCP-6.5.5.msi',
      '/WinSCP/6.5.5/WinSCP-6.5.5-Portable.zip',
    ],
  );
  assert.match(text, new RegExp(`url="${WINSCP.url}" filesize="${WINSCP.sizeBytes}"`));
  assert.match(text, /<pubDate>Wed, 25 Mar 2026 09:00:00 UT<\/pubDate>/);
  const first = String((await get(WINSCP.url)).headers.location);
  const second = String((await get(first)).headers.location);
  assert.deepEqual(
    [first, second].map((address) => new URL(address).hostname),
    ['downloads.sourceforge.net', 'netcologne.dl.sourceforge.net'],
  );
  assert.equal(sha256((await get(second)).body), WINSCP.sha256);
});

test('an appcast, an XML document and a text file name the newest', async () => {
  const appcast = (await get(WIRESHARK_FEED)).body.toString('utf8');
  assert.match(appcast, /<enclosure url="[^"]+Wireshark-4\.6\.8-x64\.exe"\s+sparkle:version="4\.6\.8"/);
  const status = (await get('https://update.videolan.org/vlc/status-win-x64')).body.toString('utf8');
  assert.deepEqual(status.split('\n').slice(0, 2), [
    '3.0.23',
    'https://get.videolan.org/vlc/3.0.23/win64/vlc-3.0.23-win64.exe',
  ]);
  const document = (await get('https://www.pdf-xchange.com/updater/UpdaterData.xml')).body.toString('utf8');
  assert.deepEqual(
    [...document.matchAll(/bundle id="([^"]+)"/g)].map((match) => match[1]),
    ['Editor/x64', 'Editor/x86', 'Tools/x64'],
  );
  assert.match(document, /<version>10\.6\.0\.396<\/version>[\s\S]*<version>11\.0\.1\.0<\/version>/);
});

test('winget manifests name the digest of the vendor file, and other digests of others', async () => {
  const answer = await get(MANIFEST);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  const manifest = answer.body.toString('utf8');
  assert.match(manifest, /^PackageVersion: "26\.02"$/m);
  assert.ok(
    manifest.includes(
      `InstallerUrl: ${SEVEN_ZIP.url}\n  InstallerSha256: ${SEVEN_ZIP.sha256.toUpperCase()}\n`,
    ),
  );
  assert.equal(manifest.match(/InstallerSha256/g)?.length, 5);
  assert.equal((await get(MANIFEST.replace('26.02', '26.03'))).status, 404);
  assert.equal((await get(MANIFEST, { 'if-none-match': String(answer.headers.etag) })).status, 304);
});

test('second-vantage-differs: another digest there, all as before at the vendor', async () => {
  await withFault('7zip.7zip', 'second-vantage-differs', async () => {
    const manifest = (await get(MANIFEST)).body.toString('utf8');
    assert.ok(manifest.includes(`InstallerUrl: ${SEVEN_ZIP.url}\n`));
    assert.ok(!manifest.includes(SEVEN_ZIP.sha256.toUpperCase()));
    const assets = (await json(SEVEN_ZIP_FEED)).assets;
    assert.equal(assets[0].digest, `sha256:${SEVEN_ZIP.sha256}`);
    assert.equal(sha256((await follow(SEVEN_ZIP.url)).body), SEVEN_ZIP.sha256);
  });
});

test('what goes wrong at the vendor does not go wrong at the second vantage', async () => {
  for (const fault of ['feed-html', 'busy', 'not-found'] as const) {
    await withFault('7zip.7zip', fault, async () => {
      assert.match((await get(MANIFEST)).body.toString('utf8'), /^PackageIdentifier: 7zip\.7zip$/m);
    });
  }
});

test('a later version is there once it is released, and stays after a restart', async (t) => {
  const stateFile = join(temporaryFolder(t), 'vendor-site.json');
  const identity = makeIdentity('vendors', { usage: 'serverAuth', hosts: VENDOR_HOSTS }, authority);
  const start = () => startVendorSite({ port: 0, identity, fixtures, stateFile });
  const latest = async (port: number, etag = '') => {
    const client = createVendorClient(port, authority.certificate);
    const seen: (string | number)[] = [];
    for (const feed of [NODE_FEED, SEVEN_ZIP_FEED, PUTTY_FEED]) {
      const answer = await client.get(feed, etag === '' ? {} : { 'if-none-match': etags.get(feed) ?? '' });
      if (etag === '') etags.set(feed, String(answer.headers.etag));
      const text = answer.body.toString('utf8');
      seen.push(answer.status === 304 ? 304 : (/v26\.\d\.\d|26\.0\d|0\.8\d/.exec(text)?.[0] ?? text));
    }
    return seen;
  };
  const etags = new Map<string, string>();
  const first = await start();
  assert.deepEqual(await latest(first.port), ['v26.7.0', '26.02', '0.85']);
  assert.deepEqual(first.released(), []);
  first.release('7zip.7zip');
  first.release('OpenJS.NodeJS');
  first.release('7zip.7zip');
  assert.deepEqual(first.released(), ['7zip.7zip', 'OpenJS.NodeJS']);
  assert.deepEqual(await latest(first.port, 'known'), ['v26.8.0', '26.03', 304]);
  assert.throws(() => first.release('PuTTY.PuTTY'), { code: 'not-found' });
  await first.close();

  const second = await start();
  t.after(() => second.close());
  assert.deepEqual(second.released(), ['7zip.7zip', 'OpenJS.NodeJS']);
  assert.deepEqual(await latest(second.port, 'known'), ['v26.8.0', '26.03', 304]);
  const client = createVendorClient(second.port, authority.certificate);
  const next = fixtureOf('7zip.7zip', '26.03', SEVEN_ZIP.variant);
  assert.equal(sha256((await client.follow(next.url)).body), next.sha256);
  assert.equal((await client.get(MANIFEST.replace('26.02', '26.03'))).status, 200);
  second.setFault('OpenJS.NodeJS', 'unsigned');
  const altered = fixtures.altered(fixtureOf('OpenJS.NodeJS', '26.8.0', NODE.variant), 'unsigned');
  assert.equal(sha256((await client.get(altered.url)).body), altered.sha256);
});

test('every file is served at its address, by way of the store where GitHub has one', async () => {
  for (const fixture of fixtures.shipped.filter(({ stage }) => stage === 'next')) {
    assert.equal((await follow(fixture.url)).status, 404, fixture.url);
  }
  for (const fixture of fixtures.shipped.filter(({ stage }) => stage !== 'next')) {
    const answer = await follow(fixture.url);
    assert.equal(answer.status, 200, fixture.url);
    assert.equal(sha256(answer.body), fixture.sha256);
    assert.equal(answer.headers['content-length'], String(fixture.sizeBytes));
    assert.equal(Date.parse(String(answer.headers['last-modified'])), Date.parse(fixture.releasedAt));
  }
  const location = new URL(String((await get(NOTEPAD.url)).headers.location));
  assert.equal(location.hostname, 'release-assets.githubusercontent.com');
  const count = site.requests()[`${location.hostname}${location.pathname}`];
  assert.equal(count, 1);
});

test('what is known is answered 304, by ETag and by date', async () => {
  for (const feed of [NODE_FEED, NOTEPAD_FEED, PUTTY_FEED, WINSCP_FEED, WIRESHARK_FEED]) {
    const { headers } = await get(feed);
    const known = await get(feed, { 'if-none-match': String(headers.etag) });
    assert.deepEqual([known.status, known.body.length, known.headers.etag], [304, 0, headers.etag]);
    const unmodified = await get(feed, { 'if-modified-since': String(headers['last-modified']) });
    assert.equal(unmodified.status, 304);
    // The ETag wins over the date.
    const both = { 'if-none-match': '"other"', 'if-modified-since': String(headers['last-modified']) };
    assert.equal((await get(feed, both)).status, 200);
    assert.equal((await get(feed, { 'if-modified-since': new Date(0).toUTCString() })).status, 200);
  }
});

test('files are served in ranges, and whole when they have changed', async () => {
  const whole = fixtures.read(NODE);
  const part = await get(NODE.url, { range: 'bytes=1000-1999' });
  assert.equal(part.status, 206);
  assert.equal(part.headers['content-range'], `bytes 1000-1999/${whole.length}`);
  assert.deepEqual(part.body, whole.subarray(1000, 2000));
  const rest = await get(NODE.url, { range: 'bytes=16000-', 'if-range': String(part.headers.etag) });
  assert.deepEqual(rest.body, whole.subarray(16000));
  assert.equal((await get(NODE.url, { range: 'bytes=16000-', 'if-range': '"old"' })).status, 200);
  assert.equal((await get(NODE.url, { range: 'bytes=900000-' })).status, 416);
  const head = await get(NODE.url, {}, { method: 'HEAD' });
  assert.deepEqual([head.status, head.body.length], [200, 0]);
});

test('other hosts, paths and methods are not answered', async () => {
  const vendor = { servername: 'nodejs.org' };
  assert.equal((await get('https://example.com/', {}, vendor)).status, 404);
  assert.equal((await get('https://github.com/', {}, vendor)).status, 421);
  assert.equal((await get('https://nodejs.org/dist/v26.5.1/node-v26.5.1-x64.msi')).status, 404);
  assert.equal((await get('https://nodejs.org/dist/..%2findex.json')).status, 404);
  assert.equal((await get('https://nodejs.org/%ff')).status, 400);
  assert.equal((await get(NODE_FEED, {}, { method: 'DELETE' })).status, 405);
});

test('feed-html: a web page in the feed, the files as before', async () => {
  await withFault('OpenJS.NodeJS', 'feed-html', async () => {
    const feed = await get(NODE_FEED);
    assert.equal(feed.status, 200);
    assert.match(feed.body.toString('utf8'), /^<!DOCTYPE html>/);
    assert.equal((await get(NODE.url)).status, 200);
    assert.equal((await get(PUTTY_FEED)).status, 200);
  });
  assert.equal((await json(NODE_FEED))[0].version, 'v26.7.0');
});

test('not-found: the feed names a file that is not there', async () => {
  await withFault('Notepad++.Notepad++', 'not-found', async () => {
    assert.equal((await json(NOTEPAD_FEED)).tag_name, 'v8.9.7');
    assert.equal((await get(NOTEPAD.url)).status, 404);
    assert.equal((await json(KEEPASS_FEED)).length, 6);
  });
});

test('busy: 429 with Retry-After', async () => {
  await withFault('PuTTY.PuTTY', 'busy', async () => {
    for (const address of [PUTTY_FEED, PUTTY.url]) {
      const answer = await get(address);
      assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '1']);
    }
  });
});

test('wrong-digest: the feed says the digest of the good file', async () => {
  await withFault('Notepad++.Notepad++', 'wrong-digest', async () => {
    const [asset] = (await json(NOTEPAD_FEED)).assets;
    const { body } = await follow(NOTEPAD.url);
    assert.equal(asset.digest, `sha256:${NOTEPAD.sha256}`);
    assert.equal(body.length, NOTEPAD.sizeBytes);
    assert.notEqual(sha256(body), NOTEPAD.sha256);
  });
});

for (const fault of ['unsigned', 'changed-signer'] as const) {
  test(`${fault}: the feed says the digest of what is served`, async () => {
    await withFault('Notepad++.Notepad++', fault, async () => {
      const [asset] = (await json(NOTEPAD_FEED)).assets;
      const { body } = await follow(NOTEPAD.url);
      const altered = fixtures.altered(NOTEPAD, fault);
      assert.equal(sha256(body), altered.sha256);
      assert.deepEqual([asset.digest, asset.size], [`sha256:${altered.sha256}`, body.length]);
      // Older versions lie there as they did.
      const older = fixtureOf(NOTEPAD.productId, '8.9.6.4', NOTEPAD.variant);
      assert.equal(sha256((await follow(older.url)).body), older.sha256);
    });
  });
}

test('truncated: the connection ends in the middle of the file', async () => {
  await withFault('OpenJS.NodeJS', 'truncated', async () => {
    const answer = await get(NODE.url);
    assert.equal(answer.complete, false);
    assert.equal(answer.headers['content-length'], String(NODE.sizeBytes));
    assert.equal(answer.body.length, NODE.sizeBytes >> 1);
  });
});

test('slow: the file trickles', async () => {
  await withFault('OpenJS.NodeJS', 'slow', async () => {
    const firstBytes = await new Promise<number>((resolve, reject) => {
      const url = new URL(NODE.url);
      const call = request(
        {
          ...{ host: '127.0.0.1', port: site.port, servername: url.hostname, path: url.pathname },
          ...{ headers: { host: url.host }, ca: authority.certificate, agent: false },
        },
        (response) => {
          response.once('data', (piece: Buffer) => {
            resolve(piece.length);
            response.destroy();
          });
        },
      );
      call.on('error', reject);
      call.end();
    });
    assert.equal(firstBytes, 64);
  });
});

test('a fault needs a product that is served', () => {
  assert.throws(() => site.setFault('No.Product', 'busy'), /no such installer/);
  assert.throws(() => site.setFault('WinMerge.WinMerge', 'unsigned'), /no such installer/);
  assert.equal(VENDOR_FAULTS.length, 9);
});
