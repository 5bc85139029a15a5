import type { MachineDevice, MachineHardware } from '../core/machine.js';
import { attributeOf, childElements, childOf, type XmlElement } from '../text/xml/index.js';
import type { Verdict } from './verdict.js';

/** WindowsDriverMetaData of a Core fragment: one piece of hardware that the driver is for. */
export interface DriverEntry {
  /** Lower case. */
  readonly hardwareId: string;
  readonly dateMs: number;
  readonly version: bigint;
}

/** The entries of ApplicabilityRules/Metadata; the prefix that fragments write is `d.`. */
export function readDrivers(rules: XmlElement | null): readonly DriverEntry[] {
  const metadata = rules === null ? null : childOf(rules, 'Metadata');
  if (metadata === null) return [];
  return childElements(metadata)
    .filter(({ localName }) => localName.replace(/^d\./, '') === 'WindowsDriverMetaData')
    .map((entry) => ({
      hardwareId: (attributeOf(entry, 'HardwareID') ?? '').toLowerCase(),
      dateMs: dateOf(attributeOf(entry, 'DriverVerDate') ?? ''),
      version: driverVersion(attributeOf(entry, 'DriverVerVersion') ?? ''),
    }));
}

/** Four numbers of 16 bits, as one ([MS-WUSP] 2.2.2.2.4, DriverVerVersion). */
export function driverVersion(text: string): bigint {
  if (!/^\d{1,5}(\.\d{1,5}){0,3}$/.test(text)) return 0n;
  const parts = [...text.split('.'), '0', '0', '0'].slice(0, 4);
  return parts.reduce((sum, part) => (sum << 16n) + BigInt(part), 0n);
}

/**
 * What a driver is to the devices of a machine: needed where one that it is for has none, or one that is older by date and then
 * by version. Which of several is the best is the server's to say (3.1.5.7): it offers no other.
 */
export function judgeDriver(entries: readonly DriverEntry[], hardware: MachineHardware | undefined): Verdict {
  if (hardware === undefined)
    return { ...NOT_APPLICABLE, why: 'the machine names no hardware', unknown: true };
  const matches = hardware.devices.flatMap((device) => {
    const entry = entryFor(device, entries);
    return entry === null ? [] : [{ device, isOlder: isOlder(device, entry) }];
  });
  const outdated = matches.find((match) => match.isOlder);
  const [first] = matches;
  if (first === undefined) return { ...NOT_APPLICABLE, why: 'the machine has no device that it is for' };
  const name = (outdated ?? first).device.hardwareIds[0] ?? 'a device';
  return outdated === undefined
    ? { state: 'installed', why: `${name} has this driver or a newer one`, unknown: false }
    : { state: 'required', why: `${name} has no driver or an older one`, unknown: false };
}

const NOT_APPLICABLE = { state: 'notApplicable', unknown: false } as const;

/** The most specific id decides. */
function entryFor(device: MachineDevice, entries: readonly DriverEntry[]): DriverEntry | null {
  for (const id of [...device.hardwareIds, ...device.compatibleIds]) {
    const entry = entries.find(({ hardwareId }) => hardwareId === id.toLowerCase());
    if (entry !== undefined) return entry;
  }
  return null;
}

function isOlder({ driver }: MachineDevice, { dateMs, version }: DriverEntry): boolean {
  if (driver === undefined) return true;
  const installedMs = dateOf(driver.date);
  return installedMs === dateMs ? driverVersion(driver.version) < version : installedMs < dateMs;
}

function dateOf(text: string): number {
  return Date.parse(text) || 0;
}
