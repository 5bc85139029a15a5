import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Explanation } from '../../../src/operations/explain.js';
import type { Performed } from '../../../src/operations/verbs/request.js';
import { openByHand, PRODUCT, SIGNER, TRUSTING } from '../../operations/by-hand.js';

const MAIN = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A data folder with two versions of PuTTY published, and the command line over it. */
async function openCommandLine(t: TestContext, options: Parameters<typeof openByHand>[1] = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'patchpress-cli-'));
  folders.push(dataDir);
  const config = join(dataDir, 'patchpress.yaml');
  writeFileSync(config, `dataDir: ${JSON.stringify(dataDir)}\n`);
  const line = await openByHand(t, { ...options, dataDir });
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      env: { ...process.env, PATCHPRESS_CONFIG: config, REDIS_URL: '', DATABASE_URL: '' },
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { status, stdout, stderr };
  };
  const json = <T>(...args: readonly string[]): T => {
    const { status, stdout, stderr } = run(...args, '--json');
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  return { line, run, json, dataDir };
}

describe('what an administrator does by hand, on the command line', () => {
  test('a preview says what would happen and does nothing; its plan is carried out once', async (t) => {
    const { line, run, json } = await openCommandLine(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const preview = run('republish', packageId.toUpperCase(), '--intent', 'rebuild', '--preview');
    assert.equal(preview.status, 0, preview.stderr);
    for (const text of [
      `PackageID  ${packageId} (stays)`,
      'revision   1 -> 2',
      'catalog    revision 1 -> 2 or later',
      'Nothing was done: this is a preview.',
    ]) {
      assert.ok(preview.stdout.includes(text), text);
    }
    assert.deepEqual(await line.settle(), []);
    const plan = { digest: /plan {7}([0-9a-f]{64})/.exec(preview.stdout)?.[1] ?? '' };
    const args = [
      'republish',
      packageId,
      '--intent',
      'rebuild',
      '--reason',
      'new icon',
      '--plan',
      plan.digest,
    ];
    const first = json<Performed>(...args);
    assert.equal(first.isNew, true);
    const second = run(...args);
    assert.match(second.stdout, /Nothing new was done: request .* was carried out before/);
    await line.settle();
    assert.equal((await line.publication(packageId))?.revision, 2);
    const [entry] = await line.ledger.audit([packageId]);
    assert.match(entry?.actor ?? '', /\(command line\)$/);
    assert.equal(JSON.parse(entry?.detail ?? '{}').reason, 'new icon');
    const stale = run('expire', packageId, '--reason', 'x', '--plan', 'f'.repeat(64));
    assert.equal(stale.status, 2);
    assert.match(stale.stderr, /plan\.stale.*nothing was done.*preview it again/);
  });

  test('rollback, then explain tells it; expire of what is expired does nothing', async (t) => {
    const { line, run, json, dataDir } = await openCommandLine(t);
    await line.release('0.84');
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const done = run('rollback', packageId, '--to', '0.84', '--reason', 'crashes at start');
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /\(changes\)/);
    assert.match(done.stdout, /Clients that have 0\.85 already keep it/);
    assert.match(done.stdout, /No service works on this data folder now/);
    await line.settle();
    const again = run('expire', packageId, '--reason', 'crashes at start');
    assert.match(again.stdout, /nothing to do: revision 2 is expired already/);
    const told = json<Explanation>('explain', packageId);
    assert.match(told.standing.join(), /It is expired/);
    assert.match(told.story.map(({ text }) => text).join('\n'), /rollback: crashes at start/);
    const file = join(dataDir, 'explained.json');
    const text = run('explain', PRODUCT, '--json-file', file);
    assert.match(text.stdout, /x64\/msi\/any\/machine: Version 0\.84 is published/);
    assert.equal((JSON.parse(readFileSync(file, 'utf8')) as Explanation).subject, PRODUCT);
  });

  test('hold and approve, with what exactly is accepted', async (t) => {
    const { line, run } = await openCommandLine(t, { policy: { ...TRUSTING, signers: [] } });
    assert.equal(run('hold', PRODUCT, '--version', '0.85', '--reason', 'wait').status, 0);
    await line.release('0.85');
    const signer = run('approve', PRODUCT, '--reason', 'it is the vendor');
    assert.match(signer.stdout, /The signer "CN=Simon Tatham" \(issuer "CN=Test CA"\) is accepted/);
    await line.settle();
    assert.equal((await line.ledger.trustRecord(PRODUCT))?.subject, SIGNER);
    assert.deepEqual(await line.held(), ['packages: held-by-person']);
    const yes = run('approve', PRODUCT, '--version', '0.85', '--reason', 'tested');
    assert.match(yes.stdout, /held by .*: wait - approved, and published now/);
    await line.settle();
    assert.equal((await line.ledger.updates()).length, 1);
  });

  test('what is wrong is said, with exit code 2', async (t) => {
    const { line, run } = await openCommandLine(t);
    await line.release('0.85');
    const { packageId } = await line.update('0.85');
    const table: readonly [readonly string[], RegExp][] = [
      [['republish', packageId], /a reason is needed/],
      [['republish', '00000000-0000-5000-8000-000000000000', '--preview'], /not-found: no such update/],
      [['rollback', packageId, '--to', '0.1', '--preview'], /plan\.refused: there is no such version/],
      [['hold', 'no.such\u001b[2J', '--preview'], /no such product; where: no\.such\\u\{1b\}/],
    ];
    for (const [args, stderr] of table) {
      const { status, stderr: said } = run(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(said, stderr);
    }
    assert.equal(run('republish', packageId, '--intent', 'nonsense').status, 2);
  });
});
