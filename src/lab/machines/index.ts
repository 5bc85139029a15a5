import type { Machine } from '../../core/machine.js';
import type { CanaryMachines, CanaryUpdate } from '../../core/ports.js';
import type { CanaryRole } from '../../core/publication.js';
import { type Fixture, type Fixtures, missing, versionsOf } from '../vendor-site/fixtures.js';
import { withInstalled } from './install.js';
import { runInstaller } from './run.js';
import { windows11 } from './windows.js';

export { EXIT_CODE } from './run.js';
export { windows11 } from './windows.js';

/**
 * The canary's computers: fresh each time, without the product, with the version before the update's, and with the
 * update's own. What is on them is what the vendor's installers write, never what a definition expects.
 */
export function createCanaryMachines(fixtures: Fixtures): CanaryMachines {
  return {
    machine: async (role, update) => machineOf(fixtures, role, update),
    run: async (machine, file, commandLine) => runInstaller(fixtures, machine, file, commandLine),
  };
}

function machineOf(fixtures: Fixtures, role: CanaryRole, update: CanaryUpdate): Machine {
  // Programs for x86 and x64 have computers with x64, those for ARM64 have their own.
  const windows = windows11(update.variant.startsWith('arm64/') ? 'arm64' : 'x64');
  return role === 'missing' ? windows : withInstalled(windows, installedOn(fixtures, role, update));
}

/** PermanentError `not-found` where no such version was ever built: such a machine cannot be told honestly. */
function installedOn(fixtures: Fixtures, role: 'older' | 'current', update: CanaryUpdate): Fixture {
  const versions = versionsOf(fixtures, update.productId, update.variant);
  const current = versions.findIndex(({ version }) => version === update.version);
  const found = current < 0 ? undefined : versions[role === 'current' ? current : current - 1];
  if (found !== undefined) return found;
  throw missing(`${update.productId} ${update.version} ${update.variant} for the machine "${role}"`);
}
