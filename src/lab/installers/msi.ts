import { bufferSource } from '../../core/bytes.js';
import { msiDigestStreams, openCompoundFile, SIGNATURE_STREAM } from '../../formats/cfb/index.js';
import { writeCabinetTo } from '../../formats/cab/index.js';
import { OID, type VendorIdentity, digestOf, signatureOver, sipInfo } from './authenticode.js';
import { type StreamFile, writeCompoundFile } from './compound-file.js';
import { fourNumbers, guidFrom, type InstallerFacts } from './installer-facts.js';
import { type MsiTable, streamName, writeDatabase } from './msi-database.js';
import { writeSummary } from './msi-summary.js';

/** {000C1084-0000-0000-C000-000000000046} as it is stored. */
const MSI_CLASS = Buffer.from('84100c0000000000c000000000000046', 'hex');
const CABINET = 'program.cab';
const FILE_KEY = 'AboutFile';
const FILE_NAME = 'about.txt';
const MODIFIED = '2026-01-05T00:00:00Z';
const ABOUT = Buffer.from('A test installer of Patchpress: nothing but this text is installed.\r\n');
const COMPONENT_64_BIT = 0x100;
/** Windows Installer 4.5, and 5.0, which brought ARM64. */
const SCHEMA = { x86: 405, x64: 405, arm64: 500 } as const;
const PLATFORM = { x86: 'Intel', x64: 'x64', arm64: 'Arm64' } as const;

/** Whether Windows Installer takes the version: parts of at most 255, 255 and 65535 (ProductVersion property). */
export function isProductVersion(version: string): boolean {
  const numbers = fourNumbers(version);
  return numbers !== null && numbers[0] <= 255 && numbers[1] <= 255;
}

export function productCodeOf({ build }: InstallerFacts): string {
  return guidFrom('product', build);
}

/** Of all releases of a product, whose name and publisher stay. */
export function upgradeCodeOf({ upgradeCode, productName, publisher }: InstallerFacts): string {
  return upgradeCode ?? guidFrom('upgrade', productName, publisher);
}

/** A Windows Installer package of one file for all users, signed by its vendor. The same facts give the same database. */
export function makeMsi(facts: InstallerFacts, vendor: VendorIdentity): Buffer {
  const streams: readonly StreamFile[] = [
    ...writeDatabase(tablesOf(facts)),
    { name: '\u0005SummaryInformation', bytes: writeSummary(summaryOf(facts)) },
    { name: streamName(CABINET), bytes: cabinetOf() },
  ];
  const unsigned = openCompoundFile(bufferSource(writeCompoundFile(MSI_CLASS, streams)));
  const pkcs7 = signatureOver(sipInfo(), OID.spcSipInfo, digestOf(msiDigestStreams(unsigned)), vendor);
  return writeCompoundFile(MSI_CLASS, [...streams, { name: SIGNATURE_STREAM, bytes: pkcs7 }]);
}

function summaryOf(facts: InstallerFacts) {
  return {
    title: 'Installation Database',
    subject: facts.productName,
    author: facts.publisher,
    template: `${PLATFORM[facts.architecture]};1033`,
    packageCode: guidFrom('package', facts.build),
    schema: SCHEMA[facts.architecture],
  };
}

function cabinetOf(): Buffer {
  const pieces: { readonly bytes: Uint8Array; readonly position: number }[] = [];
  const sink = {
    write: (bytes: Uint8Array, position: number) => void pieces.push({ bytes: Buffer.from(bytes), position }),
  };
  const member = { name: FILE_KEY, modified: MODIFIED, sizeBytes: ABOUT.length, pieces: () => [ABOUT] };
  const { sizeBytes } = writeCabinetTo(sink, [{ members: [member] }], { signatureReserve: false });
  const cabinet = Buffer.alloc(sizeBytes);
  for (const { bytes, position } of pieces) cabinet.set(bytes, position);
  return cabinet;
}

function tablesOf(facts: InstallerFacts): readonly MsiTable[] {
  return [...identityTables(facts), ...contentTables(facts), SEQUENCE];
}

