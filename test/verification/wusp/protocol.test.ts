import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Machine } from '../../../src/core/machine.js';
import { contentFileOf, sendFile } from '../../../src/lab/software-update-point/ranges.js';
import {
  contentPath,
  createCatalogue,
  type ServedUpdate,
} from '../../../src/lab/software-update-point/wusp/catalogue.js';
import { createCookies } from '../../../src/lab/software-update-point/wusp/cookies.js';
import {
  answerWusp,
  isWuspPath,
  type WuspServer,
} from '../../../src/lab/software-update-point/wusp/endpoints.js';
import type { ReportedEvent } from '../../../src/lab/software-update-point/wusp/reports.js';
import {
  ContentUnavailable,
  contentAddress,
  DigestMismatch,
  downloadContent,
} from '../../../src/verification/wusp/content.js';
import { extendedInfo } from '../../../src/verification/wusp/extended.js';
import { EVENT, reportEvents, scanEvents } from '../../../src/verification/wusp/reports.js';
import { openSession, type WuspSession } from '../../../src/verification/wusp/session.js';
import { type InstalledIn, syncUpdates, type UpdateCache } from '../../../src/verification/wusp/sync.js';
import type { WuspTransport } from '../../../src/verification/wusp/transport.js';

const NOW = new Date('2026-11-24T10:00:00.000Z');
const machine: Machine = {
  os: {
    version: '10.0.22631.1',
    productType: 1,
    suiteMask: 256,
    architecture: 'x64',
    language: 'en-US',
    muiLanguages: [],
  },
  registry: { '64': {}, '32': {} },
  files: [],
  msi: { products: [], patches: [] },
  wmi: [],
  processors: 4,
};
const computer = { clientId: 'e1da06a3-5601-43c9-bac3-52d5db701494', dnsName: 'device.lab' };

const content = Buffer.alloc((1 << 20) + 777, 'patch');
const sha1 = createHash('sha1').update(content).digest('base64');
const sha256 = createHash('sha256').update(content).digest('base64');
const file = { fileName: 'item_2.cab', sizeBytes: content.length, sha1, sha256 };

const id = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const served = (index: number, update: Partial<ServedUpdate> = {}): ServedUpdate => ({
  revisionId: 1000 + index,
  deploymentId: index,
  updateId: id(index),
  revision: 1,
  isCategory: false,
  action: 'Install',
  changedAt: NOW.toISOString(),
  prerequisites: [],
  core: `<UpdateIdentity UpdateID="${id(index)}" RevisionNumber="1" />`,
  extended: `<ExtendedProperties DefaultPropertiesLanguage="en" /><Files />`,
  localized: [
    { language: 'en', xml: `<LocalizedProperties><Title>Update ${index}</Title></LocalizedProperties>` },
  ],
  files: [],
  ...update,
});

const folder = mkdtempSync(join(tmpdir(), 'protocol-'));
const storedAt = join(folder, contentPath(sha1, 'cab').replace('/Content/', ''));
let server: Server;
let base = '';
let updates: readonly ServedUpdate[] = [];
let events: ReportedEvent[] = [];
const registered: string[] = [];
const ranges: (string | undefined)[] = [];

