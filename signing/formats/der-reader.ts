import { type PermanentCode, PermanentError } from '../../src/core/errors.js';

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element of DER: `raw` is all of it, `content` what its length covers. Both are views, nothing is copied. */
export interface DerElement {
  readonly tag: number;
  readonly raw: Buffer;
  readonly content: Buffer;
}

/** What is read, for messages, and the code of the fault where it is not DER. */
export interface DerSubject {
  readonly code: PermanentCode;
  readonly what: string;
}

/** The one element that `bytes` is. Indefinite lengths are BER and are refused, as is anything behind the element. */
export function readDer(bytes: Uint8Array, subject: DerSubject): DerElement {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = readElement(buffer, subject);
  if (first.raw.length === buffer.length) return first;
  throw malformed(subject, `${first.raw.length} bytes`, `${buffer.length} bytes`);
}

/** The elements inside of a constructed one, or of any element that is known to hold elements. */
export function readChildren(parent: DerElement, subject: DerSubject): readonly DerElement[] {
  const children: DerElement[] = [];
  for (let at = 0; at < parent.content.length; ) {
    const child = readElement(parent.content.subarray(at), subject);
    children.push(child);
    at += child.raw.length;
  }
  return children;
}

/** The child at `index`, which must have that tag. */
export function childAt(
  children: readonly DerElement[],
  index: number,
  tag: number,
  subject: DerSubject,
): DerElement {
  const child = children[index];
  if (child !== undefined && child.tag === tag) return child;
  const found = child === undefined ? 'nothing' : `tag 0x${child.tag.toString(16)}`;
  throw malformed(subject, `tag 0x${tag.toString(16)} as part ${index + 1}`, found);
}

function readElement(bytes: Buffer, subject: DerSubject): DerElement {
  const tag = bytes[0];
  const first = bytes[1];
  if (tag === undefined || first === undefined) throw malformed(subject, 'tag and length', 'the end');
  if ((tag & 0x1f) === 0x1f) throw malformed(subject, 'a tag of one byte', `0x${tag.toString(16)}`);
  const digits = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || digits > 4 || bytes.length < 2 + digits) {
    throw malformed(subject, 'a definite length of at most 4 bytes', `0x${first.toString(16)}`);
  }
  const length = digits === 0 ? first : bytes.readUIntBE(2, digits);
  const end = 2 + digits + length;
  if (end > bytes.length) throw malformed(subject, `${end} bytes`, `${bytes.length} bytes`);
  return { tag, raw: bytes.subarray(0, end), content: bytes.subarray(2 + digits, end) };
}

function malformed({ code, what }: DerSubject, expected: string, found: string): PermanentError {
  return new PermanentError(code, `${what} is not DER of its form`, { expected, found });
}
