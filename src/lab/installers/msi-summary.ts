export interface SummaryTexts {
  readonly title: string;
  readonly subject: string;
  readonly author: string;
  /** Platform and language: `x64;1033`. */
  readonly template: string;
  readonly packageCode: string;
  /** The least version of Windows Installer, times 100. */
  readonly schema: number;
}

/** FMTID_SummaryInformation as it is stored. */
const FORMAT = Buffer.from('e0859ff2f94f6810ab9108002b27b3d9', 'hex');
const TYPE = { i2: 2, i4: 3, text: 30 } as const;
const UTF8 = 65001 - 65536;
/** Long names, compressed files. */
const WORD_COUNT = 2;
const READ_ONLY_RECOMMENDED = 2;
const HEADER_BYTES = 48;

/** The summary information of a package: a property set stream with one section [MS-OLEPS] 2.21. */
export function writeSummary(texts: SummaryTexts): Buffer {
  const properties: readonly (readonly [id: number, value: Buffer])[] = [
    [1, number(TYPE.i2, UTF8)],
    [2, text(texts.title)],
    [3, text(texts.subject)],
    [4, text(texts.author)],
    [7, text(texts.template)],
    [9, text(texts.packageCode)],
    [14, number(TYPE.i4, texts.schema)],
    [15, number(TYPE.i4, WORD_COUNT)],
    [19, number(TYPE.i4, READ_ONLY_RECOMMENDED)],
  ];
  const table = Buffer.alloc(8 + properties.length * 8);
  let at = table.length;
  properties.forEach(([id, value], index) => {
    table.writeUInt32LE(id, 8 + index * 8);
    table.writeUInt32LE(at, 12 + index * 8);
    at += value.length;
  });
  table.writeUInt32LE(at, 0);
  table.writeUInt32LE(properties.length, 4);
  return Buffer.concat([header(), table, ...properties.map(([, value]) => value)]);
}

function header(): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt16LE(0xfffe, 0);
  // Windows NT, whatever its version.
  bytes.writeUInt32LE(0x0002_0006, 4);
  bytes.writeUInt32LE(1, 24);
  FORMAT.copy(bytes, 28);
  bytes.writeUInt32LE(HEADER_BYTES, 44);
  return bytes;
}

function number(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(type, 0);
  if (type === TYPE.i2) bytes.writeInt16LE(value, 4);
  else bytes.writeInt32LE(value, 4);
  return bytes;
}

/** With its final zero, up to a multiple of 4. */
function text(value: string): Buffer {
  const content = Buffer.from(`${value}\0`, 'utf8');
  const bytes = Buffer.alloc(8 + Math.ceil(content.length / 4) * 4);
  bytes.writeUInt32LE(TYPE.text, 0);
  bytes.writeUInt32LE(content.length, 4);
  content.copy(bytes, 8);
  return bytes;
}
