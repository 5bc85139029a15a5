import type { Policy } from '../core/decide.js';
import type { Compute, ContentStore } from '../core/ports.js';
import type { InstallerRecord, RevisionRecord, UpdateRecord } from '../core/records.js';
import { directModeOf } from '../core/route.js';

export interface ContentDeps {
  readonly content: ContentStore;
  readonly compute: Compute;
  readonly policy: Policy;
}

/**
 * The content cabinet that we pack ourselves, where the update goes the direct route as `signed-cab`; the signing stage
 * has it signed. Equal payload gives an equal cabinet: what an earlier revision has is used again, with its signature.
 */
export async function buildContent(
  deps: ContentDeps,
  { route, productId }: UpdateRecord,
  { fileName, modified, sha256 }: InstallerRecord,
  latest: RevisionRecord | null,
): Promise<Pick<RevisionRecord, 'content'>> {
  if (route !== 'direct' || directModeOf(productId, deps.policy) !== 'signed-cab') return {};
  if (latest?.content !== undefined) return { content: latest.content };
  const outPath = deps.content.temporaryPath();
  const members = [{ name: fileName, modified, content: { path: deps.content.pathOf(sha256) } }];
  await deps.compute.run('writeCabinet', { members, outPath, signatureReserve: true });
  const unsigned = await deps.content.putFile(outPath);
  return { content: { unsignedSha256: unsigned.sha256, signed: null } };
}
