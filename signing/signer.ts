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
import { checkContentCabinet } from './content-contents.js';
import { readObject, writeObject } from './objects.js';
import { createRequestGuard, type SignedRequest } from './request.js';

/** A catalog of many thousand updates has a tenth of it; a content is held in memory, larger ones go as `payload`. */
const MAX_CABINET_BYTES = { catalog: 256 << 20, content: 512 << 20 } as const;

export interface SignerAnswer {
  readonly sha256: string;
  readonly certificateThumbprint: string;
}

export interface SignerFacts {
  readonly contentDir: string;
  /** PEM: the public half of the app role's key. */
  readonly attestorPublicKey: string;
  /** The catalog certificate. */
  readonly signing: CabinetSigning;
  /** The content certificate, which clients trust as a publisher; null: this signer signs no content. */
  readonly contentSigning: CabinetSigning | null;
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
      return signObject(request, facts);
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function signObject(request: SignedRequest, facts: SignerFacts): Promise<SignerAnswer> {
  const { purpose } = request;
  const signing = purpose === 'catalog' ? facts.signing : facts.contentSigning;
  if (signing === null) throw noContentKey();
  const bytes = await readObject(facts.contentDir, request.contentSha256, MAX_CABINET_BYTES[purpose]);
  const cabinet = readUnsignedCabinet(bufferSource(bytes));
  CHECKS[purpose](bufferSource(bytes), request.attestations);
  const { reserve, appended } = await makeCabinetSignature(cabinet, signing);
  const signed = Buffer.concat([bytes, appended]);
  reserve.copy(signed, RESERVE_OFFSET);
  requireSameDigest(cabinet, cabinetDigest(bufferSource(signed)));
  return {
    sha256: await writeObject(facts.contentDir, signed),
    certificateThumbprint: thumbprintOf(certificateDer(signing.identity.certificate)),
  };
}

const CHECKS = { catalog: checkCatalogContents, content: checkContentCabinet } as const;

function noContentKey(): PermanentError {
  return new PermanentError('signer.refused', 'this signer signs no content', {
    expected: 'a key for the content certificate',
    found: 'none',
    nextStep: 'set `signer.contentKeyFile` in the settings, or let the update go as `payload`',
  });
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
