import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rule } from '../../../src/core/applicability.js';
import type { MsiPatchMetadata } from '../../../src/core/msi-patch.js';
import type { InstallableItem, OriginFile, SoftwareDistributionPackage } from '../../../src/core/update.js';
import { validateSdp } from '../../../src/sus/sdp/index.js';
import { ITEM, MSI_ITEM, MSP_ITEM, PACKAGE, PATCH } from './packages.js';

type Package = SoftwareDistributionPackage;

const properties = (change: Partial<Package['properties']>): Package => ({
  ...PACKAGE,
  properties: { ...PACKAGE.properties, ...change },
});
const data = (change: Partial<Package['updateSpecificData']>): Package => ({
  ...PACKAGE,
  updateSpecificData: { ...PACKAGE.updateSpecificData, ...change },
});
const texts = (...localizedProperties: Package['localizedProperties'][number][]): Package => ({
  ...PACKAGE,
  localizedProperties,
});
const item = (change: Partial<InstallableItem>, from = ITEM): Package => ({
  ...PACKAGE,
  installableItems: [{ ...from, ...change }],
});
const file = (change: Partial<OriginFile>): Package => {
  assert.ok(ITEM.originFile);
  return item({ originFile: { ...ITEM.originFile, ...change } });
};
const rule = (isInstalled: Rule): Package =>
  item({ applicabilityRules: { ...ITEM.applicabilityRules, isInstalled } });
const command = (change: object): Package => {
  assert.ok(ITEM.handler);
  return item({ handler: { ...ITEM.handler, ...change } });
};
const msi = (change: object): Package => {
  assert.ok(MSI_ITEM.handler);
  return item({ handler: { ...MSI_ITEM.handler, ...change } }, MSI_ITEM);
};
const msp = (change: object): Package => {
  assert.ok(MSP_ITEM.handler);
  return item({ handler: { ...MSP_ITEM.handler, ...change } }, MSP_ITEM);
};
const patch = (change: Partial<MsiPatchMetadata>): Package =>
  item(
    { applicabilityRules: { ...MSP_ITEM.applicabilityRules, metadata: [{ ...PATCH, ...change }] } },
    MSP_ITEM,
  );
const en = { language: 'en', title: 'T', description: 'D' };
const PLACE = { key: 'HKEY_LOCAL_MACHINE', subkey: 'SOFTWARE\\A', regType32: false } as const;
const OWN = PACKAGE.properties.packageId;

test('a sound package has no findings', () => {
  assert.deepEqual(validateSdp(PACKAGE), []);
  assert.deepEqual(validateSdp(item({}, MSI_ITEM)), []);
  assert.deepEqual(validateSdp(item({}, MSP_ITEM)), []);
});

