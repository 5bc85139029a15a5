import { PermanentError } from '../../core/errors.js';
import type { ListedUpdate } from './bridge.js';
import type { Delivery } from './delivery.js';

/** What is to be done at the server so that it has this revision. */
export type DeliveryStep =
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: PublishKind | 'revise' | 'expire'; readonly reason: string };
type PublishKind = 'publish' | 'publish-signed' | 'publish-metadata';

/**
 * Compares what is wanted with what the server has; it was asked first, so that work that was done before a crash is
 * seen and not done again. Pure. PermanentError `target.refused` where the two can never meet.
 */
export function planDelivery(wanted: Delivery, found: ListedUpdate | null): DeliveryStep {
  if (found === null) return planNew(wanted);
  if (!found.isLocallyPublished) {
    throw refused(
      wanted,
      'a locally published update',
      'one of another publisher',
      'look at the update in WSUS',
    );
  }
  if (wanted.isExpired) {
    if (found.isExpired) return { kind: 'none', reason: 'it is expired there already' };
    return { kind: 'expire', reason: 'it is to expire' };
  }
  if (found.isExpired) {
    const nextStep =
      'an expired update is never published again: roll back, or build it anew under a new PackageID';
    throw refused(wanted, 'an update that is not expired', 'one that was expired at the server', nextStep);
  }
  if (found.isDeclined) throw declined(wanted);
  if (wanted.content.mode !== 'metadata') {
    if (found.isMetadataOnly)
      return { kind: PUBLISH[wanted.content.mode], reason: 'the server has its metadata alone' };
    if (!found.hasContent) throw contentGone(wanted);
  }
  const isThere = Date.parse(found.creationDate) >= Date.parse(wanted.revision.creationDate);
  if (isThere)
    return { kind: 'none', reason: `the server has it already, as its revision ${found.revision}` };
  return { kind: 'revise', reason: `the server has older metadata, as its revision ${found.revision}` };
}

function planNew(wanted: Delivery): DeliveryStep {
  if (wanted.isExpired) return { kind: 'none', reason: 'the server never had it' };
  return { kind: PUBLISH[wanted.content.mode], reason: 'the server does not have it' };
}

const PUBLISH: Readonly<Record<Delivery['content']['mode'], PublishKind>> = {
  payload: 'publish',
  'signed-cab': 'publish-signed',
  metadata: 'publish-metadata',
};

/** Read back after every step: an answer to a call proves nothing. */
export function requireDelivered(wanted: Delivery, found: ListedUpdate | null): void {
  if (found === null) {
    throw refused(wanted, 'the update, after it was published', 'none', "look at the server's event log");
  }
  if (wanted.isExpired) {
    if (!found.isExpired) throw refused(wanted, 'an expired update', 'one that is not', 'expire it in WSUS');
    return;
  }
  if (wanted.content.mode !== 'metadata' && !found.hasContent) throw contentGone(wanted);
  if (Date.parse(found.creationDate) >= Date.parse(wanted.revision.creationDate)) return;
  throw refused(
    wanted,
    `metadata of ${wanted.revision.creationDate}`,
    `metadata of ${found.creationDate}`,
    "look at the server's event log; an older revision still stands",
  );
}

/** A person or a clean-up said no there: it is not for us to overrule. */
function declined(wanted: Delivery): PermanentError {
  return refused(
    wanted,
    'an update that is offered',
    'one that was declined at the server',
    'find out who declined it and why; to offer it again: patchpress server undecline',
  );
}

/** wsus-publishing 6.3: seen where several front ends share one database and one of them lacks the certificate. */
function contentGone(wanted: Delivery): PermanentError {
  return refused(
    wanted,
    'its content in WsusContent',
    'metadata without it',
    'with a shared SUSDB every front end needs the same content folder and the signing certificate in Trusted Root and Trusted Publishers; then publish it under a new PackageID',
  );
}

function refused(
  { revision: { packageId, revision } }: Delivery,
  expected: string,
  found: string,
  nextStep: string,
): PermanentError {
  return new PermanentError('target.refused', 'the Software Update Point does not have what it should', {
    where: `${packageId} revision ${revision}`,
    expected,
    found,
    nextStep,
  });
}
