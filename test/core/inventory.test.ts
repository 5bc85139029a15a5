import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type InventoryRow, suggestDetections } from '../../src/core/inventory.js';
import { notepad64, productOf } from '../packages/products.js';

const row = (changes: Partial<InventoryRow> = {}): InventoryRow => ({
  displayName: 'Sample Tool 2.1 (x64)',
  displayVersion: '2.1',
  publisher: 'Sample Ltd',
  key: 'SampleTool',
  view: '64',
  windowsInstaller: null,
  computers: 3,
  ...changes,
});
const { detection: _, ...installer } = notepad64;
const open = productOf([installer], { id: 'Sample.Tool', name: 'Sample Tool', vendor: 'Sample Ltd.' });

describe('what an inventory suggests', () => {
  test('of several versions is one detection, without the version', () => {
    const rows = [row(), row({ displayName: 'Sample Tool 2.0 (x64)', displayVersion: '2.0', computers: 4 })];
    assert.deepEqual(suggestDetections([open], rows), [
      {
        productId: 'Sample.Tool',
        detection: {
          view: '64',
          displayName: { beginsWith: 'Sample Tool ', endsWith: ' (x64)' },
          publisher: 'Sample Ltd',
          windowsInstaller: false,
          displayVersion: 'release',
          evidence: 'inventory',
        },
        computers: 7,
        versions: ['2.1', '2.0'],
      },
    ]);
  });

  test('names what most computers have first, and tells an MSI by its key', () => {
    const msi = row({ key: '{1D5B2C7E-53A0-4F0B-9C56-0A1B2C3D4E5F}', computers: 9 });
    assert.deepEqual(
      suggestDetections([open], [row(), msi]).map(({ detection, computers }) => [
        detection.windowsInstaller,
        computers,
      ]),
      [
        [true, 9],
        [false, 3],
      ],
    );
  });

  const others: readonly [name: string, rows: readonly InventoryRow[]][] = [
    ['another publisher', [row({ publisher: 'Other' })]],
    ['a namesake', [row({ displayName: 'Sample Toolbox 2.1' })]],
    ['a version of another numbering', [row({ displayName: 'Sample Tool 9.8.7' })]],
  ];
  for (const [name, rows] of others) {
    test(`${name}: nothing`, () => assert.deepEqual(suggestDetections([open], rows), []));
  }

  test('a product that is known needs none', () => {
    const known = productOf([notepad64], { name: 'Sample Tool', vendor: 'Sample' });
    assert.deepEqual(suggestDetections([known], [row()]), []);
  });
});
