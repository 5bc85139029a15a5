import type { InstallerTechnology } from '../../core/ports.js';
import { statedRow } from '../stated-row.js';

/** The header proves the row; where it cannot be read, or leaves the row to its script, one that is stated counts. */
export const innoTechnology: InstallerTechnology = {
  name: 'inno',
  evidence(inspection, definition, version) {
    if (inspection.technology !== 'inno') return [];
    return inspection.arp.length > 0 ? inspection.arp : statedRow(inspection, definition, version);
  },
};
