import type { Asn1 } from './asn1.js';
import { malformed } from './rejection.js';

/** Walks over the members of a SEQUENCE or SET in their order. Everything unexpected is a Rejection `malformed`. */
export class Fields {
  private at = 0;
  private readonly members: readonly Asn1[];

  constructor(
    parent: Asn1,
    private readonly what: string,
    type = 'SEQUENCE',
  ) {
    this.members = requireType(parent, type, what).children;
  }

  take(type: string): Asn1 {
    return requireType(this.any(), type, this.what);
  }

  any(): Asn1 {
    const member = this.members[this.at];
    if (member === undefined) throw malformed(`${this.what} ends early`);
    this.at += 1;
    return member;
  }

  takeIf(type: string): Asn1 | null {
    return this.members[this.at]?.type === type ? this.take(type) : null;
  }

  anyIf(): Asn1 | null {
    return this.at < this.members.length ? this.any() : null;
  }

  end(): void {
    const member = this.members[this.at];
    if (member !== undefined) throw malformed(`${this.what} has an unexpected ${member.type}`);
  }
}

const CONSTRUCTED = new Set(['SEQUENCE', 'SET']);

export function requireType(value: Asn1, type: string, what: string): Asn1 {
  if (value.type !== type) throw malformed(`${what}: ${type} expected, ${value.type} found`);
  if (CONSTRUCTED.has(type) && !value.isConstructed) throw malformed(`${what}: a primitive ${type}`);
  return value;
}

/** The one member of an explicit tag. */
export function onlyChild(value: Asn1, what: string): Asn1 {
  const [child, ...others] = value.children;
  if (child === undefined || others.length > 0) throw malformed(`${what}: exactly one value expected`);
  return child;
}

/** An OCTET STRING's octets; BER may send it in segments. */
export function octetsOf(value: Asn1, what: string): Buffer {
  requireType(value, 'OCTET STRING', what);
  if (!value.isConstructed) return value.content;
  return Buffer.concat(
    value.children.map((segment) => {
      if (segment.isConstructed) throw malformed(`${what}: segments within segments`);
      return requireType(segment, 'OCTET STRING', what).content;
    }),
  );
}

/** A BIT STRING of whole octets: a key or a signature. */
export function bitStringOctets(value: Asn1, what: string): Buffer {
  requireType(value, 'BIT STRING', what);
  if (value.isConstructed || value.content[0] !== 0) throw malformed(`${what} is no string of whole octets`);
  return value.content.subarray(1);
}

/** Dotted. */
export function oidOf(value: Asn1, what: string): string {
  const { content } = requireType(value, 'OBJECT IDENTIFIER', what);
  if (value.isConstructed || content.length === 0 || content.length > 64 || (content.at(-1) ?? 0) > 0x7f)
    throw malformed(`${what}: a broken OBJECT IDENTIFIER`);
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of content) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet > 0x7f) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first = 0n, ...others] = arcs;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...others].join('.');
}

/** A small INTEGER such as a version or a path length. */
export function smallIntegerOf(value: Asn1, what: string): number {
  const { content } = requireType(value, 'INTEGER', what);
  if (value.isConstructed || content.length === 0 || content.length > 4)
    throw malformed(`${what}: a small INTEGER expected`);
  return content.readIntBE(0, content.length);
}

export function booleanOf(value: Asn1, what: string): boolean {
  const { content } = requireType(value, 'BOOLEAN', what);
  if (content.length !== 1) throw malformed(`${what}: a broken BOOLEAN`);
  return content[0] !== 0;
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/;

/** UTCTime or GeneralizedTime in UTC (RFC 5280 4.1.2.5); other zones are not allowed there. */
export function timeOf(value: Asn1, what: string): Date {
  const text = value.content.toString('latin1');
  const parts = value.type === 'UTCTime' ? UTC_TIME.exec(text) : GENERALIZED_TIME.exec(text);
  const isTime = value.type === 'UTCTime' || value.type === 'GeneralizedTime';
  if (!isTime || value.isConstructed || parts === null) throw malformed(`${what}: a time expected`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  // Two digits: 1950 to 2049.
  const century = value.type === 'UTCTime' ? (year < 50 ? 2000 : 1900) : 0;
  const millisecond = Math.floor(Number(`0.${parts[7] ?? '0'}`) * 1000);
  const time = new Date(0);
  time.setUTCFullYear(century + year, month - 1, day);
  time.setUTCHours(hour, minute, second, millisecond);
  const isReal = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && time.getUTCHours() === hour;
  if (!isReal || Number.isNaN(time.getTime())) throw malformed(`${what}: no such time`);
  return time;
}
