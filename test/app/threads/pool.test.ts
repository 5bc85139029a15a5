import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createComputePool } from '../../../src/app/threads/pool.js';
import { carryFault, liftFault } from '../../../src/app/threads/protocol.js';
import { PermanentError, RetryableError } from '../../../src/core/errors.js';
import { readCabinet } from '../../../src/formats/cab/index.js';
import { withFileSource } from '../../../src/formats/file-source.js';
import { missingTools, openWorld, sign, type World } from '../../trust/world.js';

const missing = missingTools();

describe('the pool of compute threads', () => {
  let folder: string;
  const pool = createComputePool({ threads: 2, timeoutMs: 30_000 });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'patchpress-threads-'));
  });
  after(async () => {
    await pool.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('writes a cabinet', async () => {
    const outPath = join(folder, 'a.cab');
    const content = { bytes: Buffer.from('hello') };
    const members = [{ name: 'a.txt', modified: '2024-01-01T00:00:00Z', content }];
    const { sizeBytes } = await pool.run('writeCabinet', { members, outPath, signatureReserve: true });
    assert.equal(readFileSync(outPath).length, sizeBytes);
    const text = withFileSource(outPath, (source) => {
      const cabinet = readCabinet(source);
      const member = cabinet.find('a.txt');
      return member === null ? null : cabinet.extract(member, 100).toString();
    });
    assert.equal(text, 'hello');
  });

  test('carries a fault with all that it says', async () => {
    const path = join(folder, 'page.exe');
    writeFileSync(path, '<!doctype html><title>Sign in</title>');
    await assert.rejects(pool.run('inspectInstaller', { path }), (error) => {
      assert.ok(error instanceof PermanentError);
      assert.equal(error.code, 'installer.malformed');
      assert.equal(error.where, 'page.exe');
      assert.equal(error.found, 'a web page');
      return true;
    });
  });

  test('says that a file is gone', async () => {
    const input = { path: join(folder, 'nowhere'), now: new Date().toISOString() };
    const trust = { codeSigningRoots: [], timestampRoots: [] };
    await assert.rejects(pool.run('verifySignature', { ...input, trust }), { code: 'content.missing' });
    await assert.rejects(pool.run('inspectInstaller', input), { code: 'content.missing' });
  });

  test('does more work than it has threads', async () => {
    const content = { bytes: Buffer.from('hello') };
    const members = [{ name: 'a.txt', modified: '2024-01-01T00:00:00Z', content }];
    const paths = Array.from({ length: 8 }, (_, index) => join(folder, `${index}.cab`));
    await Promise.all(
      paths.map((outPath) => pool.run('writeCabinet', { members, outPath, signatureReserve: true })),
    );
    assert.ok(paths.every((path) => existsSync(path)));
  });
});

test('the pool verifies a signature and inspects an installer; the certificate is a Buffer again', {
  skip: missing.length > 0 ? `not installed: ${missing.join(', ')}` : false,
}, async (t) => {
  const world: World = openWorld();
  const pool = createComputePool({ threads: 1, timeoutMs: 30_000 });
  try {
    const path = sign(t, world, 'msi', { chain: [world.vendor, world.issuing] });
    const now = new Date().toISOString();
    const report = await pool.run('verifySignature', { path, now, trust: world.anchors });
    assert.equal(report.status, 'valid');
    if (report.status !== 'valid') return;
    assert.ok(Buffer.isBuffer(report.signer.certificateDer));
    assert.deepEqual(report.signer.certificateDer, world.vendor.der);
    const inspection = await pool.run('inspectInstaller', { path });
    assert.deepEqual([inspection.technology, inspection.version], ['msi', '4.5.6']);
  } finally {
    await pool.close();
    world.close();
  }
});

describe('a thread that', () => {
  const entry = new URL('./misbehaving-thread.js', import.meta.url);
  const openPool = (timeoutMs: number) => createComputePool({ threads: 1, timeoutMs, entry });
  const echo = (pool: ReturnType<typeof openPool>, path: string): Promise<unknown> =>
    pool.run('inspectInstaller', { path });

  test('does not answer is given up, and the work behind it is done', async () => {
    const pool = openPool(300);
    const hanging = assert.rejects(echo(pool, 'hang'), (error) => {
      assert.ok(error instanceof RetryableError);
      assert.equal(error.code, 'compute.timeout');
      assert.equal(error.found, 'no answer in time');
      return true;
    });
    const next = echo(pool, 'fine');
    await hanging;
    assert.equal(await next, 'fine');
    await pool.close();
  });

  for (const [how, found] of [
    ['throw', /the thread ended: a bug/],
    ['exit', /the thread ended with 3/],
    ['memory', /the thread ended: .*memory/],
  ] as const) {
    test(`dies (${how}) fails its work only`, async () => {
      const pool = openPool(20_000);
      await assert.rejects(echo(pool, how), (error) => {
        assert.ok(error instanceof RetryableError);
        assert.equal(error.code, 'compute.timeout');
        assert.match(error.found ?? '', found);
        return true;
      });
      assert.equal(await echo(pool, 'fine'), 'fine');
      await pool.close();
    });
  }

  test('is busy when the pool is closed leaves no work hanging', async () => {
    const pool = openPool(20_000);
    const running = assert.rejects(echo(pool, 'hang'), { code: 'compute.timeout' });
    const waiting = assert.rejects(echo(pool, 'fine'), { found: 'the end of the program' });
    await pool.close();
    await Promise.all([running, waiting]);
    await assert.rejects(echo(pool, 'fine'), { found: 'the end of the program' });
  });
});

test('a fault that is none of ours crosses as an internal one', () => {
  const lifted = liftFault(carryFault(new TypeError('x is not a function')));
  assert.ok(lifted instanceof PermanentError);
  assert.deepEqual([lifted.code, lifted.message], ['internal', 'x is not a function']);
});
