import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { createContentStore } from '../../src/content/store.js';
import type { SignatureReport } from '../../src/core/installer.js';
import type { Compute, HttpClient, HttpRequest, Ledger, ResumePoint } from '../../src/core/ports.js';
import type { ProductDefinition } from '../../src/core/product.js';
import type { StageResult } from '../../src/core/stage.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { wordSetting } from '../../src/core/word.js';
import { feedReaders } from '../../src/feeds/index.js';
import { createFeedsStage } from '../../src/feeds/stage.js';
import { findMismatches } from '../../src/installers/index.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { acquireFile } from '../../src/releases/acquire.js';
import { createReleasesStage } from '../../src/releases/stage.js';
import { inspectionOf, nullsoftDefinition } from '../installers/definitions.js';
import { beginTurn } from '../packages/turns.js';

const NOW = new Date('2026-11-24T12:00:00.000Z');
const URL = 'https://vendor.test/latest/app-setup.exe';
const { assetPattern: _, ...fixed } = nullsoftDefinition({ urlTemplate: URL });
const PRODUCT: ProductDefinition = {
  id: 'Vendor.App',
  name: 'App',
  vendor: 'Vendor',
  tier: 'A',
  versionScheme: 'numeric',
  classification: 'Updates',
  feeds: [{ type: 'static-download', url: URL }],
  installers: [fixed],
};
const VARIANT = 'x64/nullsoft/any/machine';
const SIGNED: SignatureReport = {
  status: 'valid',
  signer: {
    subject: 'CN=Vendor',
    issuer: 'CN=Code Signing CA',
    serial: '01',
    thumbprint: 'AB'.repeat(20),
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2036-01-01T00:00:00Z',
    certificateDer: Buffer.from([0x30, 0x00]),
  },
  digestAlgorithm: 'sha256',
  timestamp: null,
};
const JOB = (version: string) => ({
  stage: 'releases',
  input: { productId: 'Vendor.App', version, variant: VARIANT },
  again: 'when-finished',
});

const folder = mkdtempSync(join(tmpdir(), 'version-in-file-'));
after(() => rmSync(folder, { recursive: true }));

const sha256Of = (bytes: string) => createHash('sha256').update(bytes).digest('hex');

/** A vendor with one file at one address, which says its version in its bytes: `1.0 and more`, or nothing. */
class World {
  file = '1.0 first build';
  product = PRODUCT;
  /** False: the host answers in full to every condition. */
  isConditional = true;
  hasValidators = true;
  signature: SignatureReport = SIGNED;
  breakOffAfter: (number | null)[] = [];
  readonly heads: HttpRequest[] = [];
  readonly downloads: (ResumePoint | undefined)[] = [];
  readonly dir = mkdtempSync(join(folder, 'content-'));
  readonly #bytes = new Map<string, string>();

  constructor(readonly ledger: Ledger) {}

  readonly #http: HttpClient = {
    get: async (request) => {
      this.heads.push(request);
      const isKnown = this.isConditional && request.headers?.['if-none-match'] === this.#etag();
      const headers: Record<string, string> = this.hasValidators
        ? { etag: this.#etag(), 'last-modified': 'Tue, 24 Nov 2026 10:00:00 GMT' }
        : {};
      return { status: isKnown ? 304 : 200, finalUrl: URL, headers, body: Buffer.alloc(0) };
    },
    download: async ({ url, resume }) => {
      assert.equal(url, URL);
      this.downloads.push(resume);
      this.#bytes.set(sha256Of(this.file), this.file);
      const offsetBytes = resume?.validator === this.#etag() ? resume.offsetBytes : 0;
      const body = Readable.from(this.#pieces(Buffer.from(this.file).subarray(offsetBytes)));
      const totalBytes = this.file.length;
      return { finalUrl: url, headers: {}, body, offsetBytes, totalBytes, validator: this.#etag() };
    },
  };

  #etag(): string {
    return `"${sha256Of(this.file).slice(0, 8)}"`;
  }

  async *#pieces(rest: Buffer): AsyncGenerator<Buffer> {
    const bytes = this.breakOffAfter.shift() ?? null;
    yield rest.subarray(0, bytes ?? rest.length);
    if (bytes !== null) throw new Error('socket hang up');
  }

