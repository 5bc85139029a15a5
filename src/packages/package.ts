import type { Rule } from '../core/applicability.js';
import { PermanentError } from '../core/errors.js';
import { installableItemIdOf } from '../core/identity.js';
import type { InstallerDefinition, ProductDefinition } from '../core/product.js';
import type { InstallerRecord, UpdateRecord } from '../core/records.js';
import type { InstallHandler, OriginFile, SoftwareDistributionPackage } from '../core/update.js';
import { packageRule } from './rules.js';
import type { Texts } from './texts.js';

/** The vendor and product under which a catalog's updates stand in WSUS: stable, as an administrator ticks them once. */
export interface CatalogIdentity {
  readonly vendorName: string;
  readonly productName: string;
}

export interface PackageParts {
  readonly identity: CatalogIdentity;
  readonly product: ProductDefinition;
  readonly definition: InstallerDefinition;
  readonly installer: InstallerRecord;
  readonly update: UpdateRecord;
  readonly texts: Texts;
  readonly rules: { readonly isInstalled: Rule; readonly isInstallable: Rule };
  /** `https://patchpress.example`, without a slash at the end. */
  readonly contentBaseUrl: string;
}

const SCHEMA_VERSION = '1.2';
const LANGUAGE = 'en';

/** The update document of one revision. Pure. */
export function buildPackage(parts: PackageParts, creationDate: string): SoftwareDistributionPackage {
  const { identity, product, definition, installer, update, texts, rules } = parts;
  return {
    schemaVersion: SCHEMA_VERSION,
    properties: {
      packageId: update.packageId,
      creationDate,
      vendorName: identity.vendorName,
      productNames: [identity.productName],
      publicationState: 'Published',
      updateType: 'Software',
      moreInfoUrls: texts.moreInfoUrls,
      supportUrl: texts.supportUrl,
      canSourceBeRequired: null,
      restrictToClientServicingApi: null,
    },
    localizedProperties: [{ language: LANGUAGE, title: texts.title, description: texts.description }],
    updateSpecificData: {
      classification: product.classification,
      msrcSeverity: product.severity ?? null,
      securityBulletinId: null,
      cveIds: texts.cveIds,
      kbArticleId: null,
    },
    isInstallable: packageRule(definition.architecture),
    isInstalled: null,
    supersededPackages: update.supersedes,
    prerequisites: [],
    bundledPackages: [],
    installableItems: [
      {
        id: installableItemIdOf(update.packageId, 0),
        applicabilityRules: { ...rules, isSuperseded: null },
        installProperties: {
          canRequestUserInput: false,
          requiresNetworkConnectivity: false,
          impact: 'Normal',
          rebootBehavior: 'CanRequestReboot',
        },
        uninstallProperties: null,
        handler: handlerOf(definition, installer),
        originFile: originFileOf(installer, update.route === 'catalog' ? parts.contentBaseUrl : null),
        languages: [],
      },
    ],
  };
}

/** One file, and the program is that file (configmgr-catalog 3.1). */
function handlerOf(definition: InstallerDefinition, installer: InstallerRecord): InstallHandler {
  if (definition.technology !== 'msi') {
    return {
      kind: 'CommandLineInstallerData',
      program: installer.fileName,
      arguments: definition.arguments,
      defaultResult: 'Failed',
      rebootByDefault: false,
      returnCodes: definition.returnCodes,
    };
  }
  const { productCode } = installer.inspection;
  if (productCode === null) {
    throw new PermanentError('package.invalid', 'the MSI names no ProductCode', {
      where: installer.fileName,
    });
  }
  return {
    kind: 'MsiInstallerData',
    msiFile: installer.fileName,
    productCode,
    commandLine: propertiesOnly(definition.arguments, installer.productId),
    uninstallCommandLine: null,
  };
}

/** `NAME=VALUE` or `NAME="a b"`, nothing else: no switches (configmgr-catalog 3.1). */
const PROPERTY = /^[A-Za-z_][A-Za-z0-9_.]*=(?:"[^"]*"|[^\s"]*)$/;

function propertiesOnly(text: string, where: string): string | null {
  const words = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  const wrong = words.find((word) => !PROPERTY.test(word));
  if (wrong !== undefined) {
    throw new PermanentError('definition.invalid', 'the command line of an MSI holds properties only', {
      where,
      expected: 'NAME=VALUE',
      found: wrong,
      nextStep: 'correct `arguments` in the definition',
    });
  }
  return words.length === 0 ? null : words.join(' ');
}

/** A site fetches from OriginUri; what is delivered to WSUS itself names none (null). */
function originFileOf(installer: InstallerRecord, contentBaseUrl: string | null): OriginFile {
  const { sha1, sha256, fileName, sizeBytes, modified } = installer;
  return {
    digest: Buffer.from(sha1, 'hex').toString('base64'),
    fileName,
    sizeBytes,
    modified,
    originUri:
      contentBaseUrl === null ? null : `${contentBaseUrl}/content/${sha256}/${encodeURIComponent(fileName)}`,
    sha256: Buffer.from(sha256, 'hex').toString('base64'),
  };
}