function identityTables(facts: InstallerFacts): readonly MsiTable[] {
  const upgradeCode = upgradeCodeOf(facts);
  const properties = {
    ALLUSERS: '1',
    Manufacturer: facts.publisher,
    ProductCode: productCodeOf(facts),
    ProductLanguage: '1033',
    ProductName: facts.displayName,
    ProductVersion: facts.version,
    SecureCustomProperties: 'OLDERVERSION',
    UpgradeCode: upgradeCode,
  };
  return [
    {
      name: 'Property',
      keys: 1,
      columns: [
        ['Property', 's72'],
        ['Value', 'l0'],
      ],
      rows: Object.entries(properties),
    },
    {
      name: 'Upgrade',
      keys: 5,
      columns: [
        ['UpgradeCode', 's38'],
        ['VersionMin', 'S20'],
        ['VersionMax', 'S20'],
        ['Language', 'S255'],
        ['Attributes', 'i4'],
        ['Remove', 'S255'],
        ['ActionProperty', 's72'],
      ],
      rows: [[upgradeCode, null, facts.version, null, 1, null, 'OLDERVERSION']],
    },
  ];
}

function contentTables({ architecture, productName, build }: InstallerFacts): readonly MsiTable[] {
  const is64 = architecture !== 'x86';
  const folder = productName.replace(/[\\/:*?"<>|[\]]/g, ' ').trim();
  return [
    {
      name: 'Directory',
      keys: 1,
      columns: [
        ['Directory', 's72'],
        ['Directory_Parent', 'S72'],
        ['DefaultDir', 'l255'],
      ],
      rows: [
        ['TARGETDIR', null, 'SourceDir'],
        [is64 ? 'ProgramFiles64Folder' : 'ProgramFilesFolder', 'TARGETDIR', '.'],
        ['INSTALLDIR', is64 ? 'ProgramFiles64Folder' : 'ProgramFilesFolder', `PROGRAM|${folder}`],
      ],
    },
    {
      name: 'Component',
      keys: 1,
      columns: [
        ['Component', 's72'],
        ['ComponentId', 'S38'],
        ['Directory_', 's72'],
        ['Attributes', 'i2'],
        ['Condition', 'S255'],
        ['KeyPath', 'S72'],
      ],
      rows: [
        ['Program', guidFrom('component', build), 'INSTALLDIR', is64 ? COMPONENT_64_BIT : 0, null, FILE_KEY],
      ],
    },
    {
      name: 'File',
      keys: 1,
      columns: [
        ['File', 's72'],
        ['Component_', 's72'],
        ['FileName', 'l255'],
        ['FileSize', 'i4'],
        ['Version', 'S72'],
        ['Language', 'S20'],
        ['Attributes', 'I2'],
        ['Sequence', 'i2'],
      ],
      rows: [[FILE_KEY, 'Program', FILE_NAME, ABOUT.length, null, null, null, 1]],
    },
    {
      name: 'Media',
      keys: 1,
      columns: [
        ['DiskId', 'i2'],
        ['LastSequence', 'i2'],
        ['DiskPrompt', 'L64'],
        ['Cabinet', 'S255'],
        ['VolumeLabel', 'S32'],
        ['Source', 'S72'],
      ],
      rows: [[1, 1, null, `#${CABINET}`, null, null]],
    },
    {
      name: 'Feature',
      keys: 1,
      columns: [
        ['Feature', 's38'],
        ['Feature_Parent', 'S38'],
        ['Title', 'L64'],
        ['Description', 'L255'],
        ['Display', 'I2'],
        ['Level', 'i2'],
        ['Directory_', 'S72'],
        ['Attributes', 'i2'],
      ],
      rows: [['Main', null, null, null, null, 1, null, 0]],
    },
    {
      name: 'FeatureComponents',
      keys: 2,
      columns: [
        ['Feature_', 's38'],
        ['Component_', 's72'],
      ],
      rows: [['Main', 'Program']],
    },
  ];
}

/** The standard actions in their recommended order (Suggested InstallExecuteSequence). */
const SEQUENCE: MsiTable = {
  name: 'InstallExecuteSequence',
  keys: 1,
  columns: [
    ['Action', 's72'],
    ['Condition', 'S255'],
    ['Sequence', 'I2'],
  ],
  rows: [
    ['FindRelatedProducts', null, 25],
    ['LaunchConditions', null, 100],
    ['ValidateProductID', null, 700],
    ['CostInitialize', null, 800],
    ['FileCost', null, 900],
    ['CostFinalize', null, 1000],
    ['InstallValidate', null, 1400],
    ['RemoveExistingProducts', null, 1401],
    ['InstallInitialize', null, 1500],
    ['ProcessComponents', null, 1600],
    ['UnpublishFeatures', null, 1800],
    ['RemoveFiles', null, 3500],
    ['InstallFiles', null, 4000],
    ['RegisterUser', null, 6000],
    ['RegisterProduct', null, 6100],
    ['PublishFeatures', null, 6300],
    ['PublishProduct', null, 6400],
    ['InstallFinalize', null, 6600],
  ],
};
