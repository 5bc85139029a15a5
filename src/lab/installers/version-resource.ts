import { fourNumbers } from './installer-facts.js';

export interface VersionTexts {
  readonly productName: string;
  readonly publisher: string;
  readonly description: string;
  readonly version: string;
}

const ENGLISH_UNICODE = '040904b0';
const FIXED_BYTES = 52;

/** VS_VERSIONINFO: the fixed numbers, all zero where the version does not fit, and one table of strings in English. */
export function writeVersionResource({ productName, publisher, description, version }: VersionTexts): Buffer {
  const strings = {
    CompanyName: publisher,
    FileDescription: description,
    FileVersion: version,
    ProductName: productName,
    ProductVersion: version,
  };
  const table = node(
    ENGLISH_UNICODE,
    null,
    Object.entries(strings).map(([key, value]) => node(key, value, [])),
  );
  const translation = Buffer.from('0904b004', 'hex');
  return node('VS_VERSION_INFO', fixedInfo(version), [
    node('StringFileInfo', null, [table]),
    node('VarFileInfo', null, [node('Translation', translation, [])]),
  ]);
}

/** VS_FIXEDFILEINFO of a program for Windows NT. */
function fixedInfo(version: string): Buffer {
  const [a, b, c, d] = fourNumbers(version) ?? [0, 0, 0, 0];
  const bytes = Buffer.alloc(FIXED_BYTES);
  bytes.writeUInt32LE(0xfeef04bd, 0);
  bytes.writeUInt32LE(0x0001_0000, 4);
  for (const at of [8, 16]) {
    bytes.writeUInt32LE(a * 0x1_0000 + b, at);
    bytes.writeUInt32LE(c * 0x1_0000 + d, at + 4);
  }
  bytes.writeUInt32LE(0x3f, 24);
  bytes.writeUInt32LE(0x0004_0004, 32);
  bytes.writeUInt32LE(1, 36);
  return bytes;
}

/** u2 length, u2 length of the value (characters of a text), u2 whether it is one; key, value and children on fours. */
function node(key: string, value: string | Buffer | null, children: readonly Buffer[]): Buffer {
  const isText = !Buffer.isBuffer(value);
  const content =
    typeof value === 'string' ? Buffer.from(`${value}\0`, 'utf16le') : (value ?? Buffer.alloc(0));
  const head = Buffer.concat([Buffer.alloc(6), Buffer.from(`${key}\0`, 'utf16le')]);
  const own = Buffer.concat([onFours(head), content]);
  const whole = children.reduce((before, child) => Buffer.concat([onFours(before), child]), own);
  whole.writeUInt16LE(whole.length, 0);
  whole.writeUInt16LE(isText ? content.length / 2 : content.length, 2);
  whole.writeUInt16LE(isText ? 1 : 0, 4);
  return whole;
}

function onFours(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
