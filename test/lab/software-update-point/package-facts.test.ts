import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SoftwareDistributionPackage } from '../../../src/core/update.js';
import { readPackageFacts } from '../../../src/lab/software-update-point/package-facts.js';
import { writeSdp } from '../../../src/sus/sdp/index.js';
import { renderPackage } from '../../../src/sus/sdp/render.js';
import { writeXml } from '../../../src/text/xml/index.js';
import { ITEM, MSI_ITEM, PACKAGE } from '../../sus/sdp/packages.js';

/** As a publisher would send it who checks nothing. */
const unchecked = (pkg: SoftwareDistributionPackage) => writeXml(renderPackage(pkg, 'sdp'));

test('what the site keeps of a package', () => {
  assert.deepEqual(readPackageFacts(writeSdp(PACKAGE)), {
    title: '7-Zip 26.00 (EXE-x64)',
    vendorName: 'Patchpress',
    productNames: ['Third-Party Updates'],
    classification: 'Security Updates',
    classificationId: '0fa1201d-4330-4fa8-8ae9-b877473b6441',
    isExpired: false,
    supersedes: PACKAGE.supersededPackages,
    itemId: ITEM.id,
    originFile: ITEM.originFile,
    isWindowsInstaller: false,
  });
  const msi = readPackageFacts(writeSdp({ ...PACKAGE, installableItems: [MSI_ITEM] }));
  assert.equal(msi.isWindowsInstaller, true);
});

describe('what the update server would file nowhere is refused', () => {
  const { properties, updateSpecificData } = PACKAGE;
  const cases: readonly (readonly [string, SoftwareDistributionPackage, RegExp])[] = [
    [
      'Hotfixes',
      { ...PACKAGE, updateSpecificData: { ...updateSpecificData, classification: 'Hotfixes' } },
      /Hotfixes has no category/,
    ],
    ['no vendor', { ...PACKAGE, properties: { ...properties, vendorName: '' } }, /VendorName is missing/],
    [
      'an empty product',
      { ...PACKAGE, properties: { ...properties, productNames: [' '] } },
      /ProductName is missing/,
    ],
    [
      'two items',
      { ...PACKAGE, installableItems: [ITEM, { ...ITEM, id: properties.packageId }] },
      /no bundles/,
    ],
    [
      'a bundle',
      { ...PACKAGE, installableItems: [], bundledPackages: PACKAGE.supersededPackages },
      /no bundles/,
    ],
  ];
  for (const [name, pkg, expected] of cases) {
    test(name, () => {
      assert.throws(() => readPackageFacts(unchecked(pkg)), { name: 'SiteRefusal', message: expected });
    });
  }

  test('what is no package at all', () => {
    assert.throws(() => readPackageFacts('<a/>'), { code: 'package.invalid' });
  });
});
