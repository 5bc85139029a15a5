import type { ApplicabilityMetadata, Rule } from './applicability.js';
import type { Classification, ReturnCode } from './product.js';

/**
 * The model of an SDP document (SoftwareDistributionPackage.xsd). Names follow the schema. It holds what vendors' files
 * have, also what we never write (`validateSdp` in `src/sus/sdp` tells the difference).
 */
export interface SoftwareDistributionPackage {
  readonly schemaVersion: string;
  readonly properties: {
    /** Lower-case GUID without braces. */
    readonly packageId: string;
    /** `YYYY-MM-DDTHH:MM:SSZ`; strictly later with each revision. */
    readonly creationDate: string;
    readonly vendorName: string;
    readonly productNames: readonly string[];
    readonly publicationState: 'Published' | 'Expired';
    readonly updateType: 'Software' | 'Driver' | 'Detectoid';
    readonly moreInfoUrls: readonly string[];
    readonly supportUrl: string | null;
    readonly canSourceBeRequired: boolean | null;
    readonly restrictToClientServicingApi: boolean | null;
  };
  readonly localizedProperties: readonly {
    readonly language: string;
    readonly title: string;
    readonly description: string;
  }[];
  readonly updateSpecificData: {
    readonly classification: PackageClassification;
    readonly msrcSeverity: 'Critical' | 'Important' | 'Moderate' | 'Low' | null;
    readonly securityBulletinId: string | null;
    readonly cveIds: readonly string[];
    readonly kbArticleId: string | null;
  };
  readonly isInstallable: Rule | null;
  readonly isInstalled: Rule | null;
  readonly supersededPackages: readonly string[];
  /** AND of ORs. */
  readonly prerequisites: readonly (readonly string[])[];
  readonly bundledPackages: readonly string[];
  readonly installableItems: readonly InstallableItem[];
}

/** What a package that is read may say; the writer takes a `Classification` only. `Applications` is ApplicationSpecificData. */
export type PackageClassification = Classification | 'Hotfixes' | 'Drivers' | 'Applications';

export interface InstallableItem {
  readonly id: string;
  readonly applicabilityRules: {
    readonly isInstalled: Rule | null;
    readonly isSuperseded: Rule | null;
    readonly isInstallable: Rule | null;
    /** Of the rules about an MSI or MSP. */
    readonly metadata?: readonly ApplicabilityMetadata[];
  };
  readonly installProperties: InstallBehavior | null;
  readonly uninstallProperties: InstallBehavior | null;
  readonly handler: InstallHandler | null;
  readonly originFile: OriginFile | null;
  readonly languages: readonly string[];
}

export interface InstallBehavior {
  readonly canRequestUserInput: boolean;
  readonly requiresNetworkConnectivity: boolean;
  readonly impact: 'Normal' | 'Minor' | 'RequiresExclusiveHandling';
  readonly rebootBehavior: 'NeverReboots' | 'AlwaysRequiresReboot' | 'CanRequestReboot';
}

export type InstallHandler =
  | {
      readonly kind: 'CommandLineInstallerData';
      readonly program: string;
      readonly arguments: string;
      readonly defaultResult: 'Failed' | 'Succeeded' | 'Cancelled';
      readonly rebootByDefault: boolean;
      readonly returnCodes: readonly PackageReturnCode[];
      /** Where Windows Installer finds what an EXE brings; read and kept. */
      readonly repairPaths?: readonly RepairPath[];
    }
  | {
      readonly kind: 'MsiInstallerData';
      readonly msiFile: string;
      /** `{GUID}` with braces. */
      readonly productCode: string;
      /** `NAME=VALUE` pairs only, or null. */
      readonly commandLine: string | null;
      readonly uninstallCommandLine: string | null;
    }
  | {
      readonly kind: 'MspInstallerData';
      readonly mspFileName: string | null;
      readonly patchCode: string | null;
      readonly fullFilePatchCode: string | null;
      readonly commandLine: string | null;
      readonly uninstallCommandLine: string | null;
    }
  /** Of a technology that no schema has a content for (`UpdateExeInstallerData`): its name only. */
  | { readonly kind: 'Unrecognised'; readonly name: string };

export interface RepairPath {
  /** `{GUID}` with braces: a ProductCode or a PatchCode. */
  readonly targetId: string;
  readonly targetType: 'MsiProduct' | 'MsiPatch';
  /** From the folder of the setup program, with the file's name. */
  readonly relativePathToExe: string;
}

export interface PackageReturnCode extends ReturnCode {
  readonly descriptions?: readonly {
    readonly languages: readonly string[];
    readonly description: string;
  }[];
}

export interface OriginFile {
  /** Base64 of the SHA-1. */
  readonly digest: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  /** ISO 8601 UTC. */
  readonly modified: string;
  readonly originUri: string | null;
  /** Base64 of the SHA-256. */
  readonly sha256: string | null;
}
