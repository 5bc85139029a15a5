import { childElements, childOf, type XmlElement } from '../../../text/xml/index.js';
import { stringsAt, textAt } from './soap.js';

/** An entry of the driver table ([MS-WUSP] 3.1.1): one piece of hardware that a revision is for. Texts in lower case. */
export interface ServedDriver {
  readonly hardwareId: string;
  /** Computers that it is for alone; empty: every one. */
  readonly computerIds: readonly string[];
  /** By architecture and version of Windows: `amd64.10.0`. Lower is better. */
  readonly featureScores: Readonly<Record<string, number>>;
  /** Milliseconds since 1970. */
  readonly dateMs: number;
  readonly version: bigint;
  readonly manufacturer: string;
  readonly provider: string;
}

/** In the order that decides, lower is better: computer, feature score, hardware id, date and version (negative). */
type Rank = readonly [number, number, number, number, bigint];

const NOT_NAMED = Number.MAX_SAFE_INTEGER;
const WORST_SCORE = 255;

interface System {
  readonly computerIds: readonly string[];
  readonly featureScoreKey: string;
  readonly devices: readonly Device[];
}

interface Device {
  /** The most specific first. */
  readonly ids: readonly string[];
  readonly installed: XmlElement | null;
}

/**
 * [MS-WUSP] 3.1.5.7: of the candidates that which is the best match for one of the devices and better than what is installed
 * on it, with the hardware ids that made it the best.
 */
export function bestDrivers<Candidate extends { readonly drivers?: readonly ServedDriver[] }>(
  candidates: readonly Candidate[],
  parameters: XmlElement,
): ReadonlyMap<Candidate, readonly string[]> {
  const system = readSystem(parameters);
  const best = new Map<Candidate, string[]>();
  for (const device of system.devices) {
    const found = bestFor(device, candidates, system);
    if (found === null || !isWanted(found, device, system)) continue;
    const ids = best.get(found.candidate) ?? [];
    if (!ids.includes(found.driver.hardwareId)) ids.push(found.driver.hardwareId);
    best.set(found.candidate, ids);
  }
  return best;
}

interface Match<Candidate> {
  readonly candidate: Candidate;
  readonly driver: ServedDriver;
  readonly rank: Rank;
}

function bestFor<Candidate extends { readonly drivers?: readonly ServedDriver[] }>(
  device: Device,
  candidates: readonly Candidate[],
  system: System,
): Match<Candidate> | null {
  let best: Match<Candidate> | null = null;
  for (const candidate of candidates) {
    for (const driver of candidate.drivers ?? []) {
      const rank = rankOf(driver, device, system);
      if (rank !== null && (best === null || isBetter(rank, best.rank))) best = { candidate, driver, rank };
    }
  }
  return best;
}

/** Null: it is for another device or another computer. */
function rankOf(
  driver: ServedDriver,
  { ids }: Device,
  { computerIds, featureScoreKey }: System,
): Rank | null {
  const place = ids.indexOf(driver.hardwareId);
  const computer = computerIds.findIndex((id) => driver.computerIds.includes(id));
  if (place < 0 || (driver.computerIds.length > 0 && computer < 0)) return null;
  const score = driver.featureScores[featureScoreKey] ?? WORST_SCORE;
  return [computer < 0 ? NOT_NAMED : computer, score, place, -driver.dateMs, -driver.version];
}

function isBetter(one: Rank, other: Rank): boolean {
  for (const [index, value] of one.entries()) {
    const against = other[index] ?? 0;
    if (value !== against) return value < against;
  }
  return false;
}

/** A printer's driver is replaced by one of the same makers alone. */
function isWanted({ driver, rank }: Match<unknown>, device: Device, system: System): boolean {
  const { installed } = device;
  if (installed === null) return true;
  const text = (name: string) => textAt(installed, name)?.trim().toLowerCase() ?? '';
  const isOfMaker = text('Provider') === driver.provider && text('Manufacturer') === driver.manufacturer;
  if (text('Class') === 'printer' && !isOfMaker) return false;
  const place = (list: readonly string[], id: string) => (list.includes(id) ? list.indexOf(id) : NOT_NAMED);
  const version = text('DriverVerVersion');
  return isBetter(rank, [
    place(system.computerIds, text('MatchingComputerHWID')),
    // A driver's rank in Windows is 0xSSGGTHHH, of which GG is the feature score.
    (Number(text('DriverRank')) >>> 16) & WORST_SCORE,
    place(device.ids, text('MatchingID')),
    -(Date.parse(text('DriverVerDate')) || 0),
    -(/^\d{1,20}$/.test(version) ? BigInt(version) : 0n),
  ]);
}

function readSystem(parameters: XmlElement): System {
  const lower = (list: readonly string[]) => list.map((text) => text.toLowerCase());
  const computer = childOf(parameters, 'ComputerSpec');
  const spec = childOf(parameters, 'SystemSpec');
  return {
    computerIds: computer === null ? [] : lower(stringsAt(computer, 'HardwareIDs')),
    featureScoreKey: textAt(parameters, 'FeatureScoreMatchingKey')?.trim().toLowerCase() ?? '',
    devices: (spec === null ? [] : childElements(spec, 'Device')).map((device) => ({
      ids: lower([...stringsAt(device, 'HardwareIDs'), ...stringsAt(device, 'CompatibleIDs')]),
      installed: childOf(device, 'installedDriver'),
    })),
  };
}
