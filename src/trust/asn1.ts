import * as asn1js from 'asn1js';
import { malformed } from './rejection.js';

/** One value of BER or DER, as it stands in the bytes. */
export interface Asn1 {
  /** `SEQUENCE`, `OCTET STRING` ...; `[0]` for a context tag. */
  readonly type: string;
  readonly isConstructed: boolean;
  /** Tag, length and content: what digests and signatures are over. */
  readonly raw: Buffer;
  /** Without tag and length, and without the end mark of an indefinite length. */
  readonly content: Buffer;
  /** Empty for a primitive value; what is inside of an OCTET STRING is not looked at. */
  readonly children: readonly Asn1[];
}

const TYPES: Readonly<Record<number, string>> = {
  1: 'BOOLEAN',
  2: 'INTEGER',
  3: 'BIT STRING',
  4: 'OCTET STRING',
  5: 'NULL',
  6: 'OBJECT IDENTIFIER',
  12: 'UTF8String',
  16: 'SEQUENCE',
  17: 'SET',
  19: 'PrintableString',
  20: 'TeletexString',
  22: 'IA5String',
  23: 'UTCTime',
  24: 'GeneralizedTime',
  28: 'UniversalString',
  30: 'BMPString',
};
/** Hostile bytes must not cost more than real signatures do: those have about 1,000 values, nested 15 deep. */
const LIMITS = { maxDepth: 40, maxNodes: 20_000, maxContentLength: 16 << 20 } as const;
const CONTEXT_CLASS = 3;
const UNIVERSAL_CLASS = 1;

/** Exactly one value in `bytes`. Throws Rejection `malformed`. */
export function parseAsn1(bytes: Uint8Array, what: string): Asn1 {
  const { value, rest } = parseFirstAsn1(bytes, what);
  if (rest.length > 0) throw malformed(`${what} is followed by ${rest.length} more bytes`);
  return value;
}

/** The first value in `bytes` and what follows it. Throws Rejection `malformed`. */
export function parseFirstAsn1(bytes: Uint8Array, what: string): { value: Asn1; rest: Buffer } {
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { offset, result } = decode(view, what);
  if (offset === -1) throw malformed(`${what} is no ASN.1: ${result.error}`);
  return { value: toAsn1(result), rest: bufferOf(view).subarray(offset) };
}

/** The library throws for some bytes (impossible dates, lengths) instead of answering. */
function decode(view: Uint8Array, what: string): ReturnType<typeof asn1js.fromBER> {
  try {
    return asn1js.fromBER(view, { ...LIMITS, parseEmbedded: false, copyInput: false });
  } catch (error) {
    throw malformed(`${what} is no ASN.1: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}

function toAsn1(block: asn1js.BaseBlock): Asn1 {
  const { idBlock, lenBlock } = block;
  const raw = bufferOf(block.valueBeforeDecodeView);
  const contentAt = idBlock.blockLength + lenBlock.blockLength;
  const endMarkBytes = lenBlock.isIndefiniteForm ? 2 : 0;
  return {
    type: typeOf(idBlock.tagClass, idBlock.tagNumber),
    isConstructed: idBlock.isConstructed,
    raw,
    content: raw.subarray(contentAt, Math.max(contentAt, raw.length - endMarkBytes)),
    children: childrenOf(block).map(toAsn1),
  };
}

function childrenOf(block: asn1js.BaseBlock): readonly asn1js.BaseBlock[] {
  if (!block.idBlock.isConstructed || !('value' in block.valueBlock)) return [];
  const { value } = block.valueBlock;
  if (!Array.isArray(value)) return [];
  return value.filter(
    (child): child is asn1js.BaseBlock =>
      child instanceof asn1js.BaseBlock && !(child instanceof asn1js.EndOfContent),
  );
}

function typeOf(tagClass: number, tagNumber: number): string {
  if (tagClass === UNIVERSAL_CLASS) return TYPES[tagNumber] ?? `universal ${tagNumber}`;
  return tagClass === CONTEXT_CLASS ? `[${tagNumber}]` : `class ${tagClass} tag ${tagNumber}`;
}

function bufferOf(view: Uint8Array): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
