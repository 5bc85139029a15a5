import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { openLedger } from '../../src/ledger/ledger.js';
import { concurrencyContract } from './concurrency.js';
import { ledgerContract } from './contract.js';

const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
after(() => rmSync(folder, { recursive: true }));
let opened = 0;
const open = () => {
  opened += 1;
  return openLedger({ file: join(folder, `${opened}.db`) });
};

ledgerContract('sqlite', open);

concurrencyContract('sqlite', async () => {
  opened += 1;
  const file = join(folder, `${opened}.db`);
  return [await openLedger({ file }), await openLedger({ file })];
});

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

const CHILDREN = fileURLToPath(new URL('children.js', import.meta.url));

function child(deed: string, file: string): ChildProcess {
  return spawn(process.execPath, [CHILDREN, deed, file], { stdio: ['pipe', 'pipe', 'inherit'] });
}

test('sqlite: a database that another process holds is waited for, and the event loop goes on', async () => {
  const file = join(folder, 'held.db');
  const ledger = await openLedger({ file });
  const holder = child('hold', file);
  await once(holder.stdout ?? holder, 'data');
  let ticks = 0;
  const clock = setInterval(() => {
    ticks += 1;
    // Only a loop that runs gets the lock released.
    if (ticks === 5) holder.stdin?.end();
  }, 20);
  await ledger.transaction((tx) => tx.putSetting('a', '1'));
  clearInterval(clock);
  assert.ok(ticks >= 5);
  assert.equal(await ledger.setting('a'), '1');
  await ledger.close();
});

test('sqlite: processes that open a new ledger at once all get it', async () => {
  const file = join(folder, 'new.db');
  const exits = await Promise.all(
    [1, 2, 3].map(async () => {
      const [code] = await once(child('open', file), 'exit');
      return code;
    }),
  );
  assert.deepEqual(exits, [0, 0, 0]);
});

test('sqlite: a migration that fails half way leaves nothing, so that the next one succeeds', async () => {
  const file = join(folder, 'half.db');
  const database = new Database(file);
  // The last table of the first migration is there already.
  database.exec('create table outbox (id integer)');
  const fault = { code: 'configuration.invalid', where: file, found: /outbox/ };
  await assert.rejects(openLedger({ file }), fault);
  database.exec('drop table outbox');
  database.close();
  const ledger = await openLedger({ file });
  assert.deepEqual(await ledger.work(), []);
  await ledger.close();
});

test('sqlite: a folder that cannot be, or a file that is no database, is a fault with its place', async () => {
  const file = join(folder, 'text.db');
  writeFileSync(file, 'this is no database, however long it may be '.repeat(50));
  await assert.rejects(openLedger({ file }), { code: 'configuration.invalid', where: file });
  await assert.rejects(openLedger({ file: join(file, 'below', 'x.db') }), { code: 'configuration.invalid' });
});

test('sqlite: a full disk is told as one, and what was written stays', (context) => {
  const disk = join(folder, 'small');
  const script = 'mkdir -p "$1" && mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" fill "$1/ledger.db"';
  const inside = ['-rm', 'sh', '-c', script, 'sh', disk, process.execPath, CHILDREN];
  const allowed = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'ignore' });
  if (allowed.status !== 0) return context.skip('SKIPPED: no small disk can be mounted here');
  const { stdout, stderr } = spawnSync('unshare', inside, { encoding: 'utf8' });
  const [fault, kept, after] = stdout.split('\n');
  assert.match(fault ?? '', /^storage\.full: the ledger cannot write; found: SQLITE_(FULL|IOERR)/, stderr);
  assert.deepEqual([kept, after], ['kept', 'written'], 'with space again, the same ledger writes again');
  return undefined;
});

test('sqlite: a file that may not grow is a full disk too', () => {
  const file = join(folder, 'limited.db');
  const script = 'ulimit -f 800; exec "$1" "$2" fill "$3"';
  const limited = spawnSync('sh', ['-c', script, 'sh', process.execPath, CHILDREN, file], {
    encoding: 'utf8',
  });
  assert.match(limited.stdout, /^storage\.full: .*\nkept\nstorage\.full: /, limited.stderr);
});
