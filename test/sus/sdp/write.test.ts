import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { PermanentError } from '../../../src/core/errors.js';
import type { MsiPatchMetadata } from '../../../src/core/msi-patch.js';
import type {
  InstallableItem,
  InstallHandler,
  SoftwareDistributionPackage,
} from '../../../src/core/update.js';
import { PACKAGE_NAMESPACES, packageElement, readSdp, writeSdp } from '../../../src/sus/sdp/index.js';
import { SMC } from '../../../src/sus/namespaces.js';
import { element, parseXml, writeXml } from '../../../src/text/xml/index.js';
import { mustRun, temporaryFolder } from '../../formats/programs.js';
import { absent, meaning, SCHEMA, sdpSamples } from '../samples.js';
import { ITEM, MSI_ITEM, MSP_ITEM, PACKAGE, PATCH } from './packages.js';

const withItem = (item: InstallableItem): SoftwareDistributionPackage => ({
  ...PACKAGE,
  installableItems: [item],
});
const METADATA: InstallableItem = {
  ...MSI_ITEM,
  applicabilityRules: {
    isInstalled: { kind: 'MsiApplicationInstalled' },
    isSuperseded: { kind: 'MsiApplicationSuperseded' },
    isInstallable: { kind: 'MsiApplicationInstallable' },
    metadata: [{ kind: 'MsiApplicationMetadata', productCode: '{23170F69-40C1-2702-2600-000001000000}' }],
  },
  uninstallProperties: ITEM.installProperties,
  languages: ['en', 'de'],
};
const BARE_PATCH: MsiPatchMetadata = {
  ...PATCH,
  schemaVersion: null,
  patchCode: null,
  minMsiVersion: null,
  targetsRtm: null,
  targets: PATCH.targets.map((target) => ({
    ...target,
    minMsiVersion: null,
    updatedProductCode: null,
    version: { value: '1', validate: null, comparison: null, filter: null },
    updatedVersion: null,
    updatedLanguages: [],
  })),
  obsoletedPatches: [],
  sequences: [{ family: 'F', productCode: null, sequence: '1', attributes: null }],
  fallbackPatchCode: null,
};
const RICH_HANDLER: InstallHandler = {
  kind: 'CommandLineInstallerData',
  program: '7z2600-x64.exe',
  arguments: '/S /v"a b"',
  defaultResult: 'Cancelled',
  rebootByDefault: true,
  returnCodes: [
    {
      code: -2_147_483_648,
      result: 'Cancelled',
      reboot: true,
      descriptions: [{ languages: ['en', 'de-DE'], description: 'Stopped & left' }],
    },
  ],
  repairPaths: [
    { targetId: `{${ITEM.id}}`, targetType: 'MsiPatch', relativePathToExe: 'sub\\a b.msp' },
    { targetId: `{${ITEM.id}}`, targetType: 'MsiProduct', relativePathToExe: '' },
  ],
};
/** Each is sound, and each shows something that the others do not. */
const SOUND: Readonly<Record<string, SoftwareDistributionPackage>> = {
  'an EXE': PACKAGE,
  'an MSI': withItem(MSI_ITEM),
  'an MSI with metadata, languages, uninstallation': withItem(METADATA),
  'an MSP, all that a patch may say': withItem(MSP_ITEM),
  'an MSP that says little': withItem({
    ...MSP_ITEM,
    applicabilityRules: { ...MSP_ITEM.applicabilityRules, metadata: [BARE_PATCH] },
  }),
  'an EXE with all that the schema has for it': withItem({ ...ITEM, handler: RICH_HANDLER }),
  'an expired update': { ...PACKAGE, properties: { ...PACKAGE.properties, publicationState: 'Expired' } },
  'a bundle': { ...PACKAGE, installableItems: [], bundledPackages: PACKAGE.supersededPackages },
  'a detectoid': {
    ...PACKAGE,
    properties: { ...PACKAGE.properties, updateType: 'Detectoid', canSourceBeRequired: true },
    isInstalled: { kind: 'True' },
    installableItems: [],
  },
  'titles in every plane': {
    ...PACKAGE,
    localizedProperties: [
      { language: 'en', title: '\u{1F4E6}'.repeat(200), description: 'a\n<b>&"\'\u{10FFFD}' },
      { language: 'de-DE', title: ' x ', description: 'y'.repeat(1500) },
    ],
  },
};

describe('what is written', () => {
  for (const [name, pkg] of Object.entries(SOUND)) {
    test(`${name} is read back as it was`, () => {
      const text = writeSdp(pkg);
      assert.deepEqual(readSdp(text, name), pkg);
      assert.deepEqual(readSdp(Buffer.from(text, 'utf8'), name), pkg);
      assert.equal(writeSdp(structuredClone(pkg)), text);
    });
  }

  test('begins with its root: no byte-order mark, no declaration', () => {
    assert.match(writeSdp(PACKAGE), /^<sdp:SoftwareDistributionPackage xmlns:sdp="/);
  });

  test('says the same inside of a catalog, whose root declares the namespaces', () => {
    const catalog = {
      ...element(SMC, 'SystemsManagementCatalog', {}, [packageElement(PACKAGE, 'smc')]),
      declarations: [SMC, ...PACKAGE_NAMESPACES],
    };
    const text = writeXml(catalog);
    assert.equal(text.match(/xmlns:/g)?.length, PACKAGE_NAMESPACES.length + 1);
    const [twin] = parseXml(text).children;
    assert.ok(typeof twin === 'object');
    assert.equal(twin.namespace, SMC.namespace);
    assert.deepEqual(meaning(twin), meaning(writeSdp(PACKAGE)));
  });
});

test('every document passes the schema (xmllint)', (t) => {
  if (!existsSync(SCHEMA)) return t.skip('the schemas in ../shared are absent');
  const folder = temporaryFolder(t);
  const vendors = sdpSamples()
    .filter(({ name }) => name === 'synthetic/all-rule-kinds')
    .map(({ name, bytes }) => [name, soundItem(readSdp(bytes, name))] as const);
  const files = [...Object.entries(SOUND), ...vendors].map(([, pkg], index) => {
    writeFileSync(join(folder, `${index}.sdp`), writeSdp(pkg));
    return `${index}.sdp`;
  });
  assert.equal(files.length, Object.keys(SOUND).length + (absent === false ? 1 : 0));
  mustRun(t, 'xmllint', ['--noout', '--nonet', '--schema', resolve(SCHEMA), ...files], folder);
  return undefined;
});

/** The sample with every rule has no SHA-256. */
function soundItem(pkg: SoftwareDistributionPackage): SoftwareDistributionPackage {
  const sha256 = ITEM.originFile?.sha256 ?? null;
  const installableItems = pkg.installableItems.map((item) => ({
    ...item,
    originFile: item.originFile === null ? null : { ...item.originFile, sha256 },
  }));
  return { ...pkg, installableItems };
}

test('what breaks a rule is not written', () => {
  const hotfix: SoftwareDistributionPackage = {
    ...PACKAGE,
    updateSpecificData: { ...PACKAGE.updateSpecificData, classification: 'Hotfixes' },
    localizedProperties: [],
  };
  for (const write of [() => writeSdp(hotfix), () => packageElement(hotfix, 'smc')]) {
    assert.throws(write, (error: unknown) => {
      assert.ok(error instanceof PermanentError);
      assert.equal(error.code, 'package.invalid');
      assert.equal(error.where, `${PACKAGE.properties.packageId}, LocalizedProperties`);
      assert.equal(error.expected, 'at least one');
      assert.equal(error.found, 'none (and 1 more)');
      return true;
    });
  }
});
