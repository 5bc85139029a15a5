import type { ByteSource } from '../../core/bytes.js';
import { malformed } from '../cfb/header.js';
import { type CompoundFile, type DirectoryEntry, openCompoundFile } from '../cfb/index.js';
import { decodeStreamName } from './stream-names.js';
import { readStringPool, type StringPool } from './string-pool.js';
import { type MsiSummary, readSummary } from './summary.js';
import { columnOf, type MsiColumn, type MsiRow, readRows } from './tables.js';

export const MSI_CLSID = '{000C1084-0000-0000-C000-000000000046}';
export const MSP_CLSID = '{000C1086-0000-0000-C000-000000000046}';

export interface MsiDatabase {
  /** Table names in the order of `_Tables`. */
  readonly tables: readonly string[];
  /** The columns of a table in order; empty for a table that is not there. */
  columns(table: string): readonly MsiColumn[];
  /** All rows; none for a table that is not there. PermanentError `installer.malformed`. */
  table(name: string): readonly MsiRow[];
  /** The Property table. */
  readonly properties: ReadonlyMap<string, string>;
  readonly summary: MsiSummary;
  readonly codePage: number;
  readonly file: CompoundFile;
}

/** Office's largest tables have a few tens of megabytes. */
const MAX_TABLE_BYTES = 128 << 20;
const TABLE_NAMES: readonly MsiColumn[] = [{ name: 'Name', kind: 'string' }];
const COLUMN_NAMES: readonly MsiColumn[] = [
  { name: 'Table', kind: 'string' },
  { name: 'Number', kind: 'int16' },
  { name: 'Name', kind: 'string' },
  { name: 'Type', kind: 'int16' },
];

/** Opens a Windows Installer database; tables are decoded when asked for. PermanentError `installer.malformed`. */
export function readMsi(source: ByteSource): MsiDatabase {
  const file = openCompoundFile(source);
  if (file.clsid !== MSI_CLSID) throw malformed('not an MSI database', MSI_CLSID, file.clsid);
  const streams = tableStreams(file);
  const bytesOf = (name: string): Buffer | null => {
    const stream = streams.get(name);
    return stream === undefined ? null : file.read(stream, MAX_TABLE_BYTES);
  };
  const strings = readStringPool(
    required(bytesOf('_StringPool'), '_StringPool'),
    bytesOf('_StringData') ?? Buffer.alloc(0),
  );
  const names = readRows(bytesOf('_Tables') ?? Buffer.alloc(0), TABLE_NAMES, strings).map((row) =>
    String(row.Name),
  );
  const schema = readSchema(bytesOf('_Columns') ?? Buffer.alloc(0), strings);
  const table = (name: string): readonly MsiRow[] => {
    const columns = schema.get(name);
    const bytes = bytesOf(name);
    return columns === undefined || bytes === null ? [] : readRows(bytes, columns, strings);
  };
  const summary = file.stream('\u0005SummaryInformation');
  return {
    tables: names,
    columns: (name) => schema.get(name) ?? [],
    table,
    properties: readProperties(table('Property')),
    summary: readSummary(required(summary && file.read(summary, MAX_TABLE_BYTES), 'summary information')),
    codePage: strings.codePage,
    file,
  };
}

function tableStreams(file: CompoundFile): ReadonlyMap<string, DirectoryEntry> {
  const streams = new Map<string, DirectoryEntry>();
  for (const entry of file.root.children) {
    const { name, isTable } = decodeStreamName(entry.name);
    if (isTable && entry.kind === 'stream') streams.set(name, entry);
  }
  return streams;
}

function readSchema(bytes: Buffer, strings: StringPool): ReadonlyMap<string, readonly MsiColumn[]> {
  const numbered = new Map<string, { readonly number: number; readonly column: MsiColumn }[]>();
  for (const row of readRows(bytes, COLUMN_NAMES, strings)) {
    const table = String(row.Table);
    const columns = numbered.get(table) ?? [];
    columns.push({
      number: Number(row.Number),
      column: columnOf(String(row.Name), Number(row.Type) & 0xffff),
    });
    numbered.set(table, columns);
  }
  return new Map(
    [...numbered].map(([table, columns]) => [
      table,
      columns.sort((a, b) => a.number - b.number).map(({ column }) => column),
    ]),
  );
}

function readProperties(rows: readonly MsiRow[]): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const { Property, Value } of rows) {
    if (typeof Property === 'string') properties.set(Property, String(Value ?? ''));
  }
  return properties;
}

function required(bytes: Buffer | null, what: string): Buffer {
  if (bytes === null) throw malformed('an MSI database without a part it must have', what, 'nothing');
  return bytes;
}
