import { malformed } from '../cfb/header.js';
import type { StringPool } from './string-pool.js';

/** A binary column holds a reference to a stream, which is not followed: it reads as the number in its place. */
export type MsiValue = string | number | null;
export type MsiRow = Readonly<Record<string, MsiValue>>;

export interface MsiColumn {
  readonly name: string;
  readonly kind: 'string' | 'int16' | 'int32' | 'stream';
}

const TYPE_STRING = 0x0800;
/** STRING and VALID, any nullability, without a size: an object, stored as a u2. */
const TYPE_STREAM = 0x0900;
const TYPE_NULLABLE_KEY = 0x3000;

export function columnOf(name: string, type: number): MsiColumn {
  if ((type & ~TYPE_NULLABLE_KEY & 0xffff) === TYPE_STREAM) return { name, kind: 'stream' };
  if ((type & TYPE_STRING) !== 0) return { name, kind: 'string' };
  return { name, kind: (type & 0xff) === 4 ? 'int32' : 'int16' };
}

/** The rows of one table stream: column after column, each as long as the number of rows. */
export function readRows(bytes: Buffer, columns: readonly MsiColumn[], strings: StringPool): MsiRow[] {
  const widths = columns.map((column) => widthOf(column, strings));
  const rowBytes = widths.reduce((sum, width) => sum + width, 0);
  if (rowBytes === 0) return [];
  if (bytes.length % rowBytes !== 0) {
    throw malformed('a table is cut off', `a multiple of ${rowBytes} bytes`, `${bytes.length}`);
  }
  const count = bytes.length / rowBytes;
  const rows = Array.from({ length: count }, (): Record<string, MsiValue> => Object.create(null));
  let start = 0;
  columns.forEach((column, index) => {
    const width = widths[index] ?? 0;
    rows.forEach((row, number) => {
      row[column.name] = readValue(bytes, start + number * width, column, strings);
    });
    start += count * width;
  });
  return rows;
}

function widthOf(column: MsiColumn, strings: StringPool): number {
  if (column.kind === 'string') return strings.referenceBytes;
  return column.kind === 'int32' ? 4 : 2;
}

/** Numbers are stored with the sign bit turned, so that 0 can mean null. */
function readValue(bytes: Buffer, at: number, column: MsiColumn, strings: StringPool): MsiValue {
  if (column.kind === 'string') {
    const low = bytes.readUInt16LE(at);
    return strings.get(strings.referenceBytes === 3 ? low + bytes.readUInt8(at + 2) * 0x10000 : low);
  }
  const stored = column.kind === 'int32' ? bytes.readUInt32LE(at) : bytes.readUInt16LE(at);
  if (stored === 0) return null;
  if (column.kind === 'stream') return stored;
  return stored - (column.kind === 'int32' ? 0x8000_0000 : 0x8000);
}
