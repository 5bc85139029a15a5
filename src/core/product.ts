/** A title we patch: one JSON file under `catalogs/products/<vendor>/<product>.json` (design section 8). */
export type Architecture = 'x86' | 'x64' | 'arm64';
export type InstallerTechnologyName = 'msi' | 'nullsoft' | 'inno';
export type Tier = 'A' | 'B' | 'C';

/** The UpdateClassification values that WSUS maps to a category (`Hotfixes` has no mapping and is left out). */
export type Classification =
  | 'Updates'
  | 'Critical Updates'
  | 'Security Updates'
  | 'Feature Packs'
  | 'Update Rollups'
  | 'Service Packs'
  | 'Tools';

export interface FeedDefinition {
  /** Name of a folder under `src/feeds`. */
  readonly type: string;
  /** Everything else is that reader's own, decoded by the reader. */
  readonly [option: string]: unknown;
}

export interface TextMatch {
  readonly equalTo?: string;
  readonly beginsWith?: string;
  readonly endsWith?: string;
}

/** How an installed copy shows itself in `...\CurrentVersion\Uninstall` ("Add/Remove Programs", ARP). */
export interface ArpDetection {
  /** The registry view the installer writes to: 64 for x64 programs, 32 for x86 programs. */
  readonly view: '64' | '32';
  readonly displayName: TextMatch;
  readonly publisher?: string;
  /** True: only entries of Windows Installer; false: never those (tells an EXE from an MSI edition). */
  readonly windowsInstaller: boolean;
  /** How DisplayVersion relates to the release's version: as it is, or what the MSI's ProductVersion says. */
  readonly displayVersion: 'release' | 'msi-product-version';
  /** Where this knowledge comes from; `inferred` never publishes by itself. */
  readonly evidence: 'stated' | 'msi-tables' | 'inno-header' | 'inferred';
}

export interface ReturnCode {
  readonly code: number;
  readonly result: 'Succeeded' | 'Failed' | 'Cancelled';
  readonly reboot: boolean;
}

export interface InstallerDefinition {
  readonly architecture: Architecture;
  readonly technology: InstallerTechnologyName;
  readonly scope: 'machine';
  /** BCP 47, absent: one file for all languages. */
  readonly language?: string;
  /** Which asset of the release: a pattern on its name, or the address with `{version}` placeholders. */
  readonly assetPattern?: string;
  readonly urlTemplate?: string;
  /** EXE: the silent command line. MSI: `NAME=VALUE` properties only (configmgr-catalog 3.1). Never from a feed. */
  readonly arguments: string;
  readonly returnCodes: readonly ReturnCode[];
  readonly detection: ArpDetection;
}

export interface ProductDefinition {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly tier: Tier;
  readonly homepage?: string;
  readonly releaseNotesUrl?: string;
  readonly supportUrl?: string;
  readonly versionScheme: string;
  readonly classification: Classification;
  readonly severity?: 'Critical' | 'Important' | 'Moderate' | 'Low';
  readonly feeds: readonly FeedDefinition[];
  readonly installers: readonly InstallerDefinition[];
}

/** Architecture, technology, language and scope: what tells two installers of one release apart. */
export function variantOf(installer: InstallerDefinition): string {
  return [installer.architecture, installer.technology, installer.language ?? 'any', installer.scope].join(
    '/',
  );
}
