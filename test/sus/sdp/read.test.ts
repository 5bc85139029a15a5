import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSdp, validateSdp } from '../../../src/sus/sdp/index.js';
import { renderPackage } from '../../../src/sus/sdp/render.js';
import { absent, meaning, type Sample, sdpSamples } from '../samples.js';

/** Patches and drivers are kept as far as the model goes and are never written. */
const UNWRITABLE = new Set(['synthetic/driver-windowsdriver']);
const sample = (name: string): Sample => {
  const found = sdpSamples().find((one) => one.name.includes(name));
  assert.ok(found, name);
  return found;
};
const read = (name: string) => readSdp(sample(name).bytes, name);

describe('documents of vendors', { skip: absent }, () => {
  test('50 of them are read and say the same when they are written again', () => {
    const samples = sdpSamples();
    assert.equal(samples.length, 50);
    for (const { name, bytes } of samples) {
      const pkg = readSdp(bytes, name);
      if (UNWRITABLE.has(name)) continue;
      assert.deepEqual(meaning(renderPackage(pkg, 'sdp')), meaning(bytes), name);
      assert.deepEqual(meaning(renderPackage(pkg, 'smc')), meaning(bytes), name);
    }
  });

  test('a byte-order mark, an smc root and blanks around return codes are taken', () => {
    assert.equal(sample('66473').bytes.readUInt16BE(0), 0xefbb);
    assert.equal(read('66473').localizedProperties[0]?.title, 'HP Hotkey Support 6 [6.0.12.1.A1]');
    assert.match(sample('92799f35').bytes.toString('utf8'), /<smc:SoftwareDistributionPackage/);
    assert.match(sample('92799f35').bytes.toString('utf8'), /Code=" \d/);
    const { handler } = read('92799f35').installableItems[0] ?? assert.fail();
    assert.ok(handler?.kind === 'CommandLineInstallerData');
    assert.ok(handler.returnCodes.every(({ code }) => Number.isSafeInteger(code)));
  });

  test('two blocks of texts in one language are both kept, and found', () => {
    const pkg = read('82591');
    assert.deepEqual(
      pkg.localizedProperties.map(({ language }) => language),
      ['en', 'en'],
    );
    assert.deepEqual(
      validateSdp(pkg)
        .filter(({ rule }) => rule === 'unique')
        .map(({ path, found }) => [path, found]),
      [['LocalizedProperties/Language', 'en']],
    );
  });

  test('an MSI, its bulletin and its package rules', () => {
    const pkg = read('dc718411');
    assert.deepEqual(pkg.installableItems[0]?.handler, {
      kind: 'MsiInstallerData',
      msiFile: 'DSIAPC_1.6.6.5.msi',
      productCode: '{FB2B7CC0-8307-47e6-A065-11015CC96B99}',
      commandLine: 'Reboot=ReallySuppress',
      uninstallCommandLine: null,
    });
    assert.equal(pkg.updateSpecificData.securityBulletinId, '45YPT');
    assert.equal(pkg.properties.canSourceBeRequired, false);
    assert.ok(pkg.isInstallable?.kind === 'And');
  });

  test('a patch, its metadata and a driver', () => {
    const patch = read('msp-patch').installableItems[0] ?? assert.fail();
    assert.deepEqual(patch.handler, {
      kind: 'MspInstallerData',
      mspFileName: null,
      patchCode: '{0C7A0001-AAAA-4BBB-8CCC-0123456789AB}',
      fullFilePatchCode: null,
      commandLine: 'REBOOT=ReallySuppress',
      uninstallCommandLine: null,
    });
    assert.equal(patch.applicabilityRules.metadata?.[0]?.kind, 'MsiPatchMetadata');
    const driver = read('driver-windowsdriver');
    assert.equal(driver.properties.updateType, 'Driver');
    assert.deepEqual(driver.installableItems[0]?.applicabilityRules.isInstalled, {
      kind: 'Unrecognised',
      name: 'WindowsDriverInstalled',
      attributes: {},
    });
  });

  test('what the strict writer would refuse in them', () => {
    const rules = new Map<string, number>();
    for (const { name, bytes } of sdpSamples()) {
      for (const rule of new Set(validateSdp(readSdp(bytes, name)).map((found) => found.rule))) {
        rules.set(rule, (rules.get(rule) ?? 0) + 1);
      }
    }
    assert.deepEqual(Object.fromEntries([...rules].sort()), {
      cardinality: 1,
      classification: 1,
      date: 37,
      digest: 47,
      'reserved-name': 9,
      rule: 1,
      unique: 3,
      'update-type': 1,
      url: 17,
    });
  });
});

const SDP = 'http://schemas.microsoft.com/wsus/2005/04/CorporatePublishing/SoftwareDistributionPackage.xsd';
const ID = '11111111-1111-4111-8111-111111111111';
const document = (body: string, properties = `PackageID="${ID}" CreationDate="2026-01-01T00:00:00Z"`) =>
  `<s:SoftwareDistributionPackage SchemaVersion="1.0" xmlns:s="${SDP}"><s:Properties ${properties}/><s:LocalizedProperties><s:Language>en</s:Language><s:Title>T</s:Title><s:Description>D</s:Description></s:LocalizedProperties>${body}</s:SoftwareDistributionPackage>`;
const UPDATES = '<s:UpdateSpecificData UpdateClassification="Updates"/>';

describe('what cannot be understood is refused', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['another root', '<a/>', /SoftwareDistributionPackage/],
    ['another namespace', document(UPDATES).replaceAll(SDP, 'http://other'), /SoftwareDistributionPackage/],
    ['no id', document(UPDATES, 'CreationDate="2026-01-01T00:00:00Z"'), /@PackageID/],
    ['no date', document(UPDATES, `PackageID="${ID}" CreationDate="yesterday"`), /ISO 8601/],
    ['no kind of data', document(''), /ApplicationSpecificData/],
    ['an unknown classification', document(UPDATES.replace('Updates"', 'Gadgets"')), /Security Updates/],
    [
      'a superseded id that is none',
      document(`${UPDATES}<s:SupersededPackages><s:PackageID>x</s:PackageID></s:SupersededPackages>`),
      /GUID/,
    ],
    [
      'a return code that is no number',
      document(
        `${UPDATES}<s:InstallableItem ID="${ID}"><c:CommandLineInstallerData Program="a" xmlns:c="http://schemas.microsoft.com/wsus/2005/04/CorporatePublishing/Installers/CommandLineInstallation.xsd"><c:ReturnCode Code="0x1" Result="Failed"/></c:CommandLineInstallerData></s:InstallableItem>`,
      ),
      /whole number/,
    ],
  ];
  for (const [name, xml, expected] of cases) {
    test(name, () => {
      assert.throws(() => readSdp(xml, 'a test'), { code: 'package.invalid', where: 'a test', expected });
    });
  }

  test('a document type, and what is no XML', () => {
    for (const xml of [`<!DOCTYPE a [<!ENTITY b "c">]>${document(UPDATES)}`, 'MZ', '']) {
      assert.throws(() => readSdp(xml, 'a test'), { code: 'payload.invalid' });
    }
  });

  test('ApplicationSpecificData and Hotfixes are read', () => {
    const application = readSdp(document('<s:ApplicationSpecificData/>'), 'a test');
    assert.equal(application.updateSpecificData.classification, 'Applications');
    const hotfix = readSdp(document(UPDATES.replace('Updates"', 'Hotfixes"')), 'a test');
    assert.equal(hotfix.updateSpecificData.classification, 'Hotfixes');
  });
});
