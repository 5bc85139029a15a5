import { existsSync } from 'node:fs';
import { describeFault } from '../../../core/errors.js';
import { readSdp, writeSdp } from '../../../sus/sdp/index.js';
import { fileUnderCategories } from '../categories.js';
import { contentFile } from '../content/publish.js';
import { type PackageFacts, readPackageFacts } from '../package-facts.js';
import { nextRevision, type StoredContent, type StoredUpdate } from '../state.js';
import type { World } from '../world.js';
import type { DocumentCall, PublishCall, PublishSignedCall } from './calls.js';
import { packPayload, takeSignedCabinet } from './content.js';
import { PublishFault } from './fault.js';

/** One update as the server tells it. */
export interface ListedUpdate {
  readonly packageId: string;
  readonly revision: number;
  readonly creationDate: string;
  readonly isLocallyPublished: boolean;
  readonly isExpired: boolean;
  readonly isDeclined: boolean;
  readonly hasContent: boolean;
  readonly isMetadataOnly: boolean;
}

export function listUpdates(world: World, packageIds: readonly string[]): readonly ListedUpdate[] {
  return packageIds.flatMap((packageId) => {
    const update = world.state.updates[packageId];
    return update === undefined ? [] : [listed(world, update)];
  });
}

export function publish(world: World, call: PublishCall): Promise<ListedUpdate> {
  return publishNew(world, call, 'PublishPackage', (facts) => packPayload(world, facts, call.files));
}

export function publishSigned(world: World, call: PublishSignedCall): Promise<ListedUpdate> {
  const take = (facts: PackageFacts) => takeSignedCabinet(world, facts, call.cabinet);
  return publishNew(world, call, 'PublishSignedPackage', take);
}

/** `MetadataOnly`: the update reports compliance and cannot be installed. */
export function publishMetadata(world: World, call: DocumentCall): Promise<ListedUpdate> {
  return publishNew(world, call, 'PublishPackage', async () => null);
}

/** Content over metadata alone is a new revision (wsus-publishing 2.5); over anything else nothing is published. */
async function publishNew(
  world: World,
  call: DocumentCall,
  step: string,
  makeContent: (facts: PackageFacts) => Promise<StoredContent | null>,
): Promise<ListedUpdate> {
  const { sdp, creationDate, facts } = readDocument(call);
  const known = world.state.updates[call.packageId];
  if (known !== undefined && !isPromotion(known, creationDate)) {
    throw invalid(step, `the package ${call.packageId} already exists; revise it instead`);
  }
  if (facts.isExpired) throw invalid(step, 'an expired package cannot be published');
  const content = await makeContent(facts);
  if (known !== undefined && content === null) {
    throw invalid(step, `the package ${call.packageId} already exists; revise it instead`);
  }
  const { packageId } = call;
  return put(world, facts, {
    packageId,
    sdp,
    creationDate,
    isExpired: false,
    content,
    origin: 'direct',
    revision: (known?.revision ?? 0) + 1,
  });
}

function isPromotion(known: StoredUpdate, creationDate: string): boolean {
  const isOwn = known.origin === 'direct' && !known.isExpired && known.content === null;
  return isOwn && Date.parse(creationDate) >= Date.parse(known.creationDate);
}

/** `RevisePackage`: metadata only, no file work; never other bits under the same id. */
export function revise(world: World, call: DocumentCall): ListedUpdate {
  const { sdp, creationDate, facts } = readDocument(call);
  const known = requireOwn(world, call.packageId, 'RevisePackage');
  if (known.isExpired) throw invalid('RevisePackage', 'the package is expired');
  if (Date.parse(creationDate) <= Date.parse(known.creationDate)) {
    throw invalid('RevisePackage', `CreationDate ${creationDate} is not later than ${known.creationDate}`);
  }
  if (known.content !== null && known.content.origin.sha1 !== facts.originFile?.digest) {
    throw invalid('RevisePackage', 'the revision has other content');
  }
  const { packageId, content, origin, revision } = known;
  return put(world, facts, {
    packageId,
    sdp,
    creationDate,
    isExpired: facts.isExpired,
    content,
    origin,
    revision: revision + 1,
  });
}

/** `ExpirePackage`: revises the stored document so that it is expired, which cannot be taken back. */
export function expire(world: World, packageId: string): ListedUpdate {
  const known = requireOwn(world, packageId, 'ExpirePackage');
  if (known.isExpired) throw invalid('ExpirePackage', 'the package is expired already');
  const document = readSdp(known.sdp, packageId);
  const later = Math.max(world.options.now().getTime(), Date.parse(known.creationDate) + 1000);
  const creationDate = new Date(later).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const properties = { ...document.properties, creationDate, publicationState: 'Expired' } as const;
  const sdp = writeSdp({ ...document, properties }, { route: 'direct' });
  const { content, origin, revision } = known;
  return put(world, readPackageFacts(sdp), {
    packageId,
    sdp,
    creationDate,
    isExpired: true,
    content,
    origin,
    revision: revision + 1,
  });
}

export function put(
  world: World,
  facts: PackageFacts,
  update: Omit<StoredUpdate, 'revisionId' | 'deploymentId' | 'changedAt' | 'isDeclined'>,
): ListedUpdate {
  const now = world.options.now();
  fileUnderCategories(world.state, facts, now);
  const isDeclined = world.state.updates[update.packageId]?.isDeclined ?? false;
  const stored = { ...update, isDeclined, ...nextRevision(world.state), changedAt: now.toISOString() };
  world.state.updates[update.packageId] = stored;
  delete world.state.faults[update.packageId];
  world.commit();
  return listed(world, stored);
}

/** `GetPublisher` reads and checks the document. */
export function readDocument(call: DocumentCall) {
  const sdp = Buffer.from(call.sdpBase64, 'base64').toString('utf8');
  try {
    const { properties } = readSdp(sdp, call.packageId);
    const facts = readPackageFacts(sdp);
    if (properties.packageId === call.packageId) return { sdp, creationDate: properties.creationDate, facts };
  } catch (error) {
    throw new PublishFault('GetPublisher', 'XmlSchemaValidationException', describeFault(error));
  }
  throw new PublishFault('GetPublisher', 'InvalidDataException', 'the document is of another PackageID');
}

/** What the site's agent imported from a catalog has an owner already (configmgr-catalog 2). */
export function requireOwn(world: World, packageId: string, step: string): StoredUpdate {
  const known = world.state.updates[packageId];
  if (known === undefined)
    throw new PublishFault(step, 'WsusObjectNotFoundException', `no update ${packageId}`);
  if (known.origin === 'direct') return known;
  throw invalid(step, `${packageId} was imported from a catalog: one publisher owns an update end to end`);
}

export function listed(world: World, update: StoredUpdate): ListedUpdate {
  const { packageId, revision, creationDate, isExpired, isDeclined, content } = update;
  const hasContent = content !== null && existsSync(contentFile(world.contentFolder, content.sha1));
  const isMetadataOnly = content === null;
  return {
    packageId,
    revision,
    creationDate,
    isLocallyPublished: true,
    isExpired,
    isDeclined,
    hasContent,
    isMetadataOnly,
  };
}

export function invalid(step: string, message: string): PublishFault {
  return new PublishFault(step, 'InvalidOperationException', message);
}
