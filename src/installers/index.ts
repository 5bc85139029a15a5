import type { InstallerTechnology } from '../core/ports.js';
import type { InstallerTechnologyName } from '../core/product.js';
import { burnTechnology } from './burn/evidence.js';
import { exeTechnology } from './exe/evidence.js';
import { innoTechnology } from './inno/evidence.js';
import { msiTechnology } from './msi/evidence.js';
import { nullsoftTechnology } from './nullsoft/evidence.js';

export { inspectInstaller } from './inspect.js';
export { findMismatches, type InstallerMismatch } from './mismatch.js';

/** Every technology by its name in a definition: one folder, one line. */
export const installerTechnologies: ReadonlyMap<InstallerTechnologyName, InstallerTechnology> = new Map(
  [msiTechnology, nullsoftTechnology, innoTechnology, burnTechnology, exeTechnology].map((technology) => [
    technology.name,
    technology,
  ]),
);
