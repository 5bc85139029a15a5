import type { InstallerInspection } from '../../core/installer.js';
import type { PeFile } from '../../formats/pe/index.js';
import { executableFacts } from '../executable.js';

/**
 * An NSIS installer by its version resource. What it writes is in a compiled script, so no ARP row is proven; nor is
 * the architecture: the stub is x86 in nearly every installer, also in those of x64 programs.
 */
export function inspectNullsoft(pe: PeFile): InstallerInspection {
  return { ...executableFacts(pe), technology: 'nullsoft', architecture: null };
}
