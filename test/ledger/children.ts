import { rmSync, writeFileSync } from 'node:fs';
import Database from 'libsql';
import { describeFault } from '../../src/core/errors.js';
import { openLedger } from '../../src/ledger/ledger.js';

/** What `sqlite.test.ts` runs in processes of their own: `node children.js <deed> <file>`. */
const [deed, file = ''] = process.argv.slice(2);

if (deed === 'hold') hold();
if (deed === 'open') await open();
if (deed === 'fill') await fill();

/** Takes the write lock until its standard input ends. */
function hold(): void {
  const database = new Database(file);
  database.exec('begin immediate');
  process.stdout.write('held\n');
  process.stdin.resume().on('end', () => {
    database.exec('commit');
    database.close();
  });
}

async function open(): Promise<void> {
  const ledger = await openLedger({ file });
  await ledger.transaction((tx) => tx.putSetting(`opened-${process.pid}`, 'yes'));
  await ledger.close();
}

/** Writes until the disk is full; says how that was told, what was there before, and what can be written after. */
async function fill(): Promise<void> {
  const ledger = await openLedger({ file });
  const ballast = `${file}-ballast`;
  writeFileSync(ballast, Buffer.alloc(200_000));
  await ledger.transaction((tx) => tx.putSetting('first', 'kept'));
  for (let n = 0; n < 2000; n += 1) {
    const fault = await ledger
      .transaction((tx) => tx.putSetting(`filler-${n}`, 'x'.repeat(20_000)))
      .then(() => null, describeFault);
    if (fault === null) continue;
    process.stdout.write(`${fault}\n${await ledger.setting('first')}\n`);
    rmSync(ballast);
    // As long as the filler: what little is left behind the limit does not take it.
    const after = ledger.transaction((tx) => tx.putSetting('second', 'written'.padEnd(20_000)));
    const said = await after.then(async () => (await ledger.setting('second'))?.trim(), describeFault);
    process.stdout.write(`${said}\n`);
    return;
  }
}
