import type { InstallerTechnology } from '../../core/ports.js';
import { statedRow } from '../stated-row.js';

/** An executable of any kind: only a row that is stated is evidence. */
export const exeTechnology: InstallerTechnology = {
  name: 'exe',
  evidence: (inspection, definition, version) =>
    inspection.technology === 'msi' ? [] : statedRow(inspection, definition, version),
};
