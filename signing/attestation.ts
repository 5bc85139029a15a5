import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { PermanentError } from '../src/core/errors.js';
import type { Attestor } from '../src/core/ports.js';
import type { Attestation } from '../src/core/records.js';
import { canonicalJson } from './canonical-json.js';

/** A new Ed25519 pair, PEM: the app role keeps the private half, the signer is given the public one. */
export function createAttestorKey(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/**
 * Vouches for one revision: these are its SDP, payload and proof, and this decision let it go. The same statement gives
 * the same attestation. PermanentError `configuration.invalid` for another key than Ed25519.
 */
export function createAttestor(privateKeyPem: string): Attestor {
  const key = attestorPrivateKey(privateKeyPem);
  return {
    attest: (statement) => {
      const signed = statementOf(statement);
      return { ...signed, signature: signText(key, canonicalJson(signed)) };
    },
  };
}

/** Whether the holder of the private half made this attestation, as it stands. */
export function verifyAttestation(publicKey: KeyObject | string, attestation: Attestation): boolean {
  const key = typeof publicKey === 'string' ? attestorPublicKey(publicKey) : publicKey;
  return verifyText(key, canonicalJson(statementOf(attestation)), attestation.signature);
}

export function attestorPrivateKey(pem: string): KeyObject {
  return requireEd25519(() => createPrivateKey(pem));
}

export function attestorPublicKey(pem: string): KeyObject {
  return requireEd25519(() => createPublicKey(pem));
}

/** Base64. */
export function signText(key: KeyObject, text: string): string {
  return sign(null, Buffer.from(text, 'utf8'), key).toString('base64');
}

export function verifyText(key: KeyObject, text: string, signature: string): boolean {
  return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64'));
}

/** Its members and no others: what stands beside them is not vouched for. */
function statementOf(statement: Omit<Attestation, 'signature'>): Omit<Attestation, 'signature'> {
  const { packageId, revision, sdpSha256, payloadSha256, proofSha256, decisionId } = statement;
  return { packageId, revision, sdpSha256, payloadSha256, proofSha256, decisionId };
}

function requireEd25519(read: () => KeyObject): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw unusable(`a key of the type ${key.asymmetricKeyType}`);
  } catch (cause) {
    if (cause instanceof PermanentError) throw cause;
    throw unusable('something else', cause);
  }
}

function unusable(found: string, cause?: unknown): PermanentError {
  return new PermanentError('configuration.invalid', "the attestor's key cannot be used", {
    expected: 'an Ed25519 key in PEM',
    found,
    cause,
  });
}
