import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openLedger } from '../../src/ledger/ledger.js';
import { ledgerContract } from './contract.js';

const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
after(() => rmSync(folder, { recursive: true }));
let opened = 0;
const open = () => {
  opened += 1;
  return openLedger({ file: join(folder, `${opened}.db`) });
};

ledgerContract('sqlite', open);

test('sqlite: a value that the driver would abort on is refused before it is bound', async () => {
  const ledger = await open();
  await assert.rejects(
    ledger.transaction((tx) => tx.putSetting('flag', true as unknown as string)),
    { code: 'ledger.refused-value', found: 'boolean true' },
  );
  await assert.rejects(
    ledger.transaction((tx) => tx.putSetting('number', Number.NaN as unknown as string)),
    { code: 'ledger.refused-value', found: 'number NaN' },
  );
  await ledger.close();
});

test('sqlite: rows survive closing, and two ledgers on one file see each other', async () => {
  const file = join(folder, 'shared.db');
  const first = await openLedger({ file });
  const second = await openLedger({ file });
  await first.transaction((tx) => tx.putSetting('site', 'lab'));
  assert.equal(await second.setting('site'), 'lab');
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      (n % 2 ? first : second).transaction((tx) => tx.putSetting(`k${n}`, `${n}`)),
    ),
  );
  assert.equal(await first.setting('k18'), '18');
  await first.close();
  await second.close();
});
