import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findingsOf } from '../../../src/app/cli/bridge.js';
import type { ProbedServer } from '../../../src/publishing/software-update-point/bridge.js';
import { temporaryFolder } from '../../formats/programs.js';
import { FIXTURES_FOLDER } from '../../lab/fixtures.js';

const MAIN = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));
const SERVER: ProbedServer = {
  version: '10.0.20348.1',
  isReplica: false,
  role: 'Administrator',
  isSecure: true,
  maxCabSizeMb: 384,
  certificate: { subject: 'CN=WSUS', thumbprint: 'AA', notAfter: '2030-01-01T00:00:00Z' },
};

/** The command line with settings whose bridge answers with this server. */
function run(t: TestContext, words: readonly string[], server: ProbedServer | null) {
  const folder = temporaryFolder(t);
  const farSide = join(folder, 'far-side.mjs');
  writeFileSync(
    farSide,
    `let text = '';
for await (const piece of process.stdin) text += piece;
const { protocol, jobId } = JSON.parse(text);
process.stdout.write(JSON.stringify({ protocol, jobId, ok: true, result: ${JSON.stringify(server)} }));`,
  );
  const command = JSON.stringify([process.execPath, farSide]);
  const settings = server === null ? '' : `softwareUpdatePoint:\n  command: ${command}\n`;
  const config = join(folder, 'patchpress.yaml');
  writeFileSync(config, `dataDir: ${JSON.stringify(folder)}\n${settings}`);
  return spawnSync(process.execPath, [MAIN, ...words], {
    env: { ...process.env, PATCHPRESS_CONFIG: config },
    encoding: 'utf8',
    timeout: 60_000,
  });
}

describe('patchpress bridge probe', () => {
  test('tells what the server is, and that it can be published to', (t) => {
    const { status, stdout } = run(t, ['bridge', 'probe'], SERVER);
    assert.equal(status, 0);
    assert.match(stdout, /WSUS 10\.0\.20348\.1, as Administrator[\s\S]*CN=WSUS[\s\S]*can be published to/);
  });

  test('what keeps it from that is the answer no, as data too', (t) => {
    const { status, stdout } = run(t, ['bridge', 'probe', '--json'], { ...SERVER, isReplica: true });
    assert.equal(status, 1);
    assert.match(JSON.parse(stdout).findings[0], /replica/);
  });

  test('without a bridge it says how one is set up', (t) => {
    const { status, stderr } = run(t, ['bridge', 'probe'], null);
    assert.equal(status, 2);
    assert.match(stderr, /docs\/windows-bridge\.md/);
  });

  test('each finding by itself', () => {
    const now = new Date('2026-11-24T00:00:00Z');
    const of = (changes: Partial<ProbedServer>) => findingsOf({ ...SERVER, ...changes }, now).length;
    const expired = { subject: 'CN=WSUS', thumbprint: 'AA', notAfter: '2020-01-01T00:00:00Z' };
    assert.deepEqual(
      [of({}), of({ role: 'Reporter' }), of({ certificate: null }), of({ certificate: expired })],
      [0, 1, 1, 1],
    );
  });
});

test('patchpress inspect tells who signed a file', (t) => {
  const file = (path: string) => join(FIXTURES_FOLDER, 'installers', path);
  const unsigned = run(t, ['inspect', file('7zip-7zip/26.02/7z2602-x64.msi'), '--json'], null);
  assert.deepEqual(JSON.parse(unsigned.stdout).signature, { status: 'unsigned' });
  const signed = run(t, ['inspect', file('openjs-nodejs/26.7.0/node-v26.7.0-x64.msi'), '--json'], null);
  assert.equal(JSON.parse(signed.stdout).signature.status, 'invalid', 'no bundles of roots are set');
});
