import { rmSync } from 'node:fs';
import { contentFile } from '../content/publish.js';
import { readPackageFacts } from '../package-facts.js';
import type { World } from '../world.js';
import type { DocumentCall } from './calls.js';
import { signAgain } from './content.js';
import { PublishFault } from './fault.js';
import { invalid, type ListedUpdate, listed, put, readDocument, requireOwn } from './publisher.js';

/** Everything that was published locally, by whomever. */
export function listLocal(world: World): readonly (ListedUpdate & { readonly title: string })[] {
  return Object.values(world.state.updates).map((update) => ({
    ...listed(world, update),
    title: readPackageFacts(update.sdp).title,
  }));
}

/** `ExportPackageMetadata`: the document as it was published last. */
export function exportSdp(world: World, packageId: string): { readonly sdpBase64: string } {
  const { sdp } = requireUpdate(world, packageId, 'ExportPackageMetadata');
  return { sdpBase64: Buffer.from(sdp, 'utf8').toString('base64') };
}

/** `ResignPackage`: a new revision that names the cabinets as they are signed now. */
export async function resign(world: World, call: DocumentCall): Promise<ListedUpdate> {
  const { sdp, creationDate, facts } = readDocument(call);
  const known = requireOwn(world, call.packageId, 'ResignPackage');
  if (known.isExpired) throw invalid('ResignPackage', 'the package is expired');
  if (known.content === null) throw invalid('ResignPackage', 'the package has no content');
  const content = await signAgain(world, facts, known.content);
  const { packageId, origin, revision } = known;
  return put(world, facts, {
    packageId,
    sdp,
    creationDate,
    isExpired: false,
    content,
    origin,
    revision: revision + 1,
  });
}

/** `Decline`, and an approval that takes it back. */
export function setDeclined(world: World, packageId: string, isDeclined: boolean): ListedUpdate {
  const known = requireUpdate(world, packageId, isDeclined ? 'Decline' : 'Approve');
  const changed = { ...known, isDeclined };
  world.state.updates[packageId] = changed;
  const row = world.state.site[packageId];
  if (row !== undefined && !isDeclined) row.isDeclined = false;
  world.commit();
  return listed(world, changed);
}

/** `DeleteUpdate`: only what is declined or expired, and what no other update needs. */
export function deleteUpdate(world: World, packageId: string): { readonly packageId: string } {
  const known = requireUpdate(world, packageId, 'DeleteUpdate');
  if (!known.isDeclined && !known.isExpired) throw invalid('DeleteUpdate', 'the update is not declined');
  if (known.content !== null) rmSync(contentFile(world.contentFolder, known.content.sha1), { force: true });
  delete world.state.updates[packageId];
  delete world.state.site[packageId];
  world.commit();
  return { packageId };
}

function requireUpdate(world: World, packageId: string, step: string) {
  const known = world.state.updates[packageId];
  if (known !== undefined) return known;
  throw new PublishFault(step, 'WsusObjectNotFoundException', `no update ${packageId}`);
}
