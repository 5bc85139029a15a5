import {
  bmpText,
  context,
  contextPrimitive,
  objectIdentifier,
  octetString,
  sequence,
} from '../formats/der.js';
import { OID } from '../formats/object-identifiers.js';
import { attribute, type SignedContent, sha256Algorithm } from '../formats/signed-data.js';

/**
 * SpcIndirectDataContent of a cabinet (Authenticode PE format paper, SPC_CAB_DATA): the type is an SpcLink to a file
 * whose name is this literal.
 */
export function cabinetContent(sha256: Buffer, publisherName: string): SignedContent {
  const link = context(2, contextPrimitive(0, bmpText('<<<Obsolete>>>')));
  return indirectContent(sequence(objectIdentifier(OID.spcCabData), link), sha256, publisherName);
}

/**
 * SpcIndirectDataContent of a file; `data` is its SpcAttributeTypeAndOptionalValue, encoded. messageDigest covers the
 * octets inside of the SEQUENCE. No signingTime: the time is the timestamp's, and the same file gets the same signature.
 */
export function indirectContent(data: Buffer, sha256: Buffer, publisherName: string): SignedContent {
  const messageDigest = sequence(sha256Algorithm(), octetString(sha256));
  return {
    version: 1,
    contentType: OID.spcIndirectData,
    content: sequence(data, messageDigest),
    digested: Buffer.concat([data, messageDigest]),
    attributes: [
      attribute(OID.spcStatementType, sequence(objectIdentifier(OID.spcIndividualPurpose))),
      attribute(OID.spcSpOpusInfo, opusInfo(publisherName)),
    ],
  };
}

/** SpcSpOpusInfo: the name that Windows shows beside the signature; may be empty. */
function opusInfo(programName: string): Buffer {
  if (programName === '') return sequence();
  return sequence(context(0, contextPrimitive(0, bmpText(programName))));
}
