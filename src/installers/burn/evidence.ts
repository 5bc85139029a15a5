import type { InstallerTechnology } from '../../core/ports.js';
import { statedRow } from '../stated-row.js';

/** The manifest proves the row; where it cannot be read, or a package writes the row, one that is stated counts. */
export const burnTechnology: InstallerTechnology = {
  name: 'burn',
  evidence(inspection, definition, version) {
    if (inspection.technology !== 'burn') return [];
    return inspection.arp.length > 0 ? inspection.arp : statedRow(inspection, definition, version);
  },
};