before(async () => {
  mkdirSync(dirname(storedAt), { recursive: true });
  const wusp: WuspServer = {
    serverName: 'sup.lab',
    contentBase: 'https://sup.lab:8531',
    configuredAt: NOW.toISOString(),
    cookies: createCookies(Buffer.alloc(32, 1)),
    now: () => NOW,
    catalogue: () => createCatalogue(updates),
    register: (clientId, dnsName, os) => registered.push(`${clientId} ${dnsName} ${os}`),
    record: (batch) => events.push(...batch),
    toldUntil: () => null,
    told: () => undefined,
    onFault: (error) => assert.fail(String(error)),
  };
  server = createServer((request, response) => {
    const path = request.url ?? '';
    ranges.push(request.headers.range);
    const answer = isWuspPath(path)
      ? answerWusp(wusp, path, request, response)
      : Promise.resolve().then(() => sendFile(contentFileOf(folder, path), request, response));
    answer.catch(() => response.writeHead(404).end('no such content'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  events = [];
  ranges.length = 0;
  writeFileSync(storedAt, content);
});

const transport: WuspTransport = {
  post: (address, headers, body) => call(address, { method: 'POST', headers, body }),
  get: (address, headers) => call(address, { headers }),
};
async function call(
  address: string,
  options: { method?: string; headers: Readonly<Record<string, string>>; body?: string },
) {
  const response = await fetch(address, options);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}
const session = (): Promise<WuspSession> =>
  openSession({ transport, base, computer, machine, now: () => NOW });

const everything: InstalledIn = (cache) => new Set(cache.keys());
const nothing: InstalledIn = () => new Set();

describe('the handshake', () => {
  test('registers the computer and gets a cookie for 60 minutes', async () => {
    registered.length = 0;
    const opened = await session();
    assert.deepEqual(registered, [`${computer.clientId} device.lab Windows 10.0.22631.1`]);
    assert.equal(opened.handshake.cookie.expiration, '2026-11-24T11:00:00.000Z');
    assert.equal(opened.handshake.maxExtendedUpdates, 50);
  });
});

describe('a scan', () => {
  test('unlocks level after level: what is installed and no leaf is named in the next call', async () => {
    updates = [
      served(1, { isCategory: true }),
      served(2, { isCategory: true, prerequisites: [[id(1)]] }),
      served(3, { prerequisites: [[id(2)], [id(1)]] }),
      served(4, { prerequisites: [[id(9)]] }),
    ];
    const cache: UpdateCache = new Map();
    const { trips } = await syncUpdates(await session(), cache, everything);
    assert.deepEqual(
      [...cache.values()].map((update) => [update.revisionId, update.isLeaf, update.action]),
      [
        [1001, false, 'Install'],
        [1002, false, 'Install'],
        [1003, true, 'Install'],
      ],
    );
    assert.equal(trips, 4);
  });

  test('a level that is not installed unlocks nothing', async () => {
    updates = [served(1), served(2, { prerequisites: [[id(1)]] })];
    const cache: UpdateCache = new Map();
    await syncUpdates(await session(), cache, nothing);
    assert.deepEqual([...cache.keys()], [1001]);
  });

  test('begins with what was told before, and forgets what is withdrawn', async () => {
    updates = [served(1, { isCategory: true }), served(2, { prerequisites: [[id(1)]] })];
    const opened = await session();
    const cache: UpdateCache = new Map();
    await syncUpdates(opened, cache, everything);
    assert.deepEqual(await syncUpdates(opened, cache, everything), {
      trips: 1,
      hasNoDrivers: true,
      isReset: false,
    });
    updates = [served(1, { isCategory: true }), served(3, { prerequisites: [[id(1)]] })];
    await syncUpdates(opened, cache, everything);
    assert.deepEqual([...cache.keys()], [1001, 1003]);
  });

  test('gives up after 200 calls, as the Windows agent does', async () => {
    let next = 0;
    const opened = await session();
    const endless: WuspTransport = {
      ...transport,
      post: async (address, headers, body) => {
        next += 1;
        updates = [served(next)];
        return transport.post(address, headers, body);
      },
    };
    await assert.rejects(syncUpdates({ ...opened, transport: endless }, new Map(), nothing), {
      code: 'protocol.violation',
      message: 'the scan does not come to an end',
    });
    assert.equal(next, 200);
  });

  test('a cookie that no longer holds is asked for anew', async () => {
    updates = [served(1)];
    const opened = await session();
    const broken = { ...opened.handshake.cookie, encryptedData: 'AAAA' };
    opened.handshake = { ...opened.handshake, cookie: broken };
    const cache: UpdateCache = new Map();
    await syncUpdates(opened, cache, nothing);
    assert.deepEqual([...cache.keys()], [1001]);
    assert.notEqual(opened.handshake.cookie.encryptedData, 'AAAA');
  });

  test('a fault that nothing mends is told with what the server says', async () => {
    updates = Array.from({ length: 401 }, (_, index) => served(index)).concat(
      served(9000, { prerequisites: Array.from({ length: 401 }, (_, index) => [id(index)]) }),
    );
    await assert.rejects(syncUpdates(await session(), new Map(), everything), {
      code: 'target.refused',
      faultCode: 'InvalidParameters',
      found: 'InvalidParameters (parameters.InstalledNonLeafUpdateIDs)',
    });
  });
});

describe('details and content', () => {
  const target = () => join(folder, 'downloaded.cab');
  test('more than 50 revisions are asked for in parts', async () => {
    updates = Array.from({ length: 61 }, (_, index) => served(index + 1));
    const found = await extendedInfo(
      await session(),
      updates.map((update) => update.revisionId),
    );
    assert.equal(found.extended.size, 61);
    assert.equal(
      found.localized.get(1061),
      '<LocalizedProperties><Title>Update 61</Title></LocalizedProperties>',
    );
  });

  test('the file comes in ranges of 1 MiB, by the way this client has, and its digests are checked', async () => {
    updates = [served(1, { files: [{ digest: sha1, extension: 'cab' }] })];
    const { locations } = await extendedInfo(await session(), [1001]);
    const url = locations.get(sha1) ?? '';
    assert.match(url, /^https:\/\/sup\.lab:8531\/Content\/[0-9A-F]{2}\/[0-9A-F]{40}\.cab$/);
    ranges.length = 0;
    await downloadContent(transport, contentAddress(base, url), file, target());
    assert.ok(readFileSync(target()).equals(content));
    assert.deepEqual(ranges, ['bytes=0-1048575', `bytes=1048576-${content.length - 1}`]);
  });

  const address = () => `${base}${contentPath(sha1, 'cab')}`;
  const download = (expected = file) => {
    rmSync(target(), { force: true });
    return downloadContent(transport, address(), expected, target());
  };
  test('a flipped byte, another size, another digest and a missing file each have their reason', async () => {
    const flipped = Buffer.from(content);
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    writeFileSync(storedAt, flipped);
    await assert.rejects(download(), (error: unknown) => {
      assert.ok(error instanceof DigestMismatch);
      assert.equal(error.algorithm, 'SHA-1');
      return true;
    });
    writeFileSync(storedAt, Buffer.concat([content, Buffer.from('!')]));
    await assert.rejects(download(), { algorithm: 'size' });
    writeFileSync(storedAt, content);
    await assert.rejects(download({ ...file, sha256: sha1 }), {
      algorithm: 'SHA-256',
    });
    rmSync(storedAt);
    await assert.rejects(download(), ContentUnavailable);
  });
});

test('events arrive as they were reported', async () => {
  updates = [];
  const opened = await session();
  const facts = { now: NOW, newId: () => 'dc644db8-fa6f-4edc-bed2-e4b0a34f8837', os: machine.os };
  await reportEvents(opened, scanEvents([id(1)], [id(2), id(3)]), facts);
  await reportEvents(
    opened,
    [
      {
        eventId: EVENT.downloadFailed,
        update: { updateId: id(1), revision: 2 },
        hresult: 0x800b0109,
        replacementStrings: ['7-Zip & more <x64>'],
        miscData: [],
      },
    ],
    facts,
  );
  assert.deepEqual(
    events.map(({ eventId, updateId, revision, hresult, replacementStrings, needed, installed }) => ({
      eventId,
      updateId,
      revision,
      hresult,
      replacementStrings,
      needed,
      installed,
    })),
    [
      {
        eventId: 147,
        updateId: null,
        revision: 0,
        hresult: null,
        replacementStrings: ['1'],
        needed: [],
        installed: [],
      },
      {
        eventId: 156,
        updateId: null,
        revision: 0,
        hresult: null,
        replacementStrings: [],
        needed: [id(1)],
        installed: [id(2), id(3)],
      },
      {
        eventId: 161,
        updateId: id(1),
        revision: 2,
        hresult: '0x800B0109',
        replacementStrings: ['7-Zip & more <x64>'],
        needed: [],
        installed: [],
      },
    ],
  );
});
