import { createHash } from 'node:crypto';
import type { ByteSource } from '../src/core/bytes.js';
import { PermanentError, printable } from '../src/core/errors.js';
import type { Attestation } from '../src/core/records.js';
import { readCabinet } from '../src/formats/cab/index.js';

const MAX_DECODED_BYTES = 2 ** 31 - 1;

/**
 * A content cabinet is signed only for one update whose payload is vouched for: one attestation, one member, and the
 * member's bytes are that payload. PermanentError `signer.refused`, or `cabinet.malformed` from the reader.
 */
export function checkContentCabinet(source: ByteSource, attestations: readonly Attestation[]): void {
  const [attestation] = attestations;
  if (attestation === undefined || attestations.length !== 1) {
    throw refused('one attestation for a content', `${attestations.length}`);
  }
  const cabinet = readCabinet(source, { maxDecodedBytes: MAX_DECODED_BYTES });
  const [member] = cabinet.members;
  if (member === undefined || cabinet.members.length !== 1) {
    throw refused('one file in a content', `${cabinet.members.length}`);
  }
  if (/[\\/:]/.test(member.name)) throw refused('a file without a folder', printable(member.name, 200));
  const found = createHash('sha256').update(cabinet.extract(member, MAX_DECODED_BYTES)).digest('hex');
  if (found !== attestation.payloadSha256) {
    throw refused(`the payload that was vouched for, ${attestation.payloadSha256}`, found);
  }
}

function refused(expected: string, found: string): PermanentError {
  return new PermanentError('signer.refused', 'the signer does not sign this content', {
    expected,
    found,
    nextStep: 'nothing was signed; build the update again',
  });
}
