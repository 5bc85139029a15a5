import { PermanentError } from '../src/core/errors.js';
import type { ContentStore, Signer } from '../src/core/ports.js';
import type { Attestation, RevisionContent } from '../src/core/records.js';
import { whyNotSignedCopy } from '../src/formats/cab/index.js';

/** Has the content cabinet of a revision signed, and reads back what came. What is signed already stays as it is. */
export async function signContent(
  deps: { readonly content: ContentStore; readonly signer: Signer },
  content: RevisionContent | undefined,
  attestation: Attestation,
): Promise<RevisionContent | undefined> {
  if (content === undefined || content.signed !== null) return content;
  const { unsignedSha256 } = content;
  const signed = await deps.signer.sign({
    purpose: 'content',
    contentSha256: unsignedSha256,
    attestations: [attestation],
  });
  const before = await deps.content.get(unsignedSha256);
  const wrong = whyNotSignedCopy(before, await deps.content.get(signed.sha256));
  if (wrong !== null) {
    throw new PermanentError('signature.malformed', 'the signed content is not the cabinet that was built', {
      where: `${attestation.packageId} revision ${attestation.revision}`,
      ...wrong,
      nextStep: 'look at the log of the signer; nothing was published',
    });
  }
  return { unsignedSha256, signed };
}
