import type { KeyObject } from 'node:crypto';
import { bufferSource } from '../src/core/bytes.js';
import { PermanentError } from '../src/core/errors.js';
import type { Attestation } from '../src/core/records.js';
import { RESERVE_OFFSET } from '../src/formats/cab/index.js';
import { attestorPublicKey, verifyAttestation } from './attestation.js';
import {
  type CabinetSigning,
  cabinetDigest,
  makeCabinetSignature,
  readUnsignedCabinet,
} from './authenticode/index.js';
import { requireSameDigest } from './authenticode/sign-file.js';
import { checkCatalogContents } from './catalog-contents.js';
import { certificateDer, thumbprintOf } from './certificates/index.js';
import { readObject, writeObject } from './objects.js';
import { createRequestGuard, type SignedRequest } from './request.js';

/** A catalog of many thousand updates has a tenth of it. */
const MAX_CABINET_BYTES = 256 << 20;

export interface SignerAnswer {
  readonly sha256: string;
  readonly certificateThumbprint: string;
}

export interface SignerFacts {
  readonly contentDir: string;
  /** PEM: the public half of the app role's key. */
  readonly attestorPublicKey: string;
  readonly signing: CabinetSigning;
  now(): Date;
}

/**
 * What stands between a request and the key: it is ours, fresh and new; every update of the cabinet is vouched for and
 * nothing else is inside; there is a timestamp; what was written is what was signed. Requests are worked off one by one.
 */
export function createSigner(facts: SignerFacts): (request: SignedRequest) => Promise<SignerAnswer> {
  const publicKey = attestorPublicKey(facts.attestorPublicKey);
  const guard = createRequestGuard(publicKey, facts.now);
  let last: Promise<unknown> = Promise.resolve();
  return (request) => {
    const turn = last.then(async () => {
      guard.admit(request);
      requireAttested(publicKey, request.attestations);
      return signCatalog(request, facts);
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function signCatalog(request: SignedRequest, facts: SignerFacts): Promise<SignerAnswer> {
  const bytes = await readObject(facts.contentDir, request.contentSha256, MAX_CABINET_BYTES);
  const cabinet = readUnsignedCabinet(bufferSource(bytes));
  checkCatalogContents(bufferSource(bytes), request.attestations);
  const { reserve, appended } = await makeCabinetSignature(cabinet, facts.signing);
  const signed = Buffer.concat([bytes, appended]);
  reserve.copy(signed, RESERVE_OFFSET);
  requireSameDigest(cabinet, cabinetDigest(bufferSource(signed)));
  return {
    sha256: await writeObject(facts.contentDir, signed),
    certificateThumbprint: thumbprintOf(certificateDer(facts.signing.identity.certificate)),
  };
}

function requireAttested(publicKey: KeyObject, attestations: readonly Attestation[]): void {
  const forged = attestations.find((attestation) => !verifyAttestation(publicKey, attestation));
  if (forged === undefined) return;
  throw new PermanentError('signer.refused', 'an attestation is not of our own service', {
    where: `${forged.packageId} revision ${forged.revision}`,
    expected: "a signature by the app role's key",
    found: 'another signature',
    nextStep: 'nothing was signed; if the key was changed on purpose, let the update be built again',
  });
}
