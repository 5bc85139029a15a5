/** A title we patch: one JSON file under `catalogs/products/<vendor>/<product>.json` (design section 8). */
export type Architecture = 'x86' | 'x64' | 'arm64';
/** `exe`: an executable of any other kind that can be made silent. */
export type InstallerTechnologyName = 'msi' | 'nullsoft' | 'inno' | 'burn' | 'exe';
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

/** Where it is known from how an installed copy shows itself; `inferred` never publishes. */
export type EvidenceKind =
  | 'stated'
  | 'msi-tables'
  | 'inno-header'
  | 'burn-manifest'
  | 'inventory'
  | 'inferred';

/**
 * How an installed copy shows itself in `...\\CurrentVersion\\Uninstall` ("Add/Remove Programs", ARP). With neither
 * `displayName` nor `key` both are learnt from the file's own tables or header.
 */
export interface ArpDetection {
  /** The registry view the installer writes to. Absent: the one that the file proves, else both are looked at. */
  readonly view?: '64' | '32';
  readonly displayName?: TextMatch;
  /** The name of the uninstall key, which no release changes: `7-Zip`, `winscp3_is1`. */
  readonly key?: string;
  readonly publisher?: string;
  /** Of an MSI: that of one release, and so no more than a remark. */
  readonly productCode?: string;
  /** Of an MSI: that of the file must be this one. */
  readonly upgradeCode?: string;
  /** True: only entries of Windows Installer; false: never those (tells an EXE from an MSI edition). */
  readonly windowsInstaller: boolean;
  /** DisplayVersion is the release's version, or what the file itself says: ProductVersion, AppVersion. */
  readonly displayVersion: 'release' | 'installer';
  readonly evidence: EvidenceKind;
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
  /** Absent: not known. An MSI, an Inno Setup and a Burn bundle tell it themselves; others are held. */
  readonly detection?: ArpDetection;
}

export interface ProductDefinition {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly tier: Tier;
  readonly moniker?: string;
  readonly license?: string;
  readonly homepage?: string;
  readonly releaseNotesUrl?: string;
  readonly supportUrl?: string;
  readonly versionScheme: string;
  readonly classification: Classification;
  readonly severity?: 'Critical' | 'Important' | 'Moderate' | 'Low';
  /** The vendor forbids automated download: nothing of it is ever fetched. */
  readonly automation?: 'forbidden';
  /** Its vendor releases no more. */
  readonly retired?: true;
  /** Who signs; absent: the first inspection records it. */
  readonly signer?: { readonly subject: TextMatch };
  /** CPE 2.3 prefixes. */
  readonly cpe?: readonly string[];
  /** In words, what keeps it from the next tier. */
  readonly lacks?: readonly string[];
  /** May be empty in tier C. */
  readonly feeds: readonly FeedDefinition[];
  /** May be empty in tier C. */
  readonly installers: readonly InstallerDefinition[];
}

/** Architecture, technology, language and scope: what tells two installers of one release apart. */
export function variantOf(installer: InstallerDefinition): string {
  return [installer.architecture, installer.technology, installer.language ?? 'any', installer.scope].join(
    '/',
  );
}
