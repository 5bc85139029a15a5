import type { Machine } from '../../core/machine.js';
import type { XmlElement } from '../../text/xml/index.js';
import type { ClientComputer } from './session.js';
import { elements, SERVICES } from './soap.js';

/** As agents name it. */
export const PROCESSOR = { x86: 'x86', x64: 'AMD64', arm64: 'ARM64' } as const;
const MAX_SHORT = 0x7fff;

/** [MS-WUSP] 2.2.2.2.3 ComputerInfo, with what the machine tells and the values of a current agent. */
export function computerInfo(computer: ClientComputer, machine: Machine): XmlElement {
  const build = elements(SERVICES.client);
  const [major = '10', minor = '0', buildNumber = '0'] = machine.os.version.split('.');
  const facts: readonly (readonly [string, string])[] = [
    ['DnsName', computer.dnsName],
    ['OSMajorVersion', major],
    ['OSMinorVersion', minor],
    ['OSBuildNumber', buildNumber],
    ['OSServicePackMajorNumber', '0'],
    ['OSServicePackMinorNumber', '0'],
    ['OSLocale', machine.os.language],
    ['ComputerManufacturer', 'unknown'],
    ['ComputerModel', 'unknown'],
    ['BiosVersion', 'unknown'],
    ['BiosName', 'unknown'],
    ['BiosReleaseDate', '2022-02-02T00:00:00Z'],
    ['ProcessorArchitecture', PROCESSOR[machine.os.architecture]],
    ['SuiteMask', String(machine.os.suiteMask & MAX_SHORT)],
    ['OldProductType', String(machine.os.productType)],
    ['NewProductType', '48'],
    ['SystemMetrics', '0'],
    ['ClientVersionMajorNumber', '1507'],
    ['ClientVersionMinorNumber', '2601'],
    ['ClientVersionBuildNumber', '30012'],
    ['ClientVersionQfeNumber', '0'],
    ['OSDescription', `Windows ${machine.os.version}`],
  ];
  return build('computerInfo', ...facts.map(([name, value]) => build(name, value)));
}
