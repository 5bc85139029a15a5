import { malformed } from '../cfb/header.js';
import { decodeText } from './code-pages.js';

/** The properties of the summary information stream that an installer is judged by. */
export interface MsiSummary {
  readonly codePage: number;
  readonly title: string | null;
  readonly subject: string | null;
  readonly author: string | null;
  /** PID 7: `x64;1033`, `Intel;1033,1031`. */
  readonly template: string | null;
  /** PID 9: `{GUID}`, another one for each build. */
  readonly packageCode: string | null;
  /** PID 14: the schema, 200 for Windows Installer 2.0. */
  readonly schema: number | null;
  /** PID 15: bit 1 compressed, bit 3 no elevation needed. */
  readonly wordCount: number | null;
}

const VT = { i2: 2, i4: 3, string: 30, wideString: 31 } as const;
const MAX_PROPERTIES = 1024;

/** A property set stream [MS-OLEPS] 2.21 with one section. PermanentError `installer.malformed`. */
export function readSummary(stream: Buffer): MsiSummary {
  if (stream.length < 48 || stream.readUInt16LE(0) !== 0xfffe) {
    throw malformed('no summary information', 'a property set', `${stream.length} bytes`);
  }
  const start = stream.readUInt32LE(44);
  if (start + 8 > stream.length)
    throw malformed('the summary is cut off', `${start + 8}`, `${stream.length}`);
  const section = stream.subarray(start);
  const count = Math.min(section.readUInt32LE(4), MAX_PROPERTIES, Math.floor((section.length - 8) / 8));
  const offsets = new Map<number, number>();
  for (let index = 0; index < count; index += 1) {
    offsets.set(section.readUInt32LE(8 + index * 8), section.readUInt32LE(12 + index * 8));
  }
  const numberAt = (id: number): number | null => readNumber(section, offsets.get(id));
  const codePage = (numberAt(1) ?? 0) & 0xffff;
  const textAt = (id: number): string | null => readText(section, offsets.get(id), codePage);
  return {
    codePage,
    title: textAt(2),
    subject: textAt(3),
    author: textAt(4),
    template: textAt(7),
    packageCode: textAt(9),
    schema: numberAt(14),
    wordCount: numberAt(15),
  };
}

function readNumber(section: Buffer, offset: number | undefined): number | null {
  if (offset === undefined || offset + 8 > section.length) return null;
  const type = section.readUInt32LE(offset);
  if (type === VT.i2) return section.readInt16LE(offset + 4);
  return type === VT.i4 ? section.readInt32LE(offset + 4) : null;
}

function readText(section: Buffer, offset: number | undefined, codePage: number): string | null {
  if (offset === undefined || offset + 8 > section.length) return null;
  const type = section.readUInt32LE(offset);
  if (type !== VT.string && type !== VT.wideString) return null;
  const length = section.readUInt32LE(offset + 4) * (type === VT.wideString ? 2 : 1);
  const bytes = section.subarray(offset + 8, Math.min(offset + 8 + length, section.length));
  const text = type === VT.wideString ? bytes.toString('utf16le') : decodeText(bytes, codePage);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
