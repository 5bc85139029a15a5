import type { ArpEvidence } from '../../core/installer.js';
import type { Architecture } from '../../core/product.js';
import type { MsiDatabase, MsiRow } from '../../formats/msi/index.js';
import { registryText, resolveFormatted } from './formatted.js';

/** Some writers end the key in a backslash. */
const UNINSTALL = /^software\\(wow6432node\\)?microsoft\\windows\\currentversion\\uninstall\\([^\\]+)\\?$/i;
/** Registry.Root: 2 is HKLM, -1 is HKLM in a per-machine installation. */
const ROOT = { perMachineOrUser: -1, localMachine: 2 } as const;
const COMPONENT_64_BIT = 0x100;

/**
 * The ARP rows that the tables prove. Windows Installer itself writes one under the ProductCode, unless
 * ARPSYSTEMCOMPONENT hides it; packages that do hide it write one of their own through the Registry table.
 */
export function arpRows(database: MsiDatabase, architecture: Architecture | null): readonly ArpEvidence[] {
  const own = productRow(database, architecture);
  return [...(own === null ? [] : [own]), ...customRows(database)];
}

function productRow(database: MsiDatabase, architecture: Architecture | null): ArpEvidence | null {
  const { properties } = database;
  const [key, displayName, displayVersion] = ['ProductCode', 'ProductName', 'ProductVersion'].map((name) =>
    properties.get(name),
  );
  if (!key || !displayName || !displayVersion || architecture === null) return null;
  if (properties.get('ARPSYSTEMCOMPONENT') === '1') return null;
  return {
    view: architecture === 'x86' ? '32' : '64',
    key,
    displayName,
    displayVersion,
    publisher: properties.get('Manufacturer') ?? null,
    windowsInstaller: true,
    source: 'msi-tables',
  };
}

interface CustomKey {
  readonly view: '64' | '32';
  readonly key: string;
  readonly values: Map<string, string>;
}

function customRows(database: MsiDatabase): readonly ArpEvidence[] {
  return [...customKeys(database).values()].flatMap(({ view, key, values }) => {
    const [displayName, displayVersion] = [values.get('displayname'), values.get('displayversion')];
    if (!displayName || !displayVersion) return [];
    const publisher = values.get('publisher') ?? null;
    const windowsInstaller = values.get('windowsinstaller') === '1';
    return [
      {
        view,
        key,
        displayName,
        displayVersion,
        publisher,
        windowsInstaller,
        source: 'msi-tables (Registry)',
      },
    ];
  });
}

function customKeys(database: MsiDatabase): ReadonlyMap<string, CustomKey> {
  const components = new Map(database.table('Component').map((row) => [row.Component, row]));
  const perMachine = database.properties.get('ALLUSERS') === '1';
  const keys = new Map<string, CustomKey>();
  for (const row of database.table('Registry')) {
    if (row.Root !== ROOT.localMachine && !(perMachine && row.Root === ROOT.perMachineOrUser)) continue;
    const component = components.get(row.Component_ ?? null);
    // A component under a condition may be left out: that proves nothing.
    if (component === undefined || (component.Condition ?? '') !== '') continue;
    addValue(keys, row, component, database.properties);
  }
  return keys;
}

function addValue(
  keys: Map<string, CustomKey>,
  row: MsiRow,
  component: MsiRow,
  properties: ReadonlyMap<string, string>,
): void {
  const path = UNINSTALL.exec(resolveFormatted(String(row.Key ?? ''), properties) ?? '');
  const key = path?.[2];
  if (key === undefined || typeof row.Name !== 'string') return;
  const { kind, text } = registryText(String(row.Value ?? ''));
  const value = resolveFormatted(text, properties);
  if (kind === 'other' || value === null) return;
  const is64 = (Number(component.Attributes) & COMPONENT_64_BIT) !== 0 && path?.[1] === undefined;
  const view = is64 ? '64' : '32';
  const id = `${view} ${key.toUpperCase()}`;
  const known = keys.get(id) ?? { view, key, values: new Map<string, string>() };
  known.values.set(row.Name.toLowerCase(), value);
  keys.set(id, known);
}
