/**
 * DER, written by hand (X.690): signatures are made of few structures, and what is signed must be exactly these bytes.
 * Every function returns one encoded element; parts are encoded elements.
 */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(0x30, ...parts);
}

/** X.690 11.6: the elements of a SET OF are ordered by their encodings. */
export function setOf(...parts: readonly Uint8Array[]): Buffer {
  return element(0x31, ...[...parts].sort(Buffer.compare));
}

/** `[number]`, constructed: EXPLICIT around one element, or IMPLICIT in place of a SEQUENCE's or SET's own tag. */
export function context(number: number, ...parts: readonly Uint8Array[]): Buffer {
  return element(0xa0 | number, ...parts);
}

/** `[number] IMPLICIT` in place of a primitive's own tag. */
export function contextPrimitive(number: number, content: Uint8Array): Buffer {
  return element(0x80 | number, content);
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(value: number): readonly number[] {
  const digits = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
    digits.unshift((left % 128) | 0x80);
  }
  return digits;
}

export function integer(value: number): Buffer {
  const hex = value.toString(16);
  return unsignedInteger(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

/** A number that is not negative, from its bytes: leading zeros as DER wants them (X.690 8.3.2). */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  return element(0x02, digits.readUInt8(0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]));
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.from([value ? 0xff : 0]));
}

export function nothing(): Buffer {
  return element(0x05);
}

export function octetString(content: Uint8Array): Buffer {
  return element(0x04, content);
}

export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Buffer.from([unusedBits]), content);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text, 'utf8'));
}

export function printableString(text: string): Buffer {
  return element(0x13, Buffer.from(text, 'latin1'));
}

/** UTF-16, big end first, as BMPString and SpcString want it; without the tag. */
export function bmpText(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** RFC 5280 4.1.2.5: UTCTime through the year 2049, GeneralizedTime afterwards; whole seconds. */
export function certificateTime(time: Date): Buffer {
  const digits = timeDigits(time);
  return time.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : element(0x18, Buffer.from(digits, 'latin1'));
}

/** X.690 11.7: whole seconds, no fraction. */
export function generalizedTime(time: Date): Buffer {
  return element(0x18, Buffer.from(timeDigits(time), 'latin1'));
}

function timeDigits(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
}

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
}
