import { z } from 'zod';
import { PermanentError } from '../core/errors.js';
import type { InventoryRow } from '../core/inventory.js';
import { parseCsv } from '../text/csv.js';
import { decode } from './decode.js';

/** Names of columns, in lower case and without the 0 of ConfigMgr's views (v_GS_ADD_REMOVE_PROGRAMS). */
const COLUMNS: Readonly<Record<string, string>> = {
  displayname: 'displayName',
  displayversion: 'displayVersion',
  version: 'displayVersion',
  publisher: 'publisher',
  key: 'key',
  prodid: 'key',
  view: 'view',
  windowsinstaller: 'windowsInstaller',
  computers: 'computers',
  count: 'computers',
};

const blank = (value: unknown) => (value === '' || value === null ? undefined : value);
const Text = z.preprocess(blank, z.string().max(1000).optional());
const Row = z.object({
  displayName: Text,
  displayVersion: Text,
  publisher: Text,
  key: Text,
  view: z.preprocess(
    (value) => blank(typeof value === 'number' ? String(value) : value),
    z.enum(['64', '32']).optional(),
  ),
  windowsInstaller: z.preprocess(
    (value) => ({ '1': true, true: true, '0': false, false: false })[String(value).toLowerCase()],
    z.boolean().optional(),
  ),
  computers: z.preprocess(blank, z.coerce.number().int().min(1).default(1)),
});
const Rows = z.array(Row).max(2_000_000);

/**
 * An inventory of programs: CSV with a head line, or a JSON list of objects. Equal rows are one, their computers added.
 * Rows without a name or a version tell nothing and are left out. PermanentError `configuration.invalid`.
 */
export function parseInventory(text: string, where: string): readonly InventoryRow[] {
  const fault = {
    code: 'configuration.invalid',
    message: 'the inventory cannot be understood',
    where,
    nextStep:
      'name the columns displayName, version, publisher, key, view, windowsInstaller (docs/metadata.md)',
  } as const;
  const records = /^\ufeff?\s*\[/.test(text) ? readJson(text, fault) : readCsv(text);
  const rows = decode(Rows, records, fault).flatMap((row): InventoryRow[] => {
    const { displayName, displayVersion, publisher = null, key = null, view = null } = row;
    if (displayName === undefined || displayVersion === undefined) return [];
    const { windowsInstaller = null, computers } = row;
    return [{ displayName, displayVersion, publisher, key, view, windowsInstaller, computers }];
  });
  if (rows.length > 0) return merged(rows);
  const found = 'no row with a name and a version';
  throw new PermanentError(fault.code, fault.message, { where, found, nextStep: fault.nextStep });
}

function merged(rows: readonly InventoryRow[]): readonly InventoryRow[] {
  const byIdentity = new Map<string, InventoryRow>();
  for (const row of rows) {
    const id = JSON.stringify({ ...row, computers: 0 });
    byIdentity.set(id, { ...row, computers: row.computers + (byIdentity.get(id)?.computers ?? 0) });
  }
  return [...byIdentity.values()];
}

function readCsv(text: string): readonly unknown[] {
  const [head = [], ...lines] = parseCsv(text);
  const names = head.map(memberOf);
  return lines.map((fields) => recordOf(names.map((name, index) => [name, fields[index] ?? ''])));
}

function readJson(text: string, { code, message, where, nextStep }: Parameters<typeof decode>[2]): unknown {
  try {
    const list: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    if (!Array.isArray(list)) return list;
    return list.map((row: unknown) =>
      typeof row === 'object' && row !== null
        ? recordOf(Object.entries(row).map(([name, value]) => [memberOf(name), value]))
        : row,
    );
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new PermanentError(code, message, { where, expected: 'a JSON list', found, nextStep });
  }
}

function memberOf(column: string): string | undefined {
  return COLUMNS[column.trim().toLowerCase().replace(/0$/, '')];
}

function recordOf(entries: readonly (readonly [string | undefined, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.flatMap(([name, value]) => (name === undefined ? [] : [[name, value]])));
}
