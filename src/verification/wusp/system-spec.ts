import type { Machine, MachineDevice, MachineHardware } from '../../core/machine.js';
import type { XmlElement } from '../../text/xml/index.js';
import { driverVersion } from '../drivers.js';
import { PROCESSOR } from './computer-info.js';
import { elements, SERVICES } from './soap.js';

const build = elements(SERVICES.client);
const strings = (name: string, list: readonly string[], item = 'string') =>
  list.length === 0 ? null : build(name, ...list.map((text) => build(item, text)));

/** [MS-WUSP] 2.2.2.2.4 SystemSpec: the devices and the drivers that they have. */
export function systemSpec({ devices }: MachineHardware): XmlElement {
  return build('SystemSpec', ...devices.map(deviceElement));
}

/** ComputerSpec and FeatureScoreMatchingKey, as a recorded agent gives them. */
export function computerSpec({ computerIds }: MachineHardware, os: Machine['os']): readonly XmlElement[] {
  const [major = '10', minor = '0'] = os.version.split('.');
  return [
    build('ComputerSpec', strings('HardwareIDs', computerIds, 'guid')),
    build('FeatureScoreMatchingKey', `${PROCESSOR[os.architecture]}.${major}.${minor}`),
  ];
}

function deviceElement({ hardwareIds, compatibleIds, driver }: MachineDevice): XmlElement {
  return build(
    'Device',
    strings('HardwareIDs', hardwareIds),
    strings('CompatibleIDs', compatibleIds),
    driver === undefined ? null : driverElement(driver),
  );
}

function driverElement(driver: NonNullable<MachineDevice['driver']>): XmlElement {
  const text = (name: string, value: string | undefined) => (value === undefined ? null : build(name, value));
  return build(
    'installedDriver',
    text('MatchingID', driver.matchingId),
    build('DriverVerDate', `${driver.date}T00:00:00Z`),
    build('DriverVerVersion', String(driverVersion(driver.version))),
    text('Class', driver.class),
    text('Manufacturer', driver.manufacturer),
    text('Provider', driver.provider),
    text('Model', driver.model),
    build('DriverRank', String(driver.rank)),
  );
}
