import type { StreamFile } from './compound-file.js';

export type MsiCell = string | number | null;

/** A column in the words of IDT files: `s72` a text, `l255` one to translate, `i2` and `i4` numbers; in capitals nullable. */
export interface MsiTable {
  readonly name: string;
  /** The primary key first. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly keys: number;
  readonly rows: readonly (readonly MsiCell[])[];
}

const UTF8 = 65001;
/** `_Columns.Type`: what Windows Installer's own schema has for each kind. */
const TYPE = {
  text: 0x0d00,
  translated: 0x0f00,
  i2: 0x0502,
  i4: 0x0104,
  nullable: 0x1000,
  key: 0x2000,
} as const;

const TABLES = { name: '_Tables', columns: [['Name', 's64']], keys: 1 } as const;
const COLUMNS = {
  name: '_Columns',
  columns: [
    ['Table', 's64'],
    ['Number', 'i2'],
    ['Name', 's64'],
    ['Type', 'i2'],
  ],
  keys: 2,
} as const;

/** The streams of a Windows Installer database with these tables. */
export function writeDatabase(tables: readonly MsiTable[]): readonly StreamFile[] {
  const sorted = [...tables].sort((a, b) => (a.name < b.name ? -1 : 1));
  const all: readonly MsiTable[] = [
    { ...TABLES, rows: sorted.map(({ name }) => [name]) },
    { ...COLUMNS, rows: sorted.flatMap(columnRows) },
    ...sorted,
  ];
  const strings = createStringPool();
  const streams = all
    .filter(({ rows }) => rows.length > 0)
    .map((table) => ({ name: tableStreamName(table.name), bytes: writeRows(table, strings.idOf) }));
  const { pool, data } = strings.write();
  return [
    ...streams,
    { name: tableStreamName('_StringPool'), bytes: pool },
    { name: tableStreamName('_StringData'), bytes: data },
  ];
}

function columnRows({ name, columns, keys }: MsiTable): readonly (readonly MsiCell[])[] {
  return columns.map(([column, type], index) => [name, index + 1, column, typeNumber(type, index < keys)]);
}

function typeNumber(type: string, isKey: boolean): number {
  const size = Number(type.slice(1));
  const flags = (type.charAt(0) < 'a' ? TYPE.nullable : 0) | (isKey ? TYPE.key : 0);
  const kind = type.charAt(0).toLowerCase();
  if (kind === 'i') return flags | (size === 4 ? TYPE.i4 : TYPE.i2);
  return flags | (kind === 'l' ? TYPE.translated : TYPE.text) | size;
}

/** Column after column; rows by their keys as they are stored, numbers with the sign bit turned. */
function writeRows({ columns, keys, rows }: MsiTable, idOf: (text: string) => number): Buffer {
  const stored = rows.map((row) =>
    row.map((cell, index) =>
      typeof cell === 'string' ? idOf(cell) : storedNumber(cell, columns[index]?.[1] ?? ''),
    ),
  );
  stored.sort((a, b) => {
    const at = a.slice(0, keys).findIndex((value, index) => value !== b[index]);
    return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
  });
  const written = columns.map(([, type], index) =>
    Buffer.concat(stored.map((row) => unsigned(row[index] ?? 0, /^i4$/i.test(type) ? 4 : 2))),
  );
  return Buffer.concat(written);
}

function storedNumber(value: number | null, type: string): number {
  if (value === null) return 0;
  return value + (/^i4$/i.test(type) ? 0x8000_0000 : 0x8000);
}

function unsigned(value: number, sizeBytes: 2 | 4): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUIntLE(value, 0, sizeBytes);
  return bytes;
}

/** Each text once; its number counts from 1, and 0 is null. */
function createStringPool() {
  const counts = new Map<string, number>();
  const ids = new Map<string, number>();
  return {
    idOf(text: string): number {
      if (text === '') return 0;
      counts.set(text, (counts.get(text) ?? 0) + 1);
      if (!ids.has(text)) ids.set(text, ids.size + 1);
      return ids.get(text) ?? 0;
    },
    write(): { readonly pool: Buffer; readonly data: Buffer } {
      const texts = [...ids.keys()].map((text) => ({
        bytes: Buffer.from(text, 'utf8'),
        count: counts.get(text) ?? 1,
      }));
      const entries = texts.flatMap(({ bytes, count }) => [unsigned(bytes.length, 2), unsigned(count, 2)]);
      // The code page, and two bytes for a reference.
      const pool = Buffer.concat([unsigned(UTF8, 2), unsigned(0, 2), ...entries]);
      return { pool, data: Buffer.concat(texts.map(({ bytes }) => bytes)) };
    },
  };
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._';

function tableStreamName(name: string): string {
  return `\u4840${streamName(name)}`;
}

/** Two characters of the alphabet in one unit from U+3800 on, one alone in U+4800 on; others stay. */
export function streamName(name: string): string {
  let packed = '';
  for (let at = 0; at < name.length; at += 1) {
    const [first, second] = [ALPHABET.indexOf(name.charAt(at)), ALPHABET.indexOf(name.charAt(at + 1))];
    if (first < 0) packed += name.charAt(at);
    else if (at + 1 === name.length || second < 0) packed += String.fromCharCode(0x4800 + first);
    else {
      packed += String.fromCharCode(0x3800 + first + second * 64);
      at += 1;
    }
  }
  return packed;
}
