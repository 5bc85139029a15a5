import type { Machine, MachineFile, RegistryHive } from '../../core/machine.js';
import type { Fixture, Fixtures } from '../vendor-site/fixtures.js';

/** The machine with what this installer writes; what it overwrites is gone. */
export function withInstalled(machine: Machine, { installs }: Fixture): Machine {
  const { registryView: view, msi } = installs;
  const written = new Set(installs.files.map(({ path }) => path.toLowerCase()));
  return {
    ...machine,
    registry: { ...machine.registry, [view]: mergeHive(machine.registry[view], installs.registry) },
    files: [
      ...machine.files.filter(({ path }) => !written.has(path.toLowerCase())),
      ...installs.files.map(machineFile),
    ],
    msi: { ...machine.msi, products: [...machine.msi.products, ...(msi === null ? [] : [msi])] },
  };
}

/** The machine without what this installer wrote. */
export function withoutInstalled(machine: Machine, { installs }: Fixture): Machine {
  const { registryView: view, msi } = installs;
  const gone = new Set(installs.files.map(({ path }) => path.toLowerCase()));
  const keys = new Set(Object.keys(installs.registry).map((key) => key.toLowerCase()));
  const hive = Object.entries(machine.registry[view]).filter(([key]) => !keys.has(key.toLowerCase()));
  return {
    ...machine,
    registry: { ...machine.registry, [view]: Object.fromEntries(hive) },
    files: machine.files.filter(({ path }) => !gone.has(path.toLowerCase())),
    msi: {
      ...machine.msi,
      products: machine.msi.products.filter(({ productCode }) => productCode !== msi?.productCode),
    },
  };
}

/** RemoveExistingProducts: what has the same UpgradeCode on the machine goes, as its own installer put it there. */
export function withoutRelated(machine: Machine, fixture: Fixture, fixtures: Fixtures): Machine {
  return relatedOf(machine, fixture).reduce<Machine>((left, productCode) => {
    const old = fixtures.shipped.find(({ installs }) => installs.msi?.productCode === productCode);
    return old === undefined ? left : withoutInstalled(left, old);
  }, machine);
}

/** ProductCodes on the machine with the same UpgradeCode. */
export function relatedOf(machine: Machine, { installs }: Fixture): readonly string[] {
  return machine.msi.products
    .filter(({ upgradeCode }) => upgradeCode !== undefined && upgradeCode === installs.msi?.upgradeCode)
    .map(({ productCode }) => productCode);
}

function mergeHive(hive: RegistryHive, written: RegistryHive): RegistryHive {
  const merged: Record<string, RegistryHive[string]> = { ...hive };
  for (const [key, values] of Object.entries(written)) merged[key] = { ...merged[key], ...values };
  return merged;
}

function machineFile({ path, version, size }: Fixture['installs']['files'][number]): MachineFile {
  return { path, version, ...(size === undefined ? {} : { size }) };
}
