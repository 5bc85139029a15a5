import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXIT } from '../../../src/app/cli/output.js';
import { checkProducts } from '../../../src/app/cli/product-check.js';

test('an id that no definition has is told, and is no success', async (t) => {
  const products = mkdtempSync(join(tmpdir(), 'definitions-'));
  t.after(() => rmSync(products, { recursive: true }));
  cpSync('catalogs/products/7zip', join(products, '7zip'), { recursive: true });
  const written = t.mock.method(process.stdout, 'write', () => true);
  const check = async (ids: readonly string[]): Promise<readonly [number, string]> => {
    written.mock.resetCalls();
    const code = await checkProducts(ids, { products });
    return [code, written.mock.calls.map(({ arguments: [text] }) => String(text)).join('')];
  };
  const [good] = await check(['7ZIP.7zip']);
  const [negative, text] = await check(['7zip.7zip', 'No.Such']);
  t.mock.restoreAll();
  assert.deepEqual([good, negative], [EXIT.ok, EXIT.negative]);
  assert.match(text, /^No\.Such: no definition has this id$/m);
});
