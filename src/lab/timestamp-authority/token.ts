import { createHash, createPrivateKey } from 'node:crypto';
import { type CertifiedKey, certificateDer, certificateParts } from '../../../signing/certificates/index.js';
import {
  bitString,
  context,
  generalizedTime,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  unsignedInteger,
  utf8String,
} from '../../../signing/formats/der.js';
import { OID } from '../../../signing/formats/object-identifiers.js';
import {
  attribute,
  type CmsSigner,
  signAttributes,
  writeSignedData,
} from '../../../signing/formats/signed-data.js';
import { FAILURE, type QueryRejected, type TimestampQuery } from './query.js';

export interface TokenFacts {
  readonly policy: string;
  readonly serialNumber: Buffer;
  readonly time: Date;
}

/** Who signs the tokens; the whole chain is sent along. */
export function timestampSigner(identity: CertifiedKey): CmsSigner {
  return {
    privateKey: createPrivateKey(identity.key),
    certificate: certificateDer(identity.certificate),
    issuers: identity.chain.map(certificateDer),
  };
}

/** TimeStampResp with a token (RFC 3161 2.4.2). */
export function writeGranted(query: TimestampQuery, facts: TokenFacts, signer: CmsSigner): Buffer {
  const tstInfo = writeTstInfo(query, facts);
  const content = {
    version: 3,
    contentType: OID.tstInfo,
    content: octetString(tstInfo),
    digested: tstInfo,
    attributes: [attribute(OID.signingCertificateV2, signingCertificateV2(signer.certificate))],
  } as const;
  const token = writeSignedData(content, signAttributes(content, signer.privateKey), {
    signer,
    withCertificates: query.withCertificates,
    unsignedAttributes: [],
  });
  return sequence(sequence(integer(0)), token);
}

/** TimeStampResp with the status `rejection` and why. */
export function writeRejection(rejected: QueryRejected): Buffer {
  const bit = FAILURE[rejected.failure];
  const bits = Buffer.alloc((bit >> 3) + 1);
  bits.writeUInt8(0x80 >> (bit & 7), bit >> 3);
  // A named bit list ends with its last bit that is set (X.690 11.2.2).
  const failInfo = bitString(bits, 7 - (bit & 7));
  return sequence(sequence(integer(2), sequence(utf8String(rejected.message)), failInfo));
}

function writeTstInfo(query: TimestampQuery, { policy, serialNumber, time }: TokenFacts): Buffer {
  const accuracyOfOneSecond = sequence(integer(1));
  return sequence(
    integer(1),
    objectIdentifier(policy),
    query.messageImprint,
    unsignedInteger(serialNumber),
    generalizedTime(time),
    accuracyOfOneSecond,
    ...(query.nonce === null ? [] : [query.nonce]),
  );
}

/** RFC 5035 with SHA-256, the default: the signer's certificate cannot be exchanged for another of the same key. */
function signingCertificateV2(certificate: Buffer): Buffer {
  const { issuer, serialNumber } = certificateParts(certificate);
  const certHash = octetString(createHash('sha256').update(certificate).digest());
  const issuerSerial = sequence(sequence(context(4, issuer)), serialNumber);
  return sequence(sequence(sequence(certHash, issuerSerial)));
}
