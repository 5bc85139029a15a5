import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseInventory } from '../../src/config/inventory.js';
import { parseCsv } from '../../src/text/csv.js';

const row = {
  displayName: 'Tool, "new"',
  displayVersion: '1.0',
  publisher: 'Vendor',
  key: 'Tool',
  view: '32',
  windowsInstaller: false,
  computers: 1,
} as const;

describe('an inventory', () => {
  test('as CSV: equal rows are one', () => {
    const line = '"Tool, ""new""",1.0,Vendor,Tool,32,0';
    const csv = `\ufeffdisplayName,version,publisher,key,view,windowsInstaller\r\n${line}\r\n${line}\r\n`;
    assert.deepEqual(parseInventory(csv, 'a.csv'), [{ ...row, computers: 2 }]);
  });

  test("as ConfigMgr's view has it, with columns that nobody asks for", () => {
    const csv =
      'ResourceID,ProdID0,DisplayName0,Publisher0,Version0\n1,Tool,"Tool, ""new""",,1.0\n2,X,,V,1\n';
    assert.deepEqual(parseInventory(csv, 'a.csv'), [
      { ...row, publisher: null, view: null, windowsInstaller: null },
    ]);
  });

  test('as JSON, also as it is kept', () => {
    const rows = parseInventory(JSON.stringify([{ ...row, view: 32 }]), 'a.json');
    assert.deepEqual(rows, [row]);
    assert.deepEqual(parseInventory(JSON.stringify(rows), 'kept.json'), rows);
    const open = [{ ...row, key: null, publisher: null, view: null, windowsInstaller: null }];
    assert.deepEqual(parseInventory(JSON.stringify(open), 'kept.json'), open);
  });

  for (const text of ['', 'a,b\n1,2\n', '[1]', '[', '[{"displayName":"A","version":"1","view":"16"}]']) {
    test(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(() => parseInventory(text, 'a'), { code: 'configuration.invalid', where: /^a/ }));
  }
});

describe('comma-separated values', () => {
  const table: readonly [text: string, rows: readonly (readonly string[])[]][] = [
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,\r\n\r\n,b\r\n',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['"a\nb","c""d"\n', [['a\nb', 'c"d']]],
    ['"a,b', [['a,b']]],
    ['"a"b,c"d\n', [['ab', 'c"d']]],
    ['a,', [['a', '']]],
    ['', []],
  ];
  for (const [text, rows] of table) {
    test(JSON.stringify(text), () => assert.deepEqual(parseCsv(text), rows));
  }
});