/** What is wrong, the path and the rule of the one finding. */
const WRONG: readonly (readonly [string, Package, string, string])[] = [
  ['three-part schema version', { ...PACKAGE, schemaVersion: '1.2.3' }, '@SchemaVersion', 'schema-version'],
  [
    'upper-case id',
    properties({ packageId: 'ABCDEF00-1111-4111-8111-111111111111' }),
    'Properties/@PackageID',
    'guid',
  ],
  [
    'date without zone',
    properties({ creationDate: '2026-11-24T10:00:00' }),
    'Properties/@CreationDate',
    'date',
  ],
  ['30 February', properties({ creationDate: '2026-02-30T10:00:00Z' }), 'Properties/@CreationDate', 'date'],
  ['vendor Microsoft', properties({ vendorName: 'microsoft' }), 'Properties/@VendorName', 'reserved-name'],
  ['no vendor', properties({ vendorName: '' }), 'Properties/@VendorName', 'length'],
  ['long vendor', properties({ vendorName: 'x'.repeat(201) }), 'Properties/@VendorName', 'length'],
  ['no product', properties({ productNames: [] }), 'Properties/ProductName', 'cardinality'],
  ['product Tools', properties({ productNames: ['Tools'] }), 'Properties/ProductName[0]', 'reserved-name'],
  ['product twice', properties({ productNames: ['A', 'a'] }), 'Properties/ProductName', 'unique'],
  ['a driver', properties({ updateType: 'Driver' }), 'Properties/@UpdateType', 'update-type'],
  ['HTTP:// address', properties({ moreInfoUrls: ['HTTP://a.test/'] }), 'Properties/MoreInfoUrl[0]', 'url'],
  ['ftp address', properties({ supportUrl: 'ftp://a.test/' }), 'Properties/SupportUrl', 'url'],
  [
    'long address',
    properties({ supportUrl: `https://a.test/${'x'.repeat(2070)}` }),
    'Properties/SupportUrl',
    'url',
  ],
  ['no texts', texts(), 'LocalizedProperties', 'cardinality'],
  ['language twice', texts(en, { ...en, language: 'EN' }), 'LocalizedProperties/Language', 'unique'],
  ['no language', texts({ ...en, language: '' }), 'LocalizedProperties[0]/Language', 'language'],
  ['empty title', texts({ ...en, title: '' }), 'LocalizedProperties[0]/Title', 'length'],
  [
    'title of 201 characters',
    texts({ ...en, title: '\u{1F4E6}'.repeat(201) }),
    'LocalizedProperties[0]/Title',
    'length',
  ],
  [
    'long description',
    texts({ ...en, description: 'x'.repeat(1501) }),
    'LocalizedProperties[0]/Description',
    'length',
  ],
  [
    'Hotfixes',
    data({ classification: 'Hotfixes' }),
    'UpdateSpecificData/@UpdateClassification',
    'classification',
  ],
  [
    'an application',
    data({ classification: 'Applications' }),
    'UpdateSpecificData/@UpdateClassification',
    'classification',
  ],
  [
    'Drivers',
    data({ classification: 'Drivers' }),
    'UpdateSpecificData/@UpdateClassification',
    'classification',
  ],
  [
    'long bulletin',
    data({ securityBulletinId: 'x'.repeat(16) }),
    'UpdateSpecificData/SecurityBulletinID',
    'length',
  ],
  ['empty KB', data({ kbArticleId: '' }), 'UpdateSpecificData/KBArticleID', 'length'],
  ['CVE twice', data({ cveIds: ['CVE-1', 'cve-1'] }), 'UpdateSpecificData/CveID', 'unique'],
  ['supersedes itself', { ...PACKAGE, supersededPackages: [OWN] }, 'SupersededPackages/PackageID', 'itself'],
  ['needs itself', { ...PACKAGE, prerequisites: [[OWN]] }, 'Prerequisites/AtLeastOne[0]/PackageID', 'itself'],
  ['empty clause', { ...PACKAGE, prerequisites: [[]] }, 'Prerequisites/AtLeastOne[0]', 'cardinality'],
  ['nothing to install', { ...PACKAGE, installableItems: [] }, 'InstallableItem', 'cardinality'],
  [
    'bundle with item',
    { ...PACKAGE, bundledPackages: PACKAGE.supersededPackages },
    'InstallableItem',
    'cardinality',
  ],
  ['item with the id of the package', item({ id: OWN }), 'InstallableItem/@ID', 'unique'],
  ['no handler', item({ handler: null }), 'InstallableItem[0]', 'cardinality'],
  ['no file', item({ originFile: null }), 'InstallableItem[0]/OriginFile', 'cardinality'],
  ['language twice in an item', item({ languages: ['en', 'en'] }), 'InstallableItem[0]/Language', 'unique'],
  ['short digest', file({ digest: 'AAAA' }), 'InstallableItem[0]/OriginFile/@Digest', 'digest'],
  ['no SHA-256', file({ sha256: null }), 'InstallableItem[0]/OriginFile/AdditionalDigest', 'digest'],
  [
    'http content',
    file({ originUri: 'http://a.test/a.exe' }),
    'InstallableItem[0]/OriginFile/@OriginUri',
    'url',
  ],
  ['no bytes', file({ sizeBytes: 0 }), 'InstallableItem[0]/OriginFile/@Size', 'size'],
  ['half a byte', file({ sizeBytes: 1.5 }), 'InstallableItem[0]/OriginFile/@Size', 'size'],
  [
    'other program',
    command({ program: 'other.exe' }),
    'InstallableItem[0]/CommandLineInstallerData',
    'program',
  ],
  [
    'code twice',
    command({ returnCodes: [0, 0].map((code) => ({ code, result: 'Failed', reboot: false })) }),
    'InstallableItem[0]/CommandLineInstallerData/ReturnCode/@Code',
    'unique',
  ],
  [
    'code of 33 bits',
    command({ returnCodes: [{ code: 2 ** 31, result: 'Failed', reboot: false }] }),
    'InstallableItem[0]/CommandLineInstallerData/ReturnCode[0]/@Code',
    'return-code',
  ],
  [
    'switches for an MSI',
    msi({ commandLine: '/qn' }),
    'InstallableItem[0]/MsiInstallerData/@CommandLine',
    'msi-properties',
  ],
  [
    'code without braces',
    msi({ productCode: OWN }),
    'InstallableItem[0]/MsiInstallerData/@ProductCode',
    'guid',
  ],
  [
    'three-part version',
    rule({ kind: 'RegSzToVersion', ...PLACE, value: 'V', comparison: 'LessThan', data: '1.2.3' }),
    'InstallableItem[0]/ApplicabilityRules/IsInstalled/RegSzToVersion/@Data',
    'rule',
  ],
  [
    'six digits',
    rule({ kind: 'FileVersion', path: 'a.exe', csidl: 38, comparison: 'LessThan', version: '1.0.0.123456' }),
    'InstallableItem[0]/ApplicabilityRules/IsInstalled/FileVersion/@Version',
    'rule',
  ],
  [
    'target outside of a loop',
    rule({ kind: 'RegKeyExists', ...PLACE, key: 'HKEY_LOOP_TARGET' }),
    'InstallableItem[0]/ApplicabilityRules/IsInstalled/RegKeyExists/@Key',
    'rule',
  ],
  [
    'And of nothing',
    rule({ kind: 'Not', rule: { kind: 'And', rules: [] } }),
    'InstallableItem[0]/ApplicabilityRules/IsInstalled/Not/And',
    'rule',
  ],
  [
    'foreign rule',
    rule({ kind: 'Unrecognised', name: 'LicenseDword', attributes: {} }),
    'InstallableItem[0]/ApplicabilityRules/IsInstalled/Unrecognised',
    'rule',
  ],
  [
    'no feature',
    rule({
      kind: 'MsiFeatureInstalledForProduct',
      allFeaturesRequired: true,
      allProductsRequired: true,
      features: [],
      products: [`{${OWN}}`],
    }),
    'InstallableItem[0]/ApplicabilityRules/IsInstalled/MsiFeatureInstalledForProduct/Feature',
    'rule',
  ],
  [
    'metadata missing',
    rule({ kind: 'MsiApplicationInstalled' }),
    'InstallableItem[0]/ApplicabilityRules/Metadata',
    'metadata',
  ],
  [
    'a patch',
    rule({ kind: 'MsiPatchInstalled' }),
    'InstallableItem[0]/ApplicabilityRules/Metadata',
    'metadata',
  ],
  [
    'a patch for nothing',
    patch({ targets: [] }),
    'InstallableItem[0]/ApplicabilityRules/Metadata/MsiPatchMetadata/TargetProduct',
    'metadata',
  ],
  [
    'a patch without braces',
    patch({ obsoletedPatches: [ITEM.id] }),
    'InstallableItem[0]/ApplicabilityRules/Metadata/MsiPatchMetadata',
    'guid',
  ],
  [
    'switches for a patch',
    msp({ commandLine: '/qn' }),
    'InstallableItem[0]/MspInstallerData/@CommandLine',
    'msi-properties',
  ],
  ['a NUL', texts({ ...en, title: 'a\u0000' }), 'localizedProperties.0.title', 'characters'],
  ['half a character', properties({ vendorName: '\ud83d' }), 'properties.vendorName', 'characters'],
  [
    'package rule',
    { ...PACKAGE, isInstallable: { kind: 'Processor', architecture: -1 } },
    'IsInstallable/Processor/@Architecture',
    'rule',
  ],
];

