import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { createContentStore } from '../../src/content/store.js';
import type { Policy } from '../../src/core/decide.js';
import { PermanentError, RetryableError } from '../../src/core/errors.js';
import type { InstallerInspection, SignatureReport } from '../../src/core/installer.js';
import type { Compute, Ledger } from '../../src/core/ports.js';
import type { ProductDefinition } from '../../src/core/product.js';
import type { ReleaseAsset, SecondVantage } from '../../src/core/release.js';
import { findMismatches } from '../../src/installers/index.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createReleasesStage, type ReleasesInput } from '../../src/releases/stage.js';
import { inspectionOf, nullsoftDefinition } from '../installers/definitions.js';
import { beginTurn } from '../packages/turns.js';

const NOW = new Date('2026-11-24T12:00:00.000Z');
const SUBJECT = 'CN=Vendor, C=DE';
const ISSUER = 'CN=Code Signing CA';
const X64: ReleasesInput = { productId: 'Vendor.App', version: '1.2', variant: 'x64/nullsoft/any/machine' };
const X86: ReleasesInput = { ...X64, variant: 'x86/nullsoft/any/machine' };
const PRODUCT: ProductDefinition = {
  id: 'Vendor.App',
  name: 'App',
  vendor: 'Vendor',
  tier: 'A',
  versionScheme: 'numeric',
  classification: 'Updates',
  feeds: [{ type: 'json', url: 'https://vendor.test/feed', path: '$.v' }],
  installers: [
    nullsoftDefinition({ assetPattern: 'x64\\.exe$' }),
    nullsoftDefinition({ architecture: 'x86', assetPattern: 'x86\\.exe$' }),
  ],
};
const POLICY: Policy = {
  rules: [],
  signers: [{ product: 'Vendor.*', subject: { equalTo: SUBJECT }, accept: true }],
};
const NEXT = [{ stage: 'packages', input: { ...X64, revise: null } }];

const folder = mkdtempSync(join(tmpdir(), 'releases-'));
after(() => rmSync(folder, { recursive: true }));

function signedBy(subject: string, issuer = ISSUER): SignatureReport {
  return {
    status: 'valid',
    signer: {
      subject,
      issuer,
      serial: '01',
      thumbprint: 'AB'.repeat(20),
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2036-01-01T00:00:00Z',
      certificateDer: Buffer.from([0x30, 0x00]),
    },
    digestAlgorithm: 'sha256',
    timestamp: null,
  };
}

/** One ledger and store; what the vendor serves and what the file turns out to be can be changed between turns. */
class World {
  body = Buffer.from('the installer');
  headers: Record<string, string> = { 'last-modified': 'Tue, 14 Jul 2026 10:00:00 GMT' };
  signature: SignatureReport = signedBy(SUBJECT);
  inspection: InstallerInspection = inspectionOf({ version: '1.2.0.0' });
  policy = POLICY;
  downloads: string[] = [];
  breakOff: Error | null = null;
  maxInstallerBytes = 1_000_000;
  readonly content = createContentStore(mkdtempSync(join(folder, 'content-')));

  constructor(readonly ledger: Ledger) {}

  async seen(
    changes: Partial<ReleaseAsset> = {},
    version = '1.2',
    secondVantage?: SecondVantage,
  ): Promise<void> {
    const assets = ['x64', 'x86'].map((name) => ({
      name: `setup-${name}.exe`,
      url: `https://vendor.test/${version}/setup-${name}.exe`,
      sizeBytes: null,
      digests: { sha1: null, sha256: null, sha512: null },
      ...changes,
    }));
    const release = {
      version,
      prerelease: false,
      publishedAt: null,
      assets,
      notesUrl: null,
      withdrawn: false,
      ...(secondVantage && { secondVantage }),
    };
    const record = { productId: 'Vendor.App', version, seenAt: NOW.toISOString(), release };
    await this.ledger.transaction((tx) => tx.putRelease(record));
  }

