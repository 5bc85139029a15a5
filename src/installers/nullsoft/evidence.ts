import type { InstallerTechnology } from '../../core/ports.js';
import { statedRow } from '../stated-row.js';

/** The file cannot prove an ARP row, so only one that the vendor or a published package states is evidence. */
export const nullsoftTechnology: InstallerTechnology = {
  name: 'nullsoft',
  evidence: (inspection, definition, version) =>
    inspection.technology === 'nullsoft' ? statedRow(inspection, definition, version) : [],
};
