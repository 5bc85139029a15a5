import {
  attributeOf,
  childElements,
  childOf,
  element,
  plainAttributes,
  type XmlAttribute,
  type XmlElement,
  XSI,
} from '../../text/xml/index.js';
import { CMD, HANDLERS, MSP, UPD } from '../namespaces.js';
import type { ServerItem } from './server-properties.js';

/** The installer data of an SDP item. */
export const HANDLER_ELEMENTS = {
  commandLine: 'CommandLineInstallerData',
  application: 'MsiInstallerData',
  patch: 'MspInstallerData',
  updateExe: 'UpdateExeInstallerData',
} as const;

export function handlerUri(item: XmlElement | null, updateType: string): string | null {
  const has = (name: string) => item !== null && childOf(item, name) !== null;
  if (has(HANDLER_ELEMENTS.commandLine)) return HANDLERS.commandLine;
  if (has(HANDLER_ELEMENTS.application) || has(HANDLER_ELEMENTS.patch)) return HANDLERS.windowsInstaller;
  if (has(HANDLER_ELEMENTS.updateExe)) return HANDLERS.windowsPatch;
  return updateType === 'Driver' ? HANDLERS.windowsDriver : null;
}

/** `xsi:type` is a prefixed text whose prefix is part of it: `cmd` and `msp`, literally. */
export function handlerSpecificData(item: XmlElement | null, info: ServerItem | null): readonly XmlElement[] {
  const data = (name: string) => (item === null ? null : childOf(item, name));
  const directory = info?.installPointDirectory ?? null;
  const command = data(HANDLER_ELEMENTS.commandLine);
  if (command !== null) return [typed('cmd:CommandLineInstallation', installCommand(command, directory))];
  const application = data(HANDLER_ELEMENTS.application);
  if (application !== null) {
    return [typed('msp:WindowsInstallerApp', installerData('MsiData', application, directory))];
  }
  const patch = data(HANDLER_ELEMENTS.patch);
  return patch === null ? [] : [typed('msp:WindowsInstaller', installerData('MspData', patch, directory))];
}

function typed(type: string, content: XmlElement): XmlElement {
  const attribute: XmlAttribute = { namespace: XSI, prefix: 'xsi', localName: 'type', value: type };
  return element(UPD, 'HandlerSpecificData', [attribute], [content]);
}

function installCommand(from: XmlElement, directory: string | null): XmlElement {
  const repairPaths = directory === null ? [] : childElements(from, 'WindowsInstallerRepairPath');
  return element(CMD, 'InstallCommand', from.attributes, [
    ...childElements(from, 'ReturnCode'),
    ...repairPaths.map((path) =>
      element(CMD, 'RepairPath', {
        TargetId: attributeOf(path, 'TargetId'),
        TargetType: 'MsiProduct',
        RelativeToServer: 'true',
        Path: directory,
      }),
    ),
  ]);
}

/** Also an MSI's data stands in the namespace of patches. */
function installerData(name: string, from: XmlElement, directory: string | null): XmlElement {
  const path = plainAttributes({ RelativeToServer: 'true', Path: directory });
  const repairPath = directory === null ? [] : [element(MSP, 'RepairPath', path)];
  return element(MSP, name, from.attributes, repairPath);
}