  begin(input: unknown = X64) {
    const { ledger, content, policy, maxInstallerBytes } = this;
    const stage = createReleasesStage({
      products: { get: (id) => (id === PRODUCT.id ? PRODUCT : null), all: () => [PRODUCT], faults: () => [] },
      ledger,
      content,
      policy,
      maxInstallerBytes,
      downloadTimeoutMs: 1000,
      http: {
        get: () => assert.fail('releases read no feed'),
        download: async ({ url }) => {
          this.downloads.push(url);
          const body = Readable.from(this.bytes());
          const { headers } = this;
          return { finalUrl: url, headers, body, offsetBytes: 0, totalBytes: null, validator: null };
        },
      },
      verifier: { verify: async () => this.signature },
      compute: { run: async () => this.inspection } as unknown as Compute,
      findMismatches,
      clock: { now: () => NOW },
    });
    return beginTurn(ledger, stage, input);
  }

  async run(input: unknown = X64) {
    const { result, write } = await this.begin(input);
    await write();
    return result;
  }

  private async *bytes(): AsyncGenerator<Buffer> {
    yield this.body;
    if (this.breakOff !== null) throw this.breakOff;
  }

  installer(input = X64) {
    return this.ledger.installer(input.productId, input.version, input.variant);
  }
}

function inWorld(title: string, body: (world: World) => Promise<void>): void {
  test(title, async () => {
    const ledger = await openLedger({ file: ':memory:' });
    try {
      await body(new World(ledger));
    } finally {
      await ledger.close();
    }
  });
}

const faultWith = (code: string) => (error: unknown) => {
  assert.ok(error instanceof PermanentError || error instanceof RetryableError, String(error));
  assert.equal(error.code, code);
  return true;
};
const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');

inWorld('a good installer is acquired, its signer recorded, and the update is built next', async (world) => {
  await world.seen();
  const result = await world.run();
  assert.deepEqual(result, { outcome: 'advanced', next: NEXT, summary: `the policy accepts "${SUBJECT}"` });
  const installer = await world.installer();
  assert.equal(installer?.sha256, digest('sha256', world.body));
  assert.equal(installer.sha1, digest('sha1', world.body));
  assert.equal(installer.fileName, 'setup-x64.exe');
  assert.equal(installer.modified, '2026-07-14T10:00:00Z');
  assert.deepEqual(await world.content.get(installer.sha256), world.body);
  const trusted = await world.ledger.trustRecord('Vendor.App');
  assert.equal(trusted?.subject, SUBJECT);
  assert.equal(trusted.acceptedBy, 'policy');
  const [decision] = await world.ledger.decisions('Vendor.App/1.2/x64/nullsoft/any/machine');
  assert.equal(decision?.verdict, 'go');
});

inWorld('it is downloaded once', async (world) => {
  await world.seen();
  await world.run();
  const again = await world.run();
  assert.deepEqual(again, { outcome: 'unchanged', reason: 'this installer was acquired before', next: NEXT });
  assert.equal(world.downloads.length, 1);
});

inWorld('every digest and the size that the feed names are compared', async (world) => {
  const { body } = world;
  const digests = {
    sha1: digest('sha1', body),
    sha256: digest('sha256', body),
    sha512: digest('sha512', body),
  };
  await world.seen({ digests, sizeBytes: body.length });
  assert.equal((await world.run()).outcome, 'advanced');
});

for (const [name, changes] of [
  ['sha1', { digests: { sha1: 'ab'.repeat(20), sha256: null, sha512: null } }],
  ['sha256', { digests: { sha1: null, sha256: 'AB'.repeat(32), sha512: null } }],
  ['sha512', { digests: { sha1: null, sha256: null, sha512: 'ab'.repeat(64) } }],
  ['size', { sizeBytes: 12 }],
] as const) {
  inWorld(`another ${name} than the feed names is held`, async (world) => {
    await world.seen(changes);
    const result = await world.run();
    assert.ok(result.outcome === 'held');
    assert.equal(result.code, 'digest-mismatch');
    assert.match(result.reason, new RegExp(`not the one that the feed names: ${name} expected`));
    assert.equal(await world.installer(), null);
    assert.equal(await world.ledger.trustRecord('Vendor.App'), null);
    const [decision] = await world.ledger.decisions('Vendor.App/1.2/x64/nullsoft/any/machine');
    assert.equal(decision?.verdict, 'hold');
  });
}