  /** A store opened anew each time, as by another process. */
  #deps() {
    const version = (path: string) =>
      /^[\d.]+[\w-]*(?= )/.exec(this.#bytes.get(path.slice(-64)) ?? '')?.[0] ?? null;
    const content = createContentStore(this.dir);
    return {
      products: { get: () => this.product, all: () => [this.product], faults: () => [] },
      ledger: this.ledger,
      http: this.#http,
      content,
      compute: {
        run: async (_task: string, { path }: { path: string }) => inspectionOf({ version: version(path) }),
      } as unknown as Compute,
      clock: { now: () => NOW },
      maxInstallerBytes: 1000,
      downloadTimeoutMs: 1000,
    };
  }

  async sync(): Promise<StageResult> {
    const deps = this.#deps();
    const stage = createFeedsStage({
      ...deps,
      files: { ...deps, acquireFile: (url, signal) => acquireFile(deps, url, signal) },
      readers: feedReaders,
      vantages: new Map(),
      versionSchemes,
    });
    const turn = await beginTurn(this.ledger, stage, { productId: 'Vendor.App', syncId: 's1' });
    await turn.write();
    return turn.result;
  }

  async acquire(version: string, variant = VARIANT): Promise<StageResult> {
    const stage = createReleasesStage({
      ...this.#deps(),
      verifier: { verify: async () => this.signature },
      policy: {
        rules: [],
        signers: [{ product: '*', subject: { equalTo: 'CN=Vendor' }, accept: true }],
        unsigned: [{ product: '*', accept: true }],
      },
      findMismatches,
    });
    const turn = await beginTurn(this.ledger, stage, { productId: 'Vendor.App', version, variant });
    await turn.write();
    return turn.result;
  }

