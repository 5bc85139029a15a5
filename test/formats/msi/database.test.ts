import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import { decodeText } from '../../../src/formats/msi/code-pages.js';
import { type MsiColumn, type MsiDatabase, readMsi } from '../../../src/formats/msi/index.js';
import { decodeStreamName } from '../../../src/formats/msi/stream-names.js';
import { readStringPool } from '../../../src/formats/msi/string-pool.js';
import { buildMsi, mustRun, pseudoRandom, temporaryFolder } from '../programs.js';

/** One row as `msiinfo export` prints it: values between tabs, a stream by its file's name. */
function exported(database: MsiDatabase, table: string): string[] {
  const columns = database.columns(table);
  return database
    .table(table)
    .map((row) => columns.map((column) => shown(column, row[column.name] ?? null)).join('\t'));
}

function shown(column: MsiColumn, value: string | number | null): string {
  if (column.kind === 'stream') return '*';
  return value === null ? '' : String(value);
}

describe('an MSI database', () => {
  for (const architecture of ['x86', 'x64'] as const) {
    test(`has the rows that msiinfo exports (${architecture})`, (t) => {
      const folder = temporaryFolder(t);
      const path = buildMsi(t, folder, { architecture });
      if (path === null) return;
      const database = readMsi(bufferSource(readFileSync(path)));
      const listed = mustRun(t, 'msiinfo', ['tables', 'sample.msi'], folder);
      if (listed === null) return;
      const theirs = listed.output.split('\n').filter((name) => name !== '' && !name.startsWith('_'));
      assert.deepEqual(database.tables.filter((name) => !name.startsWith('_')).sort(), theirs.sort());
      assert.ok(theirs.length > 20);
      let compared = 0;
      for (const table of theirs) {
        const answer = mustRun(t, 'msiinfo', ['export', 'sample.msi', table], folder);
        if (answer === null) return;
        const [head, , , ...rows] = answer.stdout.toString('utf8').split('\r\n');
        assert.deepEqual(
          database.columns(table).map((column) => column.name),
          head?.split('\t'),
          table,
        );
        if (database.columns(table).some((column) => column.kind === 'stream')) continue;
        assert.deepEqual(exported(database, table).sort(), rows.filter((row) => row !== '').sort(), table);
        compared += rows.length;
      }
      assert.ok(compared > 60, `${compared} rows compared`);
    });
  }

  test('has the summary that msiinfo shows', (t) => {
    const folder = temporaryFolder(t);
    const path = buildMsi(t, folder, { architecture: 'x64' });
    if (path === null) return;
    const { summary, properties } = readMsi(bufferSource(readFileSync(path)));
    const shownByThem = mustRun(t, 'msiinfo', ['suminfo', 'sample.msi'], folder);
    if (shownByThem === null) return;
    const value = (label: RegExp): string => label.exec(shownByThem.output)?.[1] ?? 'not there';
    assert.equal(summary.template, value(/Template: (.*)/));
    assert.equal(summary.template, 'x64;1033');
    assert.equal(summary.packageCode, value(/Revision number \(UUID\): (.*)/));
    assert.equal(summary.author, value(/Author: (.*)/));
    assert.equal(String(summary.schema), value(/Version: (\d+)/));
    assert.equal(summary.schema, 200);
    assert.equal(summary.wordCount, 2);
    assert.equal(properties.get('LONGTEXT')?.length, 70_000);
    assert.equal(properties.get('ProductVersion'), '4.5.6');
  });

  test('answers 600 flips with tables or a PermanentError', (t) => {
    const path = buildMsi(t, temporaryFolder(t), { architecture: 'x86' });
    if (path === null) return;
    const bytes = readFileSync(path);
    const random = pseudoRandom(5);
    for (let round = 0; round < 600; round += 1) {
      const hostile = Buffer.from(bytes);
      for (let flips = 0; flips < 4; flips += 1)
        hostile.writeUInt8(random.next(256), random.next(bytes.length));
      try {
        const database = readMsi(bufferSource(hostile));
        for (const table of database.tables) database.table(table);
      } catch (error) {
        assert.ok(error instanceof PermanentError, String(error));
      }
    }
  });

  test('a patch, a document and half a file are not one', (t) => {
    const path = buildMsi(t, temporaryFolder(t), { architecture: 'x86' });
    if (path === null) return;
    const bytes = readFileSync(path);
    assert.throws(() => readMsi(bufferSource(bytes.subarray(0, 2000))), { code: 'installer.malformed' });
    const clsid = Buffer.from('84100c0000000000c000000000000046', 'hex');
    const patch = Buffer.from(bytes);
    patch.writeUInt8(0x86, patch.indexOf(clsid));
    assert.throws(() => readMsi(bufferSource(patch)), { message: /not an MSI/ });
  });
});

describe('parts', () => {
  test('stream names', () => {
    assert.deepEqual(decodeStreamName('\u4840\u3f3f\u4577\u446c\u3b6a\u45e4\u4824'), {
      name: '_StringData',
      isTable: true,
    });
    assert.deepEqual(decodeStreamName('\u0005SummaryInformation'), {
      name: '\u0005SummaryInformation',
      isTable: false,
    });
  });

  test('code pages, known and neutral', () => {
    assert.equal(decodeText(Buffer.from([0x63, 0xe9]), 0), 'c\u00e9');
    assert.equal(decodeText(Buffer.from('c\u00e9'), 0), 'c\u00e9');
    assert.equal(decodeText(Buffer.from([0x83, 0x65]), 932), '\u30c6');
    assert.equal(decodeText(Buffer.from([0xcf]), 1251), '\u041f');
    assert.equal(decodeText(Buffer.from([0xe9]), 4711), '\u00e9');
  });

  test('a string pool with wide references refuses what passes its data', () => {
    const pool = Buffer.from('e404008003000100', 'hex');
    const strings = readStringPool(pool, Buffer.from('abc'));
    assert.equal(strings.referenceBytes, 3);
    assert.equal(strings.codePage, 1252);
    assert.equal(strings.get(1), 'abc');
    assert.equal(strings.get(0), null);
    assert.throws(() => strings.get(2), { code: 'installer.malformed' });
    assert.throws(() => readStringPool(pool, Buffer.from('ab')), { code: 'installer.malformed' });
  });
});