inWorld('other bytes under a known version are held, and the first ones stay', async (world) => {
  await world.seen();
  await world.run();
  const first = await world.installer();
  assert.ok(first);
  rmSync(world.content.pathOf(first.sha256));
  world.body = Buffer.from('another file');
  const result = await world.run();
  assert.ok(result.outcome === 'held');
  assert.equal(result.code, 'digest-changed');
  assert.deepEqual(await world.installer(), first);
});

inWorld('a lost object is fetched again when the bytes are the same', async (world) => {
  await world.seen();
  await world.run();
  const first = await world.installer();
  assert.ok(first);
  rmSync(world.content.pathOf(first.sha256));
  assert.equal((await world.run()).outcome, 'advanced');
  assert.deepEqual(await world.content.get(first.sha256), world.body);
});

const vantage = (sha256: string, file: Partial<ReleaseAsset> = {}): SecondVantage => ({
  type: 'winget',
  version: '1.2',
  assets: [
    {
      name: 'setup-x64.exe',
      url: 'https://vendor.test/1.2/setup-x64.exe',
      sizeBytes: null,
      digests: { sha1: null, sha256, sha512: null },
      ...file,
    },
  ],
});

inWorld('a second vantage that states another file holds it, whatever the vendor says', async (world) => {
  const right = digest('sha256', world.body);
  await world.seen({ digests: { sha1: null, sha256: right, sha512: null } }, '1.2', vantage('ab'.repeat(32)));
  const result = await world.run();
  assert.ok(result.outcome === 'held');
  assert.equal(result.code, 'vantage-disagrees');
  assert.match(result.reason, new RegExp(`winget states another file .*abab.*found ${right}`));
  assert.match(result.nextStep, /vendor's own page/);
  assert.equal(await world.installer(), null);
  const [decision] = await world.ledger.decisions('Vendor.App/1.2/x64/nullsoft/any/machine');
  assert.equal(decision?.verdict, 'hold');
});

inWorld('a second vantage that agrees lets it go on; once corrected, it does too', async (world) => {
  await world.seen({}, '1.2', vantage('ab'.repeat(32)));
  assert.equal((await world.run()).outcome, 'held');
  await world.seen({}, '1.2', vantage(digest('sha256', world.body)));
  assert.equal((await world.run()).outcome, 'advanced');
});

inWorld('an unsigned installer rests on the digest that the second vantage states', async (world) => {
  world.signature = { status: 'unsigned' };
  world.policy = { ...POLICY, unsigned: [{ product: 'Vendor.App', accept: true }] };
  await world.seen();
  const alone = await world.run();
  assert.ok(alone.outcome === 'held');
  assert.equal(alone.code, 'unsigned-installer');
  await world.seen({}, '1.2', vantage(digest('sha256', world.body)));
  assert.equal((await world.run()).outcome, 'advanced');
});

inWorld('a second vantage about another file says nothing', async (world) => {
  const elsewhere = { url: 'https://vendor.test/1.2/other.exe', name: 'other.exe' };
  await world.seen({}, '1.2', vantage('ab'.repeat(32), elsewhere));
  assert.equal((await world.run()).outcome, 'advanced');
});

inWorld('an unsigned installer is held', async (world) => {
  await world.seen();
  world.signature = { status: 'unsigned' };
  const result = await world.run();
  assert.ok(result.outcome === 'held');
  assert.equal(result.code, 'unsigned-installer');
  assert.equal(await world.installer(), null);
});

inWorld('a signature that does not verify is held', async (world) => {
  await world.seen();
  world.signature = { status: 'invalid', reason: 'digest-mismatch', detail: 'changed after signing' };
  const result = await world.run();
  assert.ok(result.outcome === 'held');
  assert.equal(result.code, 'signature-invalid');
  assert.match(result.reason, /digest-mismatch \(changed after signing\)/);
});

inWorld('a changed signer is held, also at another variant, and the trust record stays', async (world) => {
  await world.seen();
  await world.run();
  world.signature = signedBy('CN=Someone Else');
  const result = await world.run(X86);
  assert.ok(result.outcome === 'held');
  assert.equal(result.code, 'signer-changed');
  assert.match(result.reason, /"CN=Someone Else".*"CN=Vendor, C=DE"/);
  assert.equal((await world.ledger.trustRecord('Vendor.App'))?.subject, SUBJECT);
});

inWorld('a signer whom nobody accepted is held', async (world) => {
  await world.seen();
  world.policy = { rules: [], signers: [] };
  const result = await world.run();
  assert.ok(result.outcome === 'held');
  assert.equal(result.code, 'signer-unknown');
});

inWorld(
  'of two first signers at once only one is recorded; the other is tried again and held',
  async (world) => {
    await world.seen();
    world.policy = { rules: [], signers: [{ subject: { beginsWith: 'CN=' }, accept: true }] };
    const one = await world.begin(X64);
    world.signature = signedBy('CN=Someone Else');
    const other = await world.begin(X86);
    await one.write();
    await assert.rejects(other.write(), faultWith('ledger.busy'));
    assert.equal(await world.installer(X86), null);
    const again = await world.run(X86);
    assert.equal(again.outcome === 'held' ? again.code : '', 'signer-changed');
  },
);

inWorld('a file that is something else than its definition says is a fault', async (world) => {
  await world.seen();
  world.inspection = inspectionOf({ technology: 'msi', version: '1.1.0.0' });
  await assert.rejects(world.run(), (error) => {
    assert.ok(faultWith('installer.mismatch')(error) && error instanceof PermanentError);
    assert.match(error.expected ?? '', /technology nullsoft, version 1\.2/);
    assert.match(error.found ?? '', /technology msi, version 1\.1\.0\.0/);
    return true;
  });
  assert.equal(await world.installer(), null);
});

inWorld('a download that breaks off is tried again, and leaves nothing', async (world) => {
  await world.seen();
  world.breakOff = new Error('socket hang up');
  await assert.rejects(world.run(), faultWith('download.interrupted'));
  assert.equal(await world.content.has(digest('sha256', world.body)), false);
});

inWorld('a full disk is told as such', async (world) => {
  await world.seen();
  world.breakOff = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  await assert.rejects(world.run(), faultWith('storage.full'));
});

inWorld('more bytes than the limit are refused', async (world) => {
  await world.seen();
  world.maxInstallerBytes = 5;
  await assert.rejects(world.run(), faultWith('download.too-large'));
});

inWorld('a release without the file, and work that nobody knows', async (world) => {
  await world.seen({ name: 'setup.dmg' });
  await assert.rejects(world.run(), faultWith('feed.no-release'));
  await assert.rejects(world.run({ ...X64, version: '9.9' }), faultWith('not-found'));
  await assert.rejects(world.run({ ...X64, variant: 'arm64/msi/any/machine' }), faultWith('not-found'));
  await assert.rejects(world.run({ ...X64, productId: 'No.One' }), faultWith('not-found'));
  assert.deepEqual(world.downloads, []);
});

inWorld('an address in the clear is never fetched', async (world) => {
  await world.seen({ url: 'http://vendor.test/setup.exe' });
  await assert.rejects(world.run(), faultWith('download.refused'));
  assert.deepEqual(world.downloads, []);
});

inWorld('a hostile name becomes one that a catalog can carry', async (world) => {
  await world.seen({ name: '..\\..\\évil\u202e/x64.exe' });
  world.headers = { 'last-modified': 'never' };
  await assert.rejects(world.run(), faultWith('feed.no-release'));
  await world.ledger.transaction(async (tx) => {
    const record = await tx.release('Vendor.App', '1.2');
    assert.ok(record);
    const [first] = record.release.assets;
    assert.ok(first);
    await tx.putRelease({ ...record, release: { ...record.release, assets: [first] } });
  });
  await world.run();
  const installer = await world.installer();
  assert.match(installer?.fileName ?? '', /^[A-Za-z0-9._ +-]+\.exe$/);
  assert.equal(installer?.modified, '2026-11-24T12:00:00Z');
});

inWorld('a job is decoded before it is believed', async (world) => {
  for (const input of [
    null,
    {},
    { ...X64, version: '' },
    { ...X64, more: 1 },
    { ...X64, productId: 'x'.repeat(201) },
  ])
    await assert.rejects(async () => world.begin(input), faultWith('payload.invalid'));
});
