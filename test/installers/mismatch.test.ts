import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InstallerInspection } from '../../src/core/installer.js';
import { findMismatches } from '../../src/installers/mismatch.js';
import { inspectionOf, nullsoftDefinition } from './definitions.js';

const whatDiffers = (
  inspection: Partial<InstallerInspection>,
  version = '24.9.1',
  changes = {},
): readonly string[] =>
  findMismatches(inspectionOf(inspection), nullsoftDefinition(changes), version).map(({ what }) => what);

test('a file that is silent or right fits', () => {
  assert.deepEqual(whatDiffers({}), []);
  assert.deepEqual(whatDiffers({ architecture: 'x64', scope: 'machine', version: '24.9.1.0' }), []);
});

test('each contradiction is named with what was expected and found', () => {
  const wrong = inspectionOf({ technology: 'msi', architecture: 'arm64', scope: 'user', version: '24.9.2' });
  assert.deepEqual(findMismatches(wrong, nullsoftDefinition(), '24.9.1'), [
    { what: 'technology', expected: 'nullsoft', found: 'msi' },
    { what: 'architecture', expected: 'x64', found: 'arm64' },
    { what: 'scope', expected: 'machine', found: 'installs for one user (no ALLUSERS=1)' },
    { what: 'version', expected: '24.9.1', found: '24.9.2' },
  ]);
});

test('ALLUSERS=1 on the command line makes a per-user MSI one for the machine', () => {
  assert.deepEqual(whatDiffers({ scope: 'user' }, '1', { arguments: 'REBOOT=R ALLUSERS=1' }), []);
  assert.deepEqual(whatDiffers({ scope: 'user' }, '1', { arguments: 'NOTALLUSERS=1' }), ['scope']);
});

describe('versions are compared where they can be', () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['24.9.0.0', '24.09', true],
    ['24.9.1.1234', '24.9.1', true],
    ['3.5.1', '3.5.1.7', true],
    ['24.0.0.0', '24.9', false],
    ['24.10.0.0', '24.9', false],
    ['1.2.3', 'v1.2.3', true],
    ['8.6.9.0', '8.6.9-rc1', true],
    ['1.0.0.0', '20260115', true],
  ];
  for (const [found, released, fits] of table) {
    test(`${found} in a file of ${released}`, () => {
      assert.deepEqual(whatDiffers({ version: found }, released), fits ? [] : ['version']);
    });
  }

  test('not for an MSI with a numbering of its own', () => {
    const { detection } = nullsoftDefinition();
    const changes = { detection: { ...detection, displayVersion: 'installer' } };
    assert.deepEqual(whatDiffers({ version: '7.1.2004' }, '9', changes), []);
  });
});
