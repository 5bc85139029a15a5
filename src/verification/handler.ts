import type { ReturnCode } from '../core/product.js';
import type { InstallHandler } from '../core/update.js';
import { attributeOf, childElements, childOf, type XmlElement } from '../text/xml/index.js';
import { violation } from './wusp/soap.js';

type Result = ReturnCode['result'];

const MAX_INT = 2_147_483_647;

/** HandlerSpecificData of an Extended fragment: what it is about is told by the text of its `type`. */
export function readHandler(from: XmlElement, where: string): InstallHandler {
  const type = attributeOf(from, 'type') ?? '';
  switch (type.replace(/^.*:/, '')) {
    case 'CommandLineInstallation':
      return readCommandLine(required(from, 'InstallCommand', where), where);
    case 'WindowsInstallerApp':
      return readMsi(required(from, 'MsiData', where), where);
    case 'WindowsInstaller':
      return readMsp(required(from, 'MspData', where));
    default:
      return { kind: 'Unrecognised', name: type };
  }
}

function readCommandLine(from: XmlElement, where: string): InstallHandler {
  return {
    kind: 'CommandLineInstallerData',
    program: text(from, 'Program', where),
    arguments: attributeOf(from, 'Arguments') ?? '',
    defaultResult: resultOf(from, 'DefaultResult', where),
    rebootByDefault: isTrue(from, 'RebootByDefault'),
    returnCodes: childElements(from, 'ReturnCode').map((code) => ({
      code: exitCodeOf(code, where),
      result: resultOf(code, 'Result', where),
      reboot: isTrue(code, 'Reboot'),
    })),
  };
}

function readMsi(from: XmlElement, where: string): InstallHandler {
  return {
    kind: 'MsiInstallerData',
    msiFile: text(from, 'MsiFile', where),
    productCode: text(from, 'ProductCode', where),
    commandLine: attributeOf(from, 'CommandLine'),
    uninstallCommandLine: attributeOf(from, 'UninstallCommandLine'),
  };
}

function readMsp(from: XmlElement): InstallHandler {
  return {
    kind: 'MspInstallerData',
    mspFileName: null,
    patchCode: attributeOf(from, 'PatchCode'),
    fullFilePatchCode: attributeOf(from, 'FullFilePatchCode'),
    commandLine: attributeOf(from, 'CommandLine'),
    uninstallCommandLine: attributeOf(from, 'UninstallCommandLine'),
  };
}

function required(from: XmlElement, name: string, where: string): XmlElement {
  const child = childOf(from, name);
  if (child === null) throw violation(where, `${name} in HandlerSpecificData`, 'none');
  return child;
}

function text(from: XmlElement, name: string, where: string): string {
  const value = attributeOf(from, name) ?? '';
  if (value === '') throw violation(where, `${from.localName}/@${name}`, 'none');
  return value;
}

/** `Failed` where nothing is said (CommandLineInstallation.xsd). */
function resultOf(from: XmlElement, name: string, where: string): Result {
  const value = attributeOf(from, name) ?? 'Failed';
  if (value === 'Failed' || value === 'Succeeded' || value === 'Cancelled') return value;
  throw violation(where, `${name}: Failed | Succeeded | Cancelled`, value);
}

function isTrue(from: XmlElement, name: string): boolean {
  const value = attributeOf(from, name);
  return value === 'true' || value === '1';
}

/** White space around it is no part of a number: a publisher's blank comes through a server unchanged. */
function exitCodeOf(from: XmlElement, where: string): number {
  const value = attributeOf(from, 'Code')?.trim() ?? '';
  const code = Number(value);
  if (!/^[+-]?\d{1,10}$/.test(value) || Math.abs(code) > MAX_INT + 1) {
    throw violation(where, 'ReturnCode/@Code, a 32-bit number', value);
  }
  return code;
}
