import type { InstallerTechnology } from '../../core/ports.js';

/** An MSI proves its ARP rows by its own tables; what a definition states adds nothing to that. */
export const msiTechnology: InstallerTechnology = {
  name: 'msi',
  evidence: (inspection) => (inspection.technology === 'msi' ? inspection.arp : []),
};
