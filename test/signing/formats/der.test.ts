import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  certificateParts,
  createSelfSignedCodeSigning,
  certificateDer,
} from '../../../signing/certificates/index.js';
import {
  bitString,
  boolean,
  certificateTime,
  contextPrimitive,
  generalizedTime,
  integer,
  nothing,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  unsignedInteger,
} from '../../../signing/formats/der.js';
import { readChildren, readDer } from '../../../signing/formats/der-reader.js';
import { readTimestampResponse, writeTimestampRequest } from '../../../signing/timestamp/index.js';
import { PermanentError } from '../../../src/core/errors.js';
import { LAB_POLICY } from '../../../src/lab/timestamp-authority/index.js';
import { readTimestampQuery } from '../../../src/lab/timestamp-authority/query.js';
import { timestampSigner, writeGranted } from '../../../src/lab/timestamp-authority/token.js';
import { pseudoRandom } from '../../formats/programs.js';

const SUBJECT = { code: 'protocol.violation', what: 'a test' } as const;

describe('DER', () => {
  const cases: readonly [string, Buffer, string][] = [
    ['zero', integer(0), '020100'],
    ['127', integer(127), '02017f'],
    ['128 needs a sign octet', integer(128), '02020080'],
    ['256', integer(256), '02020100'],
    ['leading zeros go', unsignedInteger(Buffer.from('0000ff', 'hex')), '020200ff'],
    ['no bytes are zero', unsignedInteger(Buffer.alloc(3)), '020100'],
    ['true', boolean(true), '0101ff'],
    ['NULL', nothing(), '0500'],
    ['an identifier', objectIdentifier('1.2.840.113549.1.7.2'), '06092a864886f70d010702'],
    ['an identifier whose second arc is large', objectIdentifier('2.999.3'), '0603883703'],
    ['bits', bitString(Buffer.from([0x80]), 7), '03020780'],
    ['a set is ordered', setOf(integer(2), boolean(true), integer(1)), '31090101ff020101020102'],
    ['[0]', contextPrimitive(0, Buffer.from([1])), '800101'],
    [
      'a time of this century',
      certificateTime(new Date('2026-11-24T01:02:03.9Z')),
      '170d3236313132343031303230335a',
    ],
    [
      'a time after 2049',
      certificateTime(new Date('2050-01-01T00:00:00Z')),
      '180f32303530303130313030303030305a',
    ],
    [
      'GeneralizedTime',
      generalizedTime(new Date('2026-11-24T01:02:03Z')),
      '180f32303236313132343031303230335a',
    ],
  ];
  for (const [name, encoded, hex] of cases) {
    test(name, () => assert.equal(encoded.toString('hex'), hex));
  }

  test('lengths in their shortest form', () => {
    for (const [length, head] of [
      [127, '047f'],
      [128, '048180'],
      [255, '0481ff'],
      [256, '04820100'],
      [65_536, '0483010000'],
    ] as const) {
      const encoded = octetString(Buffer.alloc(length));
      assert.equal(encoded.toString('hex', 0, encoded.length - length), head);
      assert.equal(readDer(encoded, SUBJECT).content.length, length);
    }
  });

  test('what is read is what was written', () => {
    const parts = [integer(5), sequence(boolean(false)), octetString(Buffer.from('x'))];
    const read = readChildren(readDer(sequence(...parts), SUBJECT), SUBJECT);
    assert.deepEqual(
      read.map(({ raw }) => raw),
      parts,
    );
  });

  for (const [name, hex] of [
    ['nothing', ''],
    ['no length', '30'],
    ['cut off', '300502'],
    ['an indefinite length', '30800000'],
    ['a length of five bytes', '30850000000001'],
    ['a length that is cut off', '3084ff'],
    ['a tag of two bytes', '1f8101'],
    ['bytes behind the end', '0500ff'],
  ] as const) {
    test(`refused: ${name}`, () => {
      assert.throws(() => readDer(Buffer.from(hex, 'hex'), SUBJECT), { code: 'protocol.violation' });
    });
  }
});

test('mutated answers, queries and certificates are refused or read, never a crash', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  const identity = createSelfSignedCodeSigning({ subject: 'Fuzz', now });
  const request = writeTimestampRequest(Buffer.from('x'), Buffer.alloc(8, 9));
  const query = readTimestampQuery(request.der, LAB_POLICY);
  const facts = { policy: LAB_POLICY, serialNumber: Buffer.from([7]), time: now };
  const answer = writeGranted(query, facts, timestampSigner(identity));
  assert.ok(readTimestampResponse(answer, request).length > 0);
  const certificate = certificateDer(identity.certificate);
  const random = pseudoRandom(3161);
  const mutate = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(
      bytes.subarray(0, random.next(8) === 0 ? random.next(bytes.length) : bytes.length),
    );
    for (let count = random.next(4); count >= 0 && copy.length > 0; count -= 1) {
      copy[random.next(Math.min(copy.length, 200))] = random.next(256);
    }
    return copy;
  };
  for (let round = 0; round < 1500; round += 1) {
    for (const [read, bytes] of [
      [(mutated: Buffer) => readTimestampResponse(mutated, request), answer],
      [certificateParts, certificate],
    ] as const) {
      try {
        read(mutate(bytes));
      } catch (error) {
        assert.ok(error instanceof PermanentError, String(error));
      }
    }
    try {
      readTimestampQuery(mutate(request.der), LAB_POLICY);
    } catch (error) {
      assert.equal((error as Error).name, 'QueryRejected', String(error));
    }
  }
});