  async versions(): Promise<readonly string[]> {
    return (await this.ledger.releases('Vendor.App')).map(({ version }) => version).sort();
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

inWorld('the version of the file is the release, and its digests are stated', async (world) => {
  assert.deepEqual(await world.sync(), { outcome: 'advanced', next: [JOB('1.0')], summary: 'release 1.0' });
  const record = await world.ledger.release('Vendor.App', '1.0');
  const [asset] = record?.release.assets ?? [];
  assert.equal(asset?.url, URL);
  assert.equal(asset.name, 'app-setup.exe');
  assert.equal(asset.sizeBytes, world.file.length);
  assert.equal(asset.digests.sha256, sha256Of(world.file));
  assert.equal(record?.release.publishedAt, '2026-11-24T10:00:00.000Z');
});

inWorld('the next stage finds the bytes in the store', async (world) => {
  await world.sync();
  assert.equal((await world.acquire('1.0')).outcome, 'advanced');
  assert.equal(world.downloads.length, 1);
  const installer = await world.ledger.installer('Vendor.App', '1.0', VARIANT);
  assert.equal(installer?.sha256, sha256Of(world.file));
  assert.equal(installer.sha1, createHash('sha1').update(world.file).digest('hex'));
});

inWorld('what was computed here is no digest that the vendor states', async (world) => {
  await world.sync();
  world.signature = { status: 'unsigned' };
  const held = await world.acquire('1.0');
  assert.equal(held.outcome === 'held' && held.code, 'unsigned-installer');
});

inWorld('an unchanged file is asked for its head alone', async (world) => {
  await world.sync();
  await world.acquire('1.0');
  const result = await world.sync();
  assert.deepEqual(result, {
    outcome: 'unchanged',
    reason: 'the feed has not changed; 1.0 was acquired before',
  });
  assert.equal(world.heads[0]?.headOnly, true);
  assert.equal(world.heads[0]?.headers?.['if-none-match'], undefined);
  assert.match(world.heads[1]?.headers?.['if-none-match'] ?? '', /^"/);
  world.isConditional = false;
  assert.equal((await world.sync()).outcome, 'unchanged', 'also of a host that knows no conditions');
  assert.equal(world.downloads.length, 1);
  world.hasValidators = false;
  assert.equal((await world.sync()).outcome, 'unchanged', 'without validators only its bytes tell');
  assert.equal(world.downloads.length, 2);
});

inWorld('a changed file is the next release', async (world) => {
  await world.sync();
  await world.acquire('1.0');
  world.file = '1.1 next';
  assert.deepEqual(await world.sync(), { outcome: 'advanced', next: [JOB('1.1')], summary: 'release 1.1' });
  assert.deepEqual(await world.versions(), ['1.0', '1.1']);
});

inWorld('an older file publishes nothing, and is fetched once', async (world) => {
  world.file = '2.0 now';
  await world.sync();
  world.file = '1.9 before';
  for (const _again of [1, 2]) {
    const result = await world.sync();
    assert.match(result.outcome === 'unchanged' ? result.reason : '', /1\.9, older than 2\.0/);
  }
  assert.equal(world.downloads.length, 2);
  assert.deepEqual(await world.versions(), ['2.0']);
});

inWorld('an implausible version waits for a person, who needs no second download', async (world) => {
  await world.sync();
  world.file = '900.0 far';
  const held = await world.sync();
  assert.equal(held.outcome === 'held' && held.code, 'version-jump');
  const word = JSON.stringify({ verdict: 'approve', by: 'x', at: NOW.toISOString(), reason: 'real' });
  await world.ledger.transaction(async (tx) => {
    await tx.putSetting(wordSetting('Vendor.App', '900.0'), word);
  });
  assert.deepEqual(await world.sync(), {
    outcome: 'advanced',
    next: [JOB('900.0')],
    summary: 'release 900.0',
  });
  assert.equal(world.downloads.length, 2);
});

for (const [file, reason] of [
  ['without any', /says no version/],
  ['1.0k letters', /says the version "1\.0k"/],
] as const) {
  inWorld(`a file that is ${JSON.stringify(file)} is held, as often as it is asked`, async (world) => {
    await world.sync();
    world.file = file;
    for (const _again of [1, 2]) {
      const held = await world.sync();
      assert.ok(held.outcome === 'held');
      assert.equal(held.code, 'version-unknown');
      assert.match(held.reason, reason);
      assert.match(held.nextStep, /a feed that shows its version/);
    }
    assert.equal(world.downloads.length, 2);
    assert.match((await world.ledger.feedState('Vendor.App', 0))?.lastError ?? '', reason);
    const decisions = await world.ledger.decisions('Vendor.App//');
    assert.deepEqual(decisions.at(-1)?.facts, { code: 'version-unknown' }, 'no version to say yes to');
    world.file = '1.1 next';
    assert.equal((await world.sync()).outcome, 'advanced');
  });
}

inWorld('other bytes of an acquired version are held; the first stay', async (world) => {
  await world.sync();
  await world.acquire('1.0');
  const first = sha256Of(world.file);
  world.file = '1.0 signed again';
  for (const _again of [1, 2]) {
    const held = await world.sync();
    assert.ok(held.outcome === 'held');
    assert.equal(held.code, 'digest-changed');
    assert.ok(held.reason.includes(`was ${first}, is ${sha256Of(world.file)}`), held.reason);
    assert.match(held.nextStep, /only signed or built it again/);
  }
  assert.equal(world.downloads.length, 2);
  const record = await world.ledger.release('Vendor.App', '1.0');
  assert.equal(record?.release.assets[0]?.digests.sha256, first);
});

inWorld('other bytes of a version that was never acquired take the place of the first', async (world) => {
  await world.sync();
  world.file = '1.0 signed again';
  assert.equal((await world.sync()).outcome, 'advanced');
  assert.equal((await world.acquire('1.0')).outcome, 'advanced');
  const installer = await world.ledger.installer('Vendor.App', '1.0', VARIANT);
  assert.equal(installer?.sha256, sha256Of(world.file));
});

inWorld('a download that broke off goes on in another process', async (world) => {
  world.breakOffAfter = [4, 0];
  await assert.rejects(world.sync(), { code: 'download.interrupted' });
  assert.deepEqual(await world.versions(), []);
  assert.equal((await world.sync()).outcome, 'advanced');
  assert.deepEqual(
    world.downloads.map((resume) => resume?.offsetBytes ?? 0),
    [0, 4, 4],
  );
  const record = await world.ledger.release('Vendor.App', '1.0');
  assert.equal(record?.release.assets[0]?.digests.sha256, sha256Of(world.file));
});

inWorld('another file of the release must say the same version', async (world) => {
  const x86 = { ...fixed, architecture: 'x86' as const, urlTemplate: URL };
  world.product = { ...PRODUCT, installers: [fixed, x86] };
  await world.sync();
  await world.ledger.transaction(async (tx) => {
    const record = await tx.release('Vendor.App', '1.0');
    assert.ok(record);
    // As where the second file stands at an address of its own.
    const release = { ...record.release, assets: [] };
    await tx.putRelease({ ...record, release });
  });
  world.file = '0.9 not yet replaced';
  await assert.rejects(world.acquire('1.0', 'x86/nullsoft/any/machine'), {
    code: 'installer.mismatch',
    found: 'version 0.9',
  });
});

inWorld('nothing is fetched of a vendor who forbids it', async (world) => {
  world.product = { ...PRODUCT, automation: 'forbidden' };
  await assert.rejects(world.sync(), { code: 'download.refused' });
  assert.equal(world.downloads.length, 0);
});
