export interface PeVersionInfo {
  /** The fixed numbers, `24.9.0.0`; null where the resource has none. Strings may say something else. */
  readonly fileVersion: string | null;
  readonly productVersion: string | null;
  /** LCID of the first string table, or null. */
  readonly language: number | null;
  /** The first string table: `ProductName`, `CompanyName`, `FileVersion` ... */
  readonly strings: ReadonlyMap<string, string>;
}

const FIXED_SIGNATURE = 0xfeef04bd;
const MAX_STRINGS = 256;

interface Node {
  readonly key: string;
  readonly value: Buffer;
  readonly children: Buffer;
}

/** VS_VERSIONINFO. Tolerant: what cannot be read is left out; null when it is no version resource at all. */
export function readVersionInfo(resource: Buffer): PeVersionInfo | null {
  const root = readNode(resource);
  if (root === null || root.node.key !== 'VS_VERSION_INFO') return null;
  const fixed = root.node.value;
  const hasFixed = fixed.length >= 52 && fixed.readUInt32LE(0) === FIXED_SIGNATURE;
  const table = nodesIn(root.node.children)
    .filter((node) => node.key === 'StringFileInfo')
    .flatMap((node) => nodesIn(node.children))[0];
  const language = table === undefined ? Number.NaN : Number.parseInt(table.key.slice(0, 4), 16);
  return {
    fileVersion: hasFixed ? fixedVersion(fixed, 8) : null,
    productVersion: hasFixed ? fixedVersion(fixed, 16) : null,
    language: Number.isNaN(language) ? null : language,
    strings: table === undefined ? new Map() : stringsOf(table),
  };
}

/** Two u4, most significant first, each two numbers. */
function fixedVersion(fixed: Buffer, at: number): string {
  const parts = [at + 2, at, at + 6, at + 4].map((offset) => fixed.readUInt16LE(offset));
  return parts.join('.');
}

function stringsOf(table: Node): ReadonlyMap<string, string> {
  const strings = new Map<string, string>();
  for (const { key, value } of nodesIn(table.children)) {
    const text = value.toString('utf16le');
    const end = text.indexOf('\0');
    if (!strings.has(key)) strings.set(key, (end < 0 ? text : text.slice(0, end)).trim());
  }
  return strings;
}

function nodesIn(bytes: Buffer): Node[] {
  const nodes: Node[] = [];
  for (let at = 0; nodes.length < MAX_STRINGS; ) {
    const read = readNode(bytes.subarray(at));
    if (read === null) break;
    nodes.push(read.node);
    at += align4(read.lengthBytes);
  }
  return nodes;
}

/** u2 wLength, u2 wValueLength, u2 wType (1 text), key in UTF-16 with a zero, padding, value, padding, children. */
function readNode(bytes: Buffer): { readonly node: Node; readonly lengthBytes: number } | null {
  if (bytes.length < 8) return null;
  const lengthBytes = bytes.readUInt16LE(0);
  if (lengthBytes < 8 || lengthBytes > bytes.length) return null;
  const whole = bytes.subarray(0, lengthBytes);
  let keyEnd = 6;
  while (keyEnd + 2 <= whole.length && whole.readUInt16LE(keyEnd) !== 0) keyEnd += 2;
  const valueAt = Math.min(align4(keyEnd + 2), whole.length);
  const isText = whole.readUInt16LE(4) === 1;
  // The length of a text counts characters, but some compilers count bytes: a leaf's value runs to its zero anyway.
  const valueBytes = whole.readUInt16LE(2) * (isText ? 2 : 1);
  const valueEnd = Math.min(valueAt + valueBytes, whole.length);
  return {
    node: {
      key: whole.toString('utf16le', 6, keyEnd),
      value: whole.subarray(valueAt, valueEnd),
      children: whole.subarray(Math.min(align4(valueEnd), whole.length)),
    },
    lengthBytes,
  };
}

function align4(value: number): number {
  return Math.ceil(value / 4) * 4;
}
