import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InstallerDefinition, ProductDefinition } from '../../src/core/product.js';
import { highestTier } from '../../src/core/tier.js';

const installer: InstallerDefinition = {
  architecture: 'x64',
  technology: 'nullsoft',
  scope: 'machine',
  urlTemplate: 'https://vendor.example/{version}/setup.exe',
  arguments: '/S',
  returnCodes: [{ code: 0, result: 'Succeeded', reboot: false }],
};
const stated = { windowsInstaller: false, displayVersion: 'release', evidence: 'stated' } as const;
const vendors = { type: 'json', url: 'https://vendor.example/', path: '$.v' };
const upgradeCode = '{23170F69-40C1-2702-0000-000004000000}';

function product(changes: Partial<ProductDefinition>): ProductDefinition {
  const named = { ...installer, detection: { ...stated, displayName: { equalTo: 'Sample' } } };
  return {
    id: 'A.B',
    name: 'B',
    vendor: 'A',
    tier: 'A',
    versionScheme: 'numeric',
    classification: 'Updates',
    feeds: [vendors],
    installers: [named],
    ...changes,
  };
}

function installedBy(changes: Partial<InstallerDefinition>): ProductDefinition {
  return product({ installers: [{ ...installer, ...changes }] });
}

const { urlTemplate: _, ...nowhere } = installer;
const msi = { technology: 'msi', returnCodes: [], arguments: '' } as const;

describe('the highest tier', () => {
  const cases: readonly [name: string, product: ProductDefinition, tier: string, lacks: RegExp][] = [
    ['a stated name', product({}), 'A', /^$/],
    ['a stated key', installedBy({ detection: { ...stated, key: 'Sample' } }), 'A', /^$/],
    [
      'an MSI with its UpgradeCode',
      installedBy({
        ...msi,
        detection: {
          upgradeCode,
          windowsInstaller: true,
          displayVersion: 'installer',
          evidence: 'msi-tables',
        },
      }),
      'A',
      /^$/,
    ],
    ['an MSI of which nothing is stated', installedBy(msi), 'B', /before the first inspection/],
    ['an Inno Setup', installedBy({ technology: 'inno' }), 'B', /before the first inspection/],
    ['an NSIS installer', installedBy({}), 'C', /evidence of how an installed copy shows itself/],
    [
      'an inferred name, of an MSI too',
      installedBy({
        ...msi,
        detection: {
          displayName: { equalTo: 'Sample' },
          windowsInstaller: true,
          displayVersion: 'installer',
          evidence: 'inferred',
        },
      }),
      'C',
      /evidence of how/,
    ],
    [
      'a ProductCode alone',
      installedBy({
        ...msi,
        detection: {
          productCode: upgradeCode,
          windowsInstaller: true,
          displayVersion: 'installer',
          evidence: 'msi-tables',
        },
      }),
      'B',
      /before the first inspection/,
    ],
    ['no feed', product({ feeds: [] }), 'C', /a complete feed of the vendor's own/],
    ['a second source only', product({ feeds: [{ type: 'winget', id: 'A.B' }] }), 'C', /vendor's own/],
    [
      'a fixed address, whose file tells the version',
      product({ feeds: [{ type: 'static-download', url: 'https://a.test/latest/app.msi?os=win' }] }),
      'A',
      /^$/,
    ],
    [
      'an address without a name that it is installed from',
      product({
        feeds: [{ type: 'static-download', url: 'https://a.test/get' }],
        installers: [
          { ...installer, urlTemplate: 'https://a.test/get', detection: { ...stated, key: 'Sample' } },
        ],
      }),
      'A',
      /^$/,
    ],
    [
      'a fixed address of a page',
      product({ feeds: [{ type: 'static-download', url: 'https://a.test/app.html' }] }),
      'C',
      /a feed that shows the version/,
    ],
    ['no address', product({ installers: [nowhere] }), 'C', /an address of an installer/],
    ['nothing at all', product({ feeds: [], installers: [] }), 'C', /vendor's own; an address/],
    ['a vendor who forbids it', product({ automation: 'forbidden' }), 'C', /consent/],
    ['a product that is no more', product({ retired: true }), 'C', /still releases/],
  ];
  for (const [name, one, tier, lacks] of cases) {
    test(`of ${name} is ${tier}`, () => {
      const found = highestTier(one);
      assert.equal(found.tier, tier);
      assert.match((tier === 'C' ? found.lacks.B : found.lacks.A).join('; '), lacks);
    });
  }
});
