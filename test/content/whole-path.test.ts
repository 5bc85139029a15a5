import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createContentStore } from '../../src/content/store.js';

const folder = mkdtempSync(join(tmpdir(), 'content-'));
after(() => rmSync(folder, { recursive: true }));

test('an object is handed out only while it has its digest', async () => {
  const store = createContentStore(folder);
  const { sha256 } = await store.putBuffer(Buffer.from('an installer'));
  const path = await store.wholePath(sha256);
  assert.equal(path, store.pathOf(sha256));
  assert.equal(await store.wholePath(sha256), path);
  chmodSync(path, 0o600);
  writeFileSync(path, 'an Installer');
  await assert.rejects(store.wholePath(sha256), { code: 'content.corrupt', expected: `sha256 ${sha256}` });
  assert.equal(await store.check(sha256), 'damaged');
  rmSync(path);
  await assert.rejects(store.wholePath(sha256), { code: 'content.missing', where: path });
  assert.equal((await store.putBuffer(Buffer.from('an installer'))).sha256, sha256);
  assert.equal(await store.wholePath(sha256), path);
});
