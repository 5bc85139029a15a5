import { PermanentError } from '../../core/errors.js';
import type {
  InstallableItem,
  InstallBehavior,
  InstallHandler,
  OriginFile,
  PackageReturnCode,
  RepairPath,
} from '../../core/update.js';
import { element, type XmlElement } from '../../text/xml/index.js';
import { CMD, MSI, MSP } from '../namespaces.js';
import { metadataElement } from '../rules/index.js';
import { list, ruleIn, sdp, text } from './elements.js';

export function itemElement(item: InstallableItem): XmlElement {
  const { isInstalled, isSuperseded, isInstallable, metadata } = item.applicabilityRules;
  const rules = [
    ...ruleIn('IsInstalled', isInstalled),
    ...ruleIn('IsSuperseded', isSuperseded),
    ...ruleIn('IsInstallable', isInstallable),
    ...list('Metadata', (metadata ?? []).map(metadataElement)),
  ];
  return sdp('InstallableItem', { ID: item.id }, [
    ...list('ApplicabilityRules', rules),
    ...behavior('InstallProperties', item.installProperties),
    ...behavior('UninstallProperties', item.uninstallProperties),
    ...(item.handler === null ? [] : [handlerElement(item.handler)]),
    ...(item.originFile === null ? [] : [fileElement(item.originFile)]),
    ...item.languages.map((language) => text('Language', language)),
  ]);
}

function behavior(name: string, properties: InstallBehavior | null): readonly XmlElement[] {
  if (properties === null) return [];
  const attributes = {
    CanRequestUserInput: String(properties.canRequestUserInput),
    RequiresNetworkConnectivity: String(properties.requiresNetworkConnectivity),
    Impact: properties.impact,
    RebootBehavior: properties.rebootBehavior,
  };
  return [sdp(name, attributes)];
}

function handlerElement(handler: InstallHandler): XmlElement {
  switch (handler.kind) {
    case 'CommandLineInstallerData':
      return element(CMD, handler.kind, commandLineAttributes(handler), [
        ...handler.returnCodes.map(returnCode),
        ...(handler.repairPaths ?? []).map(repairPath),
      ]);
    case 'MsiInstallerData':
      return element(MSI, handler.kind, {
        MsiFile: handler.msiFile,
        ProductCode: handler.productCode,
        CommandLine: handler.commandLine,
        UninstallCommandLine: handler.uninstallCommandLine,
      });
    case 'MspInstallerData': {
      const { patchCode, fullFilePatchCode, commandLine, uninstallCommandLine, mspFileName } = handler;
      const attributes = {
        PatchCode: patchCode,
        FullFilePatchCode: fullFilePatchCode,
        CommandLine: commandLine,
        UninstallCommandLine: uninstallCommandLine,
      };
      const name = mspFileName === null ? [] : [element(MSP, 'MspFileName', {}, [mspFileName])];
      return element(MSP, handler.kind, attributes, name);
    }
    case 'Unrecognised':
      throw new PermanentError('package.invalid', `installer data ${handler.name} cannot be written`, {
        found: handler.name,
      });
  }
}

function commandLineAttributes(
  handler: Extract<InstallHandler, { kind: 'CommandLineInstallerData' }>,
): Readonly<Record<string, string | null>> {
  return {
    Program: handler.program,
    Arguments: handler.arguments === '' ? null : handler.arguments,
    DefaultResult: handler.defaultResult,
    RebootByDefault: String(handler.rebootByDefault),
  };
}

function returnCode({ code, result, reboot, descriptions }: PackageReturnCode): XmlElement {
  const attributes = { Code: String(code), Result: result, Reboot: String(reboot) };
  const described = (descriptions ?? []).map(({ languages, description }) =>
    element(CMD, 'LocalizedDescription', {}, [
      ...languages.map((language) => element(CMD, 'Language', {}, [language])),
      element(CMD, 'Description', {}, [description]),
    ]),
  );
  return element(CMD, 'ReturnCode', attributes, described);
}

function repairPath({ targetId, targetType, relativePathToExe }: RepairPath): XmlElement {
  const attributes = { TargetId: targetId, TargetType: targetType, RelativePathToExe: relativePathToExe };
  return element(CMD, 'WindowsInstallerRepairPath', attributes);
}

function fileElement(file: OriginFile): XmlElement {
  const attributes = {
    Digest: file.digest,
    FileName: file.fileName,
    Size: String(file.sizeBytes),
    Modified: file.modified,
    OriginUri: file.originUri,
  };
  const digests =
    file.sha256 === null ? [] : [sdp('AdditionalDigest', { Algorithm: 'SHA256' }, [file.sha256])];
  return sdp('OriginFile', attributes, digests);
}
