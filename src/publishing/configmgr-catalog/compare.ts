import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { bufferSource } from '../../core/bytes.js';
import type { ComputeTasks } from '../../core/ports.js';
import { type Cabinet, type CabinetEntry, readCabinet, whyNotSignedCopy } from '../../formats/cab/index.js';

/** Reads a signed catalog back, synchronously: call it from a thread. `cabinet.malformed` where it cannot be read. */
export function compareCatalog({
  unsignedPath,
  signedPath,
  members,
}: ComputeTasks['compareCatalog']['input']): ComputeTasks['compareCatalog']['output'] {
  const signed = readFileSync(signedPath);
  const wrong = whyNotSignedCopy(readFileSync(unsignedPath), signed);
  if (wrong !== null) return wrong;
  const cabinet = readCabinet(bufferSource(signed));
  if (cabinet.members.length !== members.length) {
    return { expected: `${members.length} members`, found: `${cabinet.members.length}` };
  }
  for (const [index, wanted] of members.entries()) {
    const member = cabinet.members[index];
    if (member?.name !== wanted.name) {
      return { expected: `member ${wanted.name}`, found: `member ${member?.name}` };
    }
    const found = sha256Of(cabinet, member);
    if (wanted.sha256 !== null && found !== wanted.sha256) {
      return { expected: `the bytes of ${wanted.name}`, found: 'other bytes' };
    }
  }
  return null;
}

function sha256Of(cabinet: Cabinet, member: CabinetEntry): string {
  const hash = createHash('sha256');
  for (const piece of cabinet.pieces(member)) hash.update(piece);
  return hash.digest('hex');
}
