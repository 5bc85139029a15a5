import { TECHNOLOGY_SWITCHES } from '../../config/drafts/command.js';
import { loadSettings } from '../../config/settings.js';
import { printable } from '../../core/errors.js';
import type { ArpEvidence, InstallerInspection, SignatureReport } from '../../core/installer.js';
import { withFileSource } from '../../formats/file-source.js';
import { inspectInstaller } from '../../installers/index.js';
import { verifyFileSignature } from '../../trust/index.js';
import { trustFrom } from '../configure.js';
import { EXIT, type OutputOptions, show } from './output.js';
import { describeSignature, signatureFacts } from './signature.js';

/** `patchpress inspect FILE`: what an installer says about itself and who signed it. Nothing of it is run. */
export async function inspect(file: string, options: OutputOptions): Promise<number> {
  const inspection = withFileSource(file, (source) => inspectInstaller(source, file));
  const signature = verifyFileSignature(file, trustFrom(loadSettings()), new Date());
  const silentSwitches = silentSwitchesOf(inspection);
  const result = { inspection, silentSwitches, signature: signatureFacts(signature) };
  show(options, result, () => describe(inspection, silentSwitches, signature));
  return EXIT.ok;
}

/** The technology's usual ones; null where the technology is not known. */
function silentSwitchesOf({ technology }: InstallerInspection): string | null {
  if (technology === 'msi') return '/qn /norestart';
  return technology === 'unknown' ? null : (TECHNOLOGY_SWITCHES[technology] ?? null);
}

function describe(
  inspection: InstallerInspection,
  silentSwitches: string | null,
  signature: SignatureReport,
): string {
  const { technology, architecture, scope, productName, publisher, version } = inspection;
  const rows: readonly (readonly [string, string | null])[] = [
    ['technology', technology],
    ['architecture', architecture ?? 'not told by the file'],
    ['installs for', scope === 'unknown' ? 'not told by the file' : scope],
    ['product', productName],
    ['publisher', publisher],
    ['version', version],
    ['ProductCode', inspection.productCode],
    ['UpgradeCode', inspection.upgradeCode],
    ['silent switches', silentSwitches ?? 'not known'],
    ...inspection.arp.map((row) => ['under Apps', describeRow(row)] as const),
    ['signature', describeSignature(signature)],
  ];
  return rows
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(17)}${printable(value ?? '', 400)}`)
    .join('\n');
}

function describeRow({ displayName, displayVersion, key, view, source }: ArpEvidence): string {
  return `"${displayName}" ${displayVersion}, key ${key}, ${view}-bit view (${source})`;
}
