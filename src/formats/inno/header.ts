import type { InnoVersion } from './version.js';

/** The texts of TSetupHeader as they stand in the script, constants like `{app}` included. */
export interface InnoTexts {
  readonly appName: string;
  readonly appVerName: string;
  readonly appId: string;
  readonly appPublisher: string;
  readonly appVersion: string;
  readonly uninstallDisplayName: string;
  readonly createUninstallRegKey: string;
  readonly uninstallable: string;
  /** From 6.3 on, an expression: `x64compatible and not arm64`. */
  readonly architecturesInstallIn64BitMode: string;
}

/** The order of the texts; before each the version that brought it. Texts of other use are counted only. */
const TEXTS: readonly (readonly [since: number, name: keyof InnoTexts | null, count?: number])[] = [
  [0, 'appName'],
  [0, 'appVerName'],
  [0, 'appId'],
  // AppCopyright
  [0, null],
  [0, 'appPublisher'],
  // AppPublisherURL, AppSupportPhone, AppSupportURL, AppUpdatesURL
  [0, null, 4],
  [0, 'appVersion'],
  // DefaultDirName, DefaultGroupName, BaseFilename, UninstallFilesDir
  [0, null, 4],
  [0, 'uninstallDisplayName'],
  // UninstallDisplayIcon, AppMutex, DefaultUserInfoName, -Org, -Serial, AppReadmeFile, AppContact, AppComments, AppModifyPath
  [0, null, 9],
  [0, 'createUninstallRegKey'],
  [0, 'uninstallable'],
  // CloseApplicationsFilter, SetupMutex, ChangesEnvironment and ChangesAssociations, ArchitecturesAllowed
  [50500, null],
  [50506, null],
  [50602, null, 2],
  [60300, null],
  [60300, 'architecturesInstallIn64BitMode'],
  // CloseApplicationsFilterExcludes, SevenZipLibraryName
  [60402, null],
  [60500, null],
];
/** LicenseText, InfoBeforeText, InfoAfterText, CompiledCodeText: bytes, not characters. */
const BYTE_TEXTS = 4;
const NO_TEXTS: InnoTexts = {
  appName: '',
  appVerName: '',
  appId: '',
  appPublisher: '',
  appVersion: '',
  uninstallDisplayName: '',
  createUninstallRegKey: '',
  uninstallable: '',
  architecturesInstallIn64BitMode: '',
};

export interface InnoRecord {
  readonly texts: InnoTexts;
  /** Where the numbers behind the texts begin; null where the texts are longer than what was decoded. */
  readonly numbersAt: number | null;
}

/** TSetupHeader: texts, each behind its length in bytes, then numbers. Null where not even the names can be read. */
export function readRecord(header: Buffer, version: InnoVersion): InnoRecord | null {
  const texts: { -readonly [name in keyof InnoTexts]: string } = { ...NO_TEXTS };
  const encoding = version.isUnicode ? 'utf16le' : 'latin1';
  let at: number | null = 0;
  let isNamed = false;
  for (const [since, name, count = 1] of TEXTS) {
    if (version.number < since) continue;
    for (let index = 0; index < count && at !== null; index++) {
      const end = textEnd(header, at);
      if (end !== null && name !== null) texts[name] = header.toString(encoding, at + 4, end);
      if (name === 'uninstallable') isNamed = end !== null;
      at = end;
    }
  }
  for (let index = 0; index < BYTE_TEXTS && at !== null; index++) at = textEnd(header, at);
  return isNamed ? { texts, numbersAt: at } : null;
}

function textEnd(header: Buffer, at: number): number | null {
  if (at + 4 > header.length) return null;
  const end = at + 4 + header.readUInt32LE(at);
  return end <= header.length ? end : null;
}