describe('each rule is told by its own finding', () => {
  for (const [name, pkg, path, broken] of WRONG) {
    test(name, () => {
      assert.deepEqual(
        validateSdp(pkg).map((found) => [found.path, found.rule]),
        [[path, broken]],
      );
    });
  }
});

describe('file names', () => {
  const names = [
    'a/b.exe',
    '..\\b.exe',
    'a:b',
    '.',
    '..',
    'b.exe ',
    'b.',
    'a\u0000',
    'a"b',
    '',
    'x'.repeat(257),
  ];
  for (const fileName of names) {
    test(JSON.stringify(fileName.slice(0, 20)), () => {
      const { originFile, handler } = file({ fileName }).installableItems[0] ?? assert.fail();
      assert.ok(handler);
      const found = validateSdp(
        item({ originFile, handler: { ...handler, program: fileName } as typeof handler }),
      );
      assert.ok(found.some(({ path }) => path === 'InstallableItem[0]/OriginFile/@FileName'));
    });
  }
});

test('a rule nested without end is found, not followed', () => {
  let nested: Rule = { kind: 'True' };
  for (let depth = 0; depth < 5000; depth += 1) nested = { kind: 'Not', rule: nested };
  const [found, ...others] = validateSdp(rule(nested));
  assert.equal(found?.expected, 'at most 40 levels');
  assert.deepEqual(others, []);
});

test('a direct update needs no OriginUri; one that it names is held to the same', () => {
  const of = (originUri: string | null) => {
    assert.ok(ITEM.originFile);
    return { ...PACKAGE, installableItems: [{ ...ITEM, originFile: { ...ITEM.originFile, originUri } }] };
  };
  const rules = (pkg: ReturnType<typeof of>, route: 'catalog' | 'direct') =>
    validateSdp(pkg, { route }).map((found) => found.rule);
  assert.deepEqual(rules(of(null), 'catalog'), ['url']);
  assert.deepEqual(rules(of(null), 'direct'), []);
  assert.deepEqual(rules(of('http://plain.test/a.exe'), 'direct'), ['url']);
});
