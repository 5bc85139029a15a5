import { setImmediate as otherWork } from 'node:timers/promises';
import { bufferSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import type { CabinetMember, Compute, ContentStore, Signer } from '../../core/ports.js';
import type { Attestation } from '../../core/records.js';
import { readCabinet, whyNotSignedCopy } from '../../formats/cab/index.js';

export interface CabinetDeps {
  readonly content: ContentStore;
  readonly compute: Compute;
  readonly signer: Signer;
}

/**
 * Packs, has it signed, and reads back what came: the SHA-256 of a signed cabinet that holds the members, byte for byte.
 * PermanentError `catalog.invalid` when what came back is anything else; nothing refers to it then.
 */
export async function makeSignedCabinet(
  deps: CabinetDeps,
  members: readonly CabinetMember[],
  attestations: readonly Attestation[],
): Promise<string> {
  const outPath = deps.content.temporaryPath();
  await deps.compute.run('writeCabinet', { members, outPath, signatureReserve: true });
  const unsigned = await deps.content.putFile(outPath);
  const signed = await deps.signer.sign({
    purpose: 'catalog',
    contentSha256: unsigned.sha256,
    attestations,
  });
  const before = await deps.content.get(unsigned.sha256);
  const after = await deps.content.get(signed.sha256);
  const wrong = whyNotSignedCopy(before, after);
  if (wrong !== null) throw invalid(wrong.expected, wrong.found);
  await requireMembers(after, members);
  return signed.sha256;
}

/** Members between two pauses for other work: a large catalog must not keep leases from being renewed. */
const MEMBERS_AT_ONCE = 64;

async function requireMembers(cabinet: Buffer, members: readonly CabinetMember[]): Promise<void> {
  const expected = members.map(({ name, content }) => ({
    name,
    bytes: 'bytes' in content ? Buffer.from(content.bytes) : Buffer.alloc(0),
  }));
  const limitBytes = expected.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let index = 0;
  for (const { member, bytes } of readCabinet(bufferSource(cabinet)).extractAll(limitBytes)) {
    const wanted = expected[index];
    if (wanted?.name !== member.name)
      throw invalid(`member ${wanted?.name ?? 'none'}`, `member ${member.name}`);
    if (!wanted.bytes.equals(bytes)) throw invalid(`the bytes of ${member.name}`, 'other bytes');
    index += 1;
    if (index % MEMBERS_AT_ONCE === 0) await otherWork();
  }
  if (index !== expected.length) throw invalid(`${expected.length} members`, `${index}`);
}

function invalid(expected: string, found: string): PermanentError {
  return new PermanentError('catalog.invalid', 'the signed catalog is not the one that was built', {
    expected,
    found,
    nextStep: 'look at the log of the signer; the catalog that stands was not switched',
  });
}
