import type { MsiPatchMetadata } from './msi-patch.js';

/**
 * The applicability rule language of the SDP schema (`bar:`, `lar:`, `msiar:`) as a typed tree.
 * `kind` is the element's name; the members are its attributes in camel case.
 */
export type Rule =
  | LogicalRule
  | RegistryRule
  | SystemRule
  | FileRule
  | QueryRule
  | MsiRule
  | UnrecognisedRule;

export type LogicalRule =
  | { readonly kind: 'True' }
  | { readonly kind: 'False' }
  | { readonly kind: 'And'; readonly rules: readonly Rule[] }
  | { readonly kind: 'Or'; readonly rules: readonly Rule[] }
  | { readonly kind: 'Not'; readonly rule: Rule };

export type ScalarComparison =
  | 'LessThan'
  | 'LessThanOrEqualTo'
  | 'EqualTo'
  | 'GreaterThanOrEqualTo'
  | 'GreaterThan';
export type StringComparison = 'EqualTo' | 'BeginsWith' | 'Contains' | 'EndsWith';
export type RegistryRoot = 'HKEY_LOCAL_MACHINE' | 'HKEY_LOOP_TARGET';

export interface RegistryPlace {
  readonly key: RegistryRoot;
  readonly subkey: string;
  /** True: the 32-bit view. It is read on each rule by itself, also inside a loop. */
  readonly regType32: boolean;
}

export type RegistryRule =
  | ({ readonly kind: 'RegKeyExists' } & RegistryPlace)
  | ({
      readonly kind: 'RegValueExists';
      readonly value: string | null;
      readonly type: string | null;
    } & RegistryPlace)
  | ({
      readonly kind: 'RegDword';
      readonly value: string;
      readonly comparison: ScalarComparison;
      readonly data: number;
    } & RegistryPlace)
  | ({
      readonly kind: 'RegSz' | 'RegExpandSz';
      readonly value: string;
      readonly comparison: StringComparison;
      readonly data: string;
    } & RegistryPlace)
  | ({
      readonly kind: 'RegSzToVersion';
      readonly value: string;
      readonly comparison: ScalarComparison;
      /** Exactly four numeric parts. */
      readonly data: string;
    } & RegistryPlace)
  | ({
      readonly kind: 'RegKeyLoop';
      readonly trueIf: 'Any' | 'All' | 'None';
      readonly rule: Rule;
    } & RegistryPlace);

export type SystemRule =
  | {
      readonly kind: 'Processor';
      readonly architecture: number;
      readonly level?: number;
      readonly revision?: number;
    }
  | {
      readonly kind: 'WindowsVersion';
      readonly comparison: ScalarComparison | null;
      readonly majorVersion?: number;
      readonly minorVersion?: number;
      readonly buildNumber?: number;
      readonly servicePackMajor?: number;
      readonly servicePackMinor?: number;
      readonly allSuitesMustBePresent?: boolean;
      readonly suiteMask?: number;
      readonly productType?: number;
    }
  | { readonly kind: 'WindowsLanguage' | 'MuiLanguageInstalled'; readonly language: string }
  | { readonly kind: 'MuiInstalled' | 'ClusteredOS' }
  | {
      readonly kind: 'SystemMetric';
      readonly comparison: ScalarComparison;
      readonly index: number;
      /** What GetSystemMetrics(index) is compared with. */
      readonly value: number;
    }
  | { readonly kind: 'NumberOfProcessors'; readonly comparison: ScalarComparison; readonly number: number }
  | ({
      readonly kind: 'ClusterResourceOwner';
      readonly value: string;
      readonly prefix?: string;
      readonly suffix?: string;
    } & RegistryPlace);

/** Where the folder comes from: nowhere (an absolute path) or a CSIDL number ... */
interface CsidlFolder {
  readonly path: string;
  readonly csidl?: number;
}

/** ... or a REG_SZ value that is put before the path (`...PrependRegSz`). */
interface RegistryFolder extends RegistryPlace {
  readonly path: string;
  readonly value: string;
}

