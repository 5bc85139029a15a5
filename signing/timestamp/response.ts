import { PermanentError, printable } from '../../src/core/errors.js';
import { objectIdentifier } from '../formats/der.js';
import {
  childAt,
  type DerElement,
  type DerSubject,
  readChildren,
  readDer,
  TAG,
} from '../formats/der-reader.js';
import { OID } from '../formats/object-identifiers.js';
import type { TimestampRequest } from './request.js';

const RESPONSE: DerSubject = { code: 'protocol.violation', what: 'the answer of a timestamp authority' };

/** PKIFailureInfo, RFC 3161 2.4.2. */
const FAILURES: Readonly<Record<number, string>> = {
  0: 'badAlg',
  2: 'badRequest',
  5: 'badDataFormat',
  14: 'timeNotAvailable',
  15: 'unacceptedPolicy',
  16: 'unacceptedExtension',
  17: 'addInfoNotAvailable',
  25: 'systemFailure',
};

/**
 * The TimeStampToken of a TimeStampResp, as it came, if it was granted and answers this request: the same imprint and
 * nonce. Who signed it is not checked here. PermanentError `protocol.violation`.
 */
export function readTimestampResponse(bytes: Uint8Array, request: TimestampRequest): Buffer {
  const [statusInfo, token] = readChildren(readDer(bytes, RESPONSE), RESPONSE);
  requireGranted(statusInfo);
  if (token === undefined) throw violation('a token', 'none');
  const info = readTstInfo(token);
  if (!childAt(info, 2, TAG.sequence, RESPONSE).raw.equals(request.messageImprint)) {
    throw violation("the request's message imprint", 'another one');
  }
  const nonce = info.slice(4).find((part) => part.tag === TAG.integer);
  if (nonce === undefined || !nonce.raw.equals(request.nonce)) {
    throw violation("the request's nonce", nonce === undefined ? 'none' : 'another one');
  }
  return token.raw;
}

/** `granted` or `grantedWithMods`; else the authority's own reason. */
function requireGranted(statusInfo: DerElement | undefined): void {
  const parts = statusInfo === undefined ? [] : readChildren(statusInfo, RESPONSE);
  const status = childAt(parts, 0, TAG.integer, RESPONSE).content;
  if (status.length === 1 && (status[0] === 0 || status[0] === 1)) return;
  const bits = parts.find((part) => part.tag === TAG.bitString)?.content.subarray(1);
  const failures = Object.entries(FAILURES)
    .filter(([bit]) => ((bits?.[Number(bit) >> 3] ?? 0) & (0x80 >> (Number(bit) & 7))) !== 0)
    .map(([, name]) => name);
  const text = parts.find((part) => part.tag === TAG.sequence);
  const words =
    text === undefined ? [] : readChildren(text, RESPONSE).map(({ content }) => content.toString());
  throw violation(
    'status granted',
    printable([`status ${status.toString('hex')}`, ...failures, ...words].join(', ')),
  );
}

/** The parts of TSTInfo: version, policy, messageImprint, serialNumber, genTime, and optional ones. */
function readTstInfo(token: DerElement): readonly DerElement[] {
  const contentInfo = readChildren(token, RESPONSE);
  const explicit = childAt(contentInfo, 1, 0xa0, RESPONSE);
  const signedData = childAt(readChildren(explicit, RESPONSE), 0, TAG.sequence, RESPONSE);
  const encapsulated = readChildren(
    childAt(readChildren(signedData, RESPONSE), 2, TAG.sequence, RESPONSE),
    RESPONSE,
  );
  if (!childAt(encapsulated, 0, TAG.objectIdentifier, RESPONSE).raw.equals(objectIdentifier(OID.tstInfo))) {
    throw violation('TSTInfo', 'another content type');
  }
  const octets = readChildren(childAt(encapsulated, 1, 0xa0, RESPONSE), RESPONSE);
  return readChildren(readDer(childAt(octets, 0, TAG.octetString, RESPONSE).content, RESPONSE), RESPONSE);
}

function violation(expected: string, found: string): PermanentError {
  return new PermanentError('protocol.violation', 'the timestamp authority does not answer as asked', {
    expected,
    found,
  });
}
