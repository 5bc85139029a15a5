import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const PRELOAD = new URL('./shared-keys.js', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'shared-keys-'));
after(() => rmSync(folder, { recursive: true }));

const TWO_KEYS = `import { generateKeyPairSync } from 'node:crypto';
for (const modulusLength of [1024, 1024])
  process.stdout.write(generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ type: 'spki', format: 'pem' }));`;

/** The public keys that a program of this name makes. */
function keysOf(program: string): readonly string[] {
  const file = join(folder, program);
  writeFileSync(file, TWO_KEYS);
  const env = { ...process.env, NODE_OPTIONS: `--import=${PRELOAD}`, PATCHPRESS_TEST_KEYS: folder };
  const { status, stdout } = spawnSync(process.execPath, [file], { encoding: 'utf8', env });
  assert.equal(status, 0);
  return stdout.match(/-----BEGIN[\s\S]*?END PUBLIC KEY-----/g) ?? [];
}

test('two processes of a program make the same keys, one process no key twice, two programs none alike', () => {
  const lab = keysOf('lab.mjs');
  assert.equal(createPublicKey(lab[0] ?? '').asymmetricKeyDetails?.modulusLength, 1024);
  assert.equal(new Set([...lab, ...keysOf('signer.mjs')]).size, 4);
  assert.deepEqual(keysOf('lab.mjs'), lab);
});