interface FileAttributes {
  readonly version?: string;
  /** ISO 8601. */
  readonly created?: string;
  /** ISO 8601. */
  readonly modified?: string;
  readonly size?: number;
  readonly language?: number;
}
interface VersionCheck {
  readonly comparison: ScalarComparison;
  /** Exactly four numeric parts. */
  readonly version: string;
}
interface CreatedCheck {
  readonly comparison: ScalarComparison;
  readonly created: string;
}
interface ModifiedCheck {
  readonly comparison: ScalarComparison;
  readonly modified: string;
}
interface SizeCheck {
  readonly comparison: ScalarComparison;
  readonly size: number;
}

export type FileRule =
  | ({ readonly kind: 'FileExists' } & CsidlFolder & FileAttributes)
  | ({ readonly kind: 'FileExistsPrependRegSz' } & RegistryFolder & FileAttributes)
  | ({ readonly kind: 'FileVersion' } & CsidlFolder & VersionCheck)
  | ({ readonly kind: 'FileVersionPrependRegSz' } & RegistryFolder & VersionCheck)
  | ({ readonly kind: 'FileCreated' } & CsidlFolder & CreatedCheck)
  | ({ readonly kind: 'FileCreatedPrependRegSz' } & RegistryFolder & CreatedCheck)
  | ({ readonly kind: 'FileModified' } & CsidlFolder & ModifiedCheck)
  | ({ readonly kind: 'FileModifiedPrependRegSz' } & RegistryFolder & ModifiedCheck)
  | ({ readonly kind: 'FileSize' } & CsidlFolder & SizeCheck)
  | ({ readonly kind: 'FileSizePrependRegSz' } & RegistryFolder & SizeCheck);

export type QueryRule =
  | { readonly kind: 'WmiQuery'; readonly namespace: string | null; readonly wqlQuery: string }
  | { readonly kind: 'InstalledOnce' }
  | {
      readonly kind: 'GenericQuery';
      readonly namespace: string;
      readonly type: string;
      readonly parameter: string;
      readonly comparison: ScalarComparison | null;
      readonly value: string | null;
    };

interface MsiVersionRange {
  /** `{GUID}` with braces. */
  readonly productCode: string;
  /** One to four numeric parts. */
  readonly versionMin?: string;
  readonly versionMax?: string;
  readonly excludeVersionMin?: boolean;
  readonly excludeVersionMax?: boolean;
  readonly language?: number;
}

export type MsiRule =
  | ({ readonly kind: 'MsiProductInstalled' } & MsiVersionRange)
  | ({ readonly kind: 'MsiPatchInstalledForProduct'; readonly patchCode: string } & MsiVersionRange)
  | {
      readonly kind: 'MsiFeatureInstalledForProduct';
      readonly allFeaturesRequired: boolean;
      readonly allProductsRequired: boolean;
      readonly features: readonly string[];
      readonly products: readonly string[];
    }
  | {
      readonly kind: 'MsiComponentInstalledForProduct';
      readonly allComponentsRequired: boolean;
      readonly allProductsRequired: boolean;
      readonly components: readonly string[];
      readonly products: readonly string[];
    }
  /** These six read the metadata that stands beside the rules. */
  | { readonly kind: 'MsiPatchInstalled' | 'MsiPatchSuperseded' | 'MsiPatchInstallable' }
  | { readonly kind: 'MsiApplicationInstalled' | 'MsiApplicationSuperseded' | 'MsiApplicationInstallable' };

/** A rule of another language (`LicenseDword`, driver rules): read and kept, never answered, never written. */
export interface UnrecognisedRule {
  readonly kind: 'Unrecognised';
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the six MSI rules without attributes are about. */
export type ApplicabilityMetadata =
  | { readonly kind: 'MsiApplicationMetadata'; readonly productCode: string }
  | MsiPatchMetadata;

/** The rules of one update. A missing rule is false. (SoftwareDistributionPackage.xsd, ApplicabilityRules) */
export interface ApplicabilityRules {
  readonly isInstalled: Rule | null;
  readonly isSuperseded: Rule | null;
  readonly isInstallable: Rule | null;
  readonly metadata?: readonly ApplicabilityMetadata[];
}
