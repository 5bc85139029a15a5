import type { ByteSource } from '../../core/bytes.js';
import type { InstallerInspection } from '../../core/installer.js';
import { type MsiDatabase, readMsi } from '../../formats/msi/index.js';
import { templateArchitecture } from './architecture.js';
import { arpRows } from './arp-rows.js';

/** An MSI by its tables. PermanentError `installer.malformed`. */
export function inspectMsi(source: ByteSource): InstallerInspection {
  const database = readMsi(source);
  const { properties, summary } = database;
  const architecture = templateArchitecture(summary.template);
  const property = (name: string): string | null => properties.get(name) ?? null;
  const language = Number(property('ProductLanguage') ?? Number.NaN);
  return {
    technology: 'msi',
    architecture,
    scope: scopeOf(database),
    productName: property('ProductName'),
    publisher: property('Manufacturer'),
    version: property('ProductVersion'),
    // 0 means neutral.
    language: Number.isInteger(language) && language > 0 ? language : null,
    productCode: property('ProductCode'),
    upgradeCode: property('UpgradeCode'),
    arp: arpRows(database, architecture),
  };
}

/** ALLUSERS: 1 per machine, absent per user, 2 is decided while installing (MSIINSTALLPERUSER). */
function scopeOf({ properties }: MsiDatabase): InstallerInspection['scope'] {
  const allUsers = properties.get('ALLUSERS') ?? '';
  if (allUsers === '1') return 'machine';
  return allUsers === '' ? 'user' : 'unknown';
}
