import { PermanentError } from '../../core/errors.js';
import type { InstallerInspection } from '../../core/installer.js';
import { TECHNOLOGY_SWITCHES } from './command.js';
import type { InstallerFacts, ProductFacts } from './facts.js';

const EVIDENCE: Readonly<Record<string, NonNullable<InstallerFacts['evidence']>>> = {
  msi: 'msi-tables',
  inno: 'inno-header',
  burn: 'burn-manifest',
};

/**
 * What one installer file says about its product: how its row is known, and nothing of feeds or addresses. `id` where
 * the names in the file make none. PermanentError `installer.mismatch` for a file that installs for one user.
 */
export function factsOfInspection(inspection: InstallerInspection, id?: string): ProductFacts {
  const { technology, publisher, productName, version, scope } = inspection;
  if (scope === 'user') {
    throw new PermanentError('installer.mismatch', 'the installer installs for one user', {
      expected: 'an installer for the machine',
      found: 'user scope',
      nextStep: "take the vendor's installer for all users",
    });
  }
  const [row] = inspection.arp;
  const name = productName ?? row?.displayName ?? id ?? 'Unknown';
  const vendor = publisher ?? row?.publisher ?? 'Unknown';
  const type = technology === 'unknown' ? 'exe' : technology;
  return {
    id: id ?? `${wordOf(vendor)}.${wordOf(name)}`,
    name,
    vendor,
    latestVersion: version ?? '',
    feeds: [],
    versions: [],
    installers: [
      {
        // The stub of an executable says nothing of the programs in it.
        arch: inspection.architecture ?? 'neutral',
        type,
        scope: 'machine',
        sampleVersion: version,
        silentArgs: TECHNOLOGY_SWITCHES[type],
        silentArgsSource: 'type-default',
        productCode: row?.key ?? inspection.productCode,
        upgradeCode: inspection.upgradeCode,
        evidence: EVIDENCE[type],
        arp: row && {
          displayName: row.displayName,
          displayVersion: row.displayVersion,
          publisher: row.publisher,
        },
      },
    ],
  };
}

function wordOf(text: string): string {
  const word = text.replace(/[^A-Za-z0-9]+/g, '').slice(0, 45);
  return word === '' ? 'Unknown' : word;
}
