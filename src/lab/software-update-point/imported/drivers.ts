import { attributeOf, childElements, textOf, type XmlElement } from '../../../text/xml/index.js';
import type { ServedDriver } from '../wusp/drivers.js';

/** The driver table of a document: each WindowsDriverMetaData in it ([MS-WUSP] 3.1.1.1). */
export function driversIn(document: XmlElement): readonly ServedDriver[] {
  const below = childElements(document).flatMap((child) => driversIn(child));
  return document.localName === 'WindowsDriverMetaData' ? [readDriver(document), ...below] : below;
}

function readDriver(from: XmlElement): ServedDriver {
  const lower = (name: string) => (attributeOf(from, name) ?? '').trim().toLowerCase();
  const computers = ['DistributionComputerHardwareId', 'TargetComputerHardwareId'];
  return {
    hardwareId: lower('HardwareID'),
    computerIds: computers.flatMap((name) =>
      childElements(from, name).map((id) => textOf(id).trim().toLowerCase()),
    ),
    featureScores: Object.fromEntries(
      childElements(from, 'FeatureScore').map((score) => [
        (attributeOf(score, 'OperatingSystem') ?? '').toLowerCase(),
        // A hexadecimal byte in an INF file and in its metadata, `0xFF`.
        Number(attributeOf(score, 'FeatureScore') ?? attributeOf(score, 'Score') ?? Number.NaN),
      ]),
    ),
    dateMs: Date.parse(attributeOf(from, 'DriverVerDate') ?? '') || 0,
    version: versionOf(lower('DriverVerVersion')),
    manufacturer: lower('Manufacturer'),
    provider: lower('Provider'),
  };
}

/** Four numbers of 16 bits, as one: 10.0.26100.8036 is 2814751477604196. */
function versionOf(text: string): bigint {
  if (!/^\d{1,5}(\.\d{1,5}){0,3}$/.test(text)) return 0n;
  const parts = [...text.split('.'), '0', '0', '0'].slice(0, 4);
  return parts.reduce((sum, part) => (sum << 16n) + BigInt(part), 0n);
}
