import type { Machine, RegistryKey, RegistryValue } from '../../src/core/machine.js';

export const text = (value: string): RegistryValue => ({ type: 'REG_SZ', value });
export const number = (value: number): RegistryValue => ({ type: 'REG_DWORD', value });

export interface MachineFacts extends Partial<Omit<Machine, 'os' | 'registry'>> {
  readonly os?: Partial<Machine['os']>;
  /** Of the 64-bit view; keys without `HKLM\`. */
  readonly registry64?: Readonly<Record<string, RegistryKey>>;
  readonly registry32?: Readonly<Record<string, RegistryKey>>;
}

/** Windows 11 for x64, with nothing on it but what is said. */
export function machineOf({ os, registry64 = {}, registry32 = {}, ...rest }: MachineFacts = {}): Machine {
  const hive = (keys: Readonly<Record<string, RegistryKey>>) =>
    Object.fromEntries(Object.entries(keys).map(([key, values]) => [`HKLM\\${key}`, values]));
  return {
    os: {
      version: '10.0.22631.0',
      productType: 1,
      suiteMask: 256,
      architecture: 'x64',
      language: 'en-US',
      muiLanguages: [],
      ...os,
    },
    registry: { '64': hive(registry64), '32': hive(registry32) },
    files: [],
    msi: { products: [], patches: [] },
    wmi: [],
    processors: 4,
    ...rest,
  };
}
