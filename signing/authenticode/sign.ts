import { createHash, X509Certificate } from 'node:crypto';
import type { ByteSource } from '../../src/core/bytes.js';
import { PermanentError } from '../../src/core/errors.js';
import { readRanges } from '../../src/formats/byte-reader.js';
import { cabAuthenticodeRanges, signedReserve } from '../../src/formats/cab/index.js';
import type { CertifiedKey } from '../certificates/identity.js';
import { OID } from '../formats/object-identifiers.js';
import { attribute, type CmsSigner, signAttributes, writeSignedData } from '../formats/signed-data.js';
import { obtainTimestamp, type TimestampOptions } from '../timestamp/obtain.js';
import { codeSigner } from './signer.js';
import { cabinetContent } from './spc.js';

export interface CabinetSigning {
  readonly identity: CertifiedKey;
  /** Shown by Windows beside the signature. */
  readonly publisherName?: string;
  /** Null: without one, as WSUS may (`SignCertWithoutTimeStamp`); the signature then ends with its certificate. */
  readonly timestamp: TimestampOptions | null;
}

export interface CabinetSignatureBytes {
  /** The 20 bytes for `RESERVE_OFFSET`. */
  readonly reserve: Buffer;
  /** What is appended: PKCS#7, padded with zeros to a multiple of 8. */
  readonly appended: Buffer;
}

/** What is signed: a cabinet with the signature reserve, nothing behind it, and its Authenticode digest. */
export interface UnsignedCabinet {
  readonly sizeBytes: number;
  readonly sha256: Buffer;
}

/** PermanentError `signature.malformed` for a cabinet that is signed already, has no reserve or bytes behind it. */
export function readUnsignedCabinet(source: ByteSource): UnsignedCabinet {
  const { signature, trailingBytes } = cabAuthenticodeRanges(source);
  if (signature === null && trailingBytes === 0) {
    return { sizeBytes: source.sizeBytes, sha256: cabinetDigest(source) };
  }
  throw new PermanentError('signature.malformed', 'the cabinet is not one to sign', {
    expected: 'an unsigned cabinet and nothing behind it',
    found: signature === null ? `${trailingBytes} bytes behind it` : 'a signature',
  });
}

/** SHA-256 over what Authenticode covers of a cabinet; the same before and after signing. */
export function cabinetDigest(source: ByteSource): Buffer {
  const hash = createHash('sha256');
  const { ranges } = cabAuthenticodeRanges(source);
  for (const piece of readRanges(source, ranges, 'signature.malformed')) hash.update(piece);
  return hash.digest();
}

/** The signature of a cabinet (cab-and-authenticode 2). RetryableError `timestamp.unreachable`. */
export async function makeCabinetSignature(
  cabinet: UnsignedCabinet,
  signing: CabinetSigning,
): Promise<CabinetSignatureBytes> {
  const signer = codeSigner(signing.identity);
  const content = cabinetContent(cabinet.sha256, signing.publisherName ?? '');
  const signed = signAttributes(content, signer.privateKey);
  const token =
    signing.timestamp === null ? null : await timestampOf(signed.signature, signer, signing.timestamp);
  const pkcs7 = writeSignedData(content, signed, {
    signer,
    withCertificates: true,
    // The token goes in as it came: written anew it could become other bytes.
    unsignedAttributes: token === null ? [] : [attribute(OID.spcTimestampToken, token)],
  });
  const appended = Buffer.concat([pkcs7, Buffer.alloc((8 - (pkcs7.length % 8)) % 8)]);
  return {
    reserve: signedReserve({ offset: cabinet.sizeBytes, sizeBytes: appended.length }),
    appended,
  };
}

/** A time outside of the certificate's validity would make the signature worthless. */
async function timestampOf(signature: Buffer, signer: CmsSigner, options: TimestampOptions): Promise<Buffer> {
  const { token, time } = await obtainTimestamp(signature, options);
  const { validFrom, validTo } = new X509Certificate(signer.certificate);
  const at = Date.parse(time);
  if (at >= Date.parse(validFrom) && at <= Date.parse(validTo)) return token;
  throw new PermanentError('configuration.invalid', 'the signing certificate is not valid at this time', {
    expected: `a time from ${validFrom} to ${validTo}`,
    found: time,
    nextStep: 'renew the certificate, or correct the clock',
  });
}
