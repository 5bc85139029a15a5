import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Asn1, parseAsn1, parseFirstAsn1 } from '../../src/trust/asn1.js';
import { bitStringOctets, octetsOf, oidOf, smallIntegerOf, timeOf } from '../../src/trust/fields.js';
import { describeName } from '../../src/trust/names.js';
import { Rejection } from '../../src/trust/rejection.js';

const parse = (hex: string): Asn1 => parseAsn1(Buffer.from(hex, 'hex'), 'a test');
const isRejection = (error: unknown): boolean => error instanceof Rejection && error.reason === 'malformed';

describe('ASN.1', () => {
  test('of definite and of indefinite length has the same content', () => {
    for (const hex of ['3003020105', '30800201050000', '308103020105', '308400000003020105']) {
      const value = parse(hex);
      assert.equal(value.type, 'SEQUENCE');
      assert.equal(value.raw.toString('hex'), hex);
      assert.equal(value.content.toString('hex'), '020105');
      assert.deepEqual(
        value.children.map(({ type }) => type),
        ['INTEGER'],
      );
    }
  });

  test('keeps what follows the first value', () => {
    const { value, rest } = parseFirstAsn1(Buffer.from('0500ffff', 'hex'), 'a test');
    assert.deepEqual([value.type, rest.toString('hex')], ['NULL', 'ffff']);
    assert.throws(() => parse('0500ff'), isRejection);
  });

  test('does not look into octet strings, and joins their segments', () => {
    assert.equal(parse('04053003020105').children.length, 0);
    assert.equal(octetsOf(parse('04020102'), 'x').toString('hex'), '0102');
    assert.equal(octetsOf(parse('248004010104020203' + '0000'), 'x').toString('hex'), '010203');
    assert.throws(() => octetsOf(parse('2404020101' + '00'), 'x'), isRejection);
  });

  test('that is broken is malformed', () => {
    for (const hex of ['', '30', '3005020105', '3080020105', '0282ffff01', '1f', '30800000000000'])
      assert.throws(() => parse(hex), isRejection, hex);
  });

  test('object identifiers', () => {
    assert.equal(oidOf(parse('06092a864886f70d010702'), 'x'), '1.2.840.113549.1.7.2');
    assert.equal(oidOf(parse('0603551d25'), 'x'), '2.5.29.37');
    assert.equal(oidOf(parse('0603883703'), 'x'), '2.999.3');
    for (const hex of ['0600', '060180', '06022a86'])
      assert.throws(() => oidOf(parse(hex), 'x'), isRejection);
  });

  test('numbers and bit strings', () => {
    assert.equal(smallIntegerOf(parse('020100'), 'x'), 0);
    assert.equal(smallIntegerOf(parse('02020100'), 'x'), 256);
    assert.equal(smallIntegerOf(parse('0201ff'), 'x'), -1);
    assert.throws(() => smallIntegerOf(parse('02050100000000'), 'x'), isRejection);
    assert.equal(bitStringOctets(parse('030300abcd'), 'x').toString('hex'), 'abcd');
    assert.throws(() => bitStringOctets(parse('030304abc0'), 'x'), isRejection);
  });

  for (const [type, text, iso] of [
    ['17', '491231235959Z', '2049-12-31T23:59:59.000Z'],
    ['17', '500101000000Z', '1950-01-01T00:00:00.000Z'],
    ['18', '20260229120000Z', null],
    ['18', '20240229120000Z', '2024-02-29T12:00:00.000Z'],
    ['18', '20240101120000.5Z', '2024-01-01T12:00:00.500Z'],
    ['18', '00500101000000Z', '0050-01-01T00:00:00.000Z'],
    ['18', '99991231235959Z', '9999-12-31T23:59:59.000Z'],
    ['18', '20240101120000+0100', null],
    ['18', '20240101250000Z', null],
    ['18', '20240101126060Z', null],
    ['0c', '20240101120000Z', null],
  ] as const) {
    test(`the time ${text} is ${iso ?? 'none'}`, () => {
      const bytes = Buffer.from(text);
      const read = (): string =>
        timeOf(
          parse(`${type}${bytes.length.toString(16).padStart(2, '0')}${bytes.toString('hex')}`),
          'x',
        ).toISOString();
      if (iso === null) assert.throws(read, isRejection);
      else assert.equal(read(), iso);
    });
  }
});

describe('a name', () => {
  const attribute = (oid: string, tag: string, content: Buffer): Buffer => {
    const value = Buffer.concat([Buffer.from(tag, 'hex'), Buffer.from([content.length]), content]);
    const type = Buffer.from(oid, 'hex');
    return Buffer.concat([Buffer.from([0x30, type.length + value.length]), type, value]);
  };
  const name = (...rdns: readonly Buffer[][]): string => {
    const sets = rdns.map((parts) => {
      const content = Buffer.concat(parts);
      return Buffer.concat([Buffer.from([0x31, content.length]), content]);
    });
    const content = Buffer.concat(sets);
    return describeName(parse(Buffer.concat([Buffer.from([0x30, content.length]), content]).toString('hex')));
  };
  const commonName = '0603550403';

  test('is told most specific first, with all kinds of strings', () => {
    const told = name(
      [attribute('0603550406', '13', Buffer.from('DE'))],
      [attribute('060355040a', '0c', Buffer.from('Grüße, Inc.'))],
      [
        attribute(commonName, '1e', Buffer.from('004100fc', 'hex')),
        attribute('06032a0304', '13', Buffer.from('x')),
      ],
    );
    assert.equal(told, 'CN=Aü+1.2.3.4=x, O=Grüße\\, Inc., C=DE');
  });

  test('cannot imitate another one', () => {
    const of = (text: string): string => name([attribute(commonName, '0c', Buffer.from(text))]);
    assert.equal(of('A, O=B'), 'CN=A\\, O=B');
    assert.equal(of(' A '), 'CN=\\ A\\ ');
    assert.equal(of('#A'), 'CN=\\#A');
    assert.equal(of('A\n'), 'CN=A\\u{a}');
    assert.equal(of('A\\u{a}'), 'CN=A\\\\u{a}');
    assert.equal(of('A\u202eB'), 'CN=A\\u{202e}B');
    assert.equal(name([attribute(commonName, '0c', Buffer.from([0x41, 0xff]))]), 'CN=#0c0241ff');
  });
});
