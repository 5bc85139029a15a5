import type {
  InstallableItem,
  InstallBehavior,
  InstallHandler,
  OriginFile,
  PackageReturnCode,
  RepairPath,
} from '../../core/update.js';
import { attributeOf, childElements, childOf, textOf, type XmlElement } from '../../text/xml/index.js';
import { CMD, MSI, MSP, UEI } from '../namespaces.js';
import { TYPES } from '../rules/checks.js';
import { readApplicabilityRules } from '../rules/index.js';
import {
  checkedAttribute,
  choice,
  flag,
  guid,
  optionalText,
  requiredAttribute,
  requiredText,
  type Where,
  wholeNumber,
} from './fields.js';

const RESULTS = ['Failed', 'Succeeded', 'Cancelled'] as const;

export function readItem(item: XmlElement, where: Where): InstallableItem {
  return {
    id: guid(requiredAttribute(item, 'ID', where), 'InstallableItem/@ID', where),
    applicabilityRules: readApplicabilityRules(childOf(item, 'ApplicabilityRules')),
    installProperties: readBehavior(childOf(item, 'InstallProperties'), where),
    uninstallProperties: readBehavior(childOf(item, 'UninstallProperties'), where),
    handler: readHandler(item, where),
    originFile: readFile(childOf(item, 'OriginFile'), where),
    languages: childElements(item, 'Language').map((language) => textOf(language).trim()),
  };
}

/** With the schema's defaults filled in. */
function readBehavior(from: XmlElement | null, where: Where): InstallBehavior | null {
  if (from === null) return null;
  const impacts = ['Normal', 'Minor', 'RequiresExclusiveHandling'] as const;
  const reboots = ['NeverReboots', 'AlwaysRequiresReboot', 'CanRequestReboot'] as const;
  return {
    canRequestUserInput: flag(from, 'CanRequestUserInput', false, where),
    requiresNetworkConnectivity: flag(from, 'RequiresNetworkConnectivity', false, where),
    impact: choice(from, 'Impact', impacts, 'Normal', where),
    rebootBehavior: choice(from, 'RebootBehavior', reboots, 'CanRequestReboot', where),
  };
}

function readHandler(item: XmlElement, where: Where): InstallHandler | null {
  for (const child of childElements(item)) {
    if (child.namespace === CMD.namespace) return readCommandLine(child, where);
    if (child.namespace === MSI.namespace) return readMsi(child, where);
    if (child.namespace === MSP.namespace) return readMsp(child);
    if (child.namespace === UEI.namespace) return { kind: 'Unrecognised', name: child.localName };
  }
  return null;
}

function readCommandLine(from: XmlElement, where: Where): InstallHandler {
  const repairPaths = childElements(from, 'WindowsInstallerRepairPath').map((path) =>
    readRepairPath(path, where),
  );
  return {
    kind: 'CommandLineInstallerData',
    program: requiredAttribute(from, 'Program', where),
    arguments: attributeOf(from, 'Arguments') ?? '',
    defaultResult: choice(from, 'DefaultResult', RESULTS, 'Failed', where),
    rebootByDefault: flag(from, 'RebootByDefault', false, where),
    returnCodes: childElements(from, 'ReturnCode').map((code) => readReturnCode(code, where)),
    ...(repairPaths.length === 0 ? {} : { repairPaths }),
  };
}

function readRepairPath(from: XmlElement, where: Where): RepairPath {
  return {
    targetId: checkedAttribute(from, 'TargetId', TYPES.bracedGuid, where),
    targetType: choice(from, 'TargetType', ['MsiProduct', 'MsiPatch'], 'MsiProduct', where),
    relativePathToExe: requiredAttribute(from, 'RelativePathToExe', where),
  };
}

function readReturnCode(from: XmlElement, where: Where): PackageReturnCode {
  const descriptions = childElements(from, 'LocalizedDescription').map((entry) => ({
    languages: childElements(entry, 'Language').map((language) => textOf(language).trim()),
    description: requiredText(entry, 'Description', where),
  }));
  return {
    code: wholeNumber(from, 'Code', TYPES.int, where),
    result: choice(from, 'Result', RESULTS, 'Failed', where),
    reboot: flag(from, 'Reboot', false, where),
    ...(descriptions.length === 0 ? {} : { descriptions }),
  };
}

function readMsi(from: XmlElement, where: Where): InstallHandler {
  return {
    kind: 'MsiInstallerData',
    msiFile: requiredAttribute(from, 'MsiFile', where),
    productCode: checkedAttribute(from, 'ProductCode', TYPES.bracedGuid, where),
    commandLine: attributeOf(from, 'CommandLine'),
    uninstallCommandLine: attributeOf(from, 'UninstallCommandLine'),
  };
}

function readMsp(from: XmlElement): InstallHandler {
  return {
    kind: 'MspInstallerData',
    mspFileName: optionalText(from, 'MspFileName'),
    patchCode: attributeOf(from, 'PatchCode'),
    fullFilePatchCode: attributeOf(from, 'FullFilePatchCode'),
    commandLine: attributeOf(from, 'CommandLine'),
    uninstallCommandLine: attributeOf(from, 'UninstallCommandLine'),
  };
}

function readFile(from: XmlElement | null, where: Where): OriginFile | null {
  if (from === null) return null;
  const sha256 = childElements(from, 'AdditionalDigest').find(
    (digest) => attributeOf(digest, 'Algorithm')?.trim() === 'SHA256',
  );
  return {
    digest: requiredAttribute(from, 'Digest', where).trim(),
    fileName: requiredAttribute(from, 'FileName', where),
    sizeBytes: wholeNumber(from, 'Size', TYPES.long, where),
    modified: checkedAttribute(from, 'Modified', TYPES.date, where),
    originUri: attributeOf(from, 'OriginUri')?.trim() ?? null,
    sha256: sha256 === undefined ? null : textOf(sha256).trim(),
  };
}
