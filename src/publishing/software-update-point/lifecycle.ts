import { PermanentError } from '../../core/errors.js';
import type { Bridge, ListedUpdate } from './bridge.js';

/** What an administrator does to an update at the server itself, beside publishing. */
export const LIFECYCLE_ACTS = ['decline', 'undecline', 'delete', 'resign'] as const;
export type LifecycleAct = (typeof LIFECYCLE_ACTS)[number];

export interface LifecyclePlan {
  readonly act: LifecycleAct;
  readonly packageId: string;
  /** Null: there is nothing to do. */
  readonly does: string | null;
  /** Why there is nothing to do, or why it may be done. */
  readonly reason: string;
  readonly clients: string;
  /** Which revision the server had; null: none. */
  readonly revisionBefore: number | null;
}

/** What our own ledger knows of it. */
export interface OwnUpdate {
  /** Our update of the direct route; false: another publisher's, or one of our catalog. */
  readonly isOurs: boolean;
}

const NOT_OFFERED = 'no client is offered it; where it is installed it stays';

/**
 * What would happen, from what the server has now. Pure. PermanentError `target.refused` where it must not be done: of
 * another publisher's update nothing, of one that clients are offered no deletion.
 */
export function planLifecycle(
  act: LifecycleAct,
  packageId: string,
  found: ListedUpdate | null,
  own: OwnUpdate,
): LifecyclePlan {
  const plan = (does: string | null, reason: string, clients: string): LifecyclePlan => ({
    act,
    packageId,
    does,
    reason,
    clients,
    revisionBefore: found?.revision ?? null,
  });
  if (found === null) {
    if (act === 'delete') return plan(null, 'the server does not have it', NOT_OFFERED);
    throw refused(packageId, 'the update at the server', 'none', 'list them: patchpress server list');
  }
  if (!found.isLocallyPublished || !own.isOurs) {
    const nextStep = 'one publisher owns an update from end to end: do it where it was published from';
    throw refused(packageId, 'an update that we published directly', "another publisher's", nextStep);
  }
  switch (act) {
    case 'decline':
      return found.isDeclined
        ? plan(null, 'it is declined already', NOT_OFFERED)
        : plan('declines it at the server; it can be taken back', 'it is offered now', NOT_OFFERED);
    case 'undecline':
      if (found.isExpired)
        throw refused(packageId, 'a declined update', 'an expired one', 'publish a newer version');
      return found.isDeclined
        ? plan('takes the decline back', 'it is declined', 'clients that need it are offered it again')
        : plan(null, 'it is not declined', 'nothing changes for clients');
    case 'delete':
      return planDelete(packageId, found, plan);
    case 'resign':
      if (found.isExpired || !found.hasContent)
        throw refused(
          packageId,
          'an update with content',
          found.isExpired ? 'an expired one' : 'metadata alone',
          'publish it anew',
        );
      return plan(
        "signs its cabinets again with the server's certificate of now, as a new revision",
        `revision ${found.revision} stands`,
        'clients that need it download the new cabinet once the site has synchronised and distributed it',
      );
  }
}

function planDelete(
  packageId: string,
  { isDeclined, isExpired }: ListedUpdate,
  plan: (does: string | null, reason: string, clients: string) => LifecyclePlan,
): LifecyclePlan {
  if (!isDeclined && !isExpired) {
    throw refused(
      packageId,
      'a declined or expired update',
      'one that clients are offered',
      `decline it first: patchpress server decline ${packageId}; delete it when every client has scanned since`,
    );
  }
  const reason = isExpired ? 'it is expired' : 'it is declined';
  return plan(
    'deletes it and its content from the server; its PackageID is never used again',
    reason,
    NOT_OFFERED,
  );
}

/** Asks, does and reads back; an answer to a call proves nothing. */
export async function carryOut(
  bridge: Bridge,
  plan: LifecyclePlan,
  sdp: Buffer | null,
  signal: AbortSignal,
): Promise<ListedUpdate | null> {
  const { act, packageId } = plan;
  if (act === 'resign') {
    if (sdp === null) throw refused(packageId, 'its update document', 'none', 'report it');
    await bridge.call({ verb: 'resign', packageId, sdpBase64: sdp.toString('base64') }, signal);
  } else await bridge.call({ verb: act, packageId }, signal);
  const after = await findAtServer(bridge, packageId, signal);
  if (isDone(plan, after)) return after;
  throw refused(
    packageId,
    `${act} to show at the server`,
    JSON.stringify(after),
    "look at the server's event log",
  );
}

/** What the server shows once it was done. */
export function isDone(
  { act, revisionBefore }: Pick<LifecyclePlan, 'act' | 'revisionBefore'>,
  found: ListedUpdate | null,
): boolean {
  switch (act) {
    case 'decline':
      return found?.isDeclined === true;
    case 'undecline':
      return found?.isDeclined === false;
    case 'delete':
      return found === null;
    case 'resign':
      return found?.hasContent === true && found.revision > (revisionBefore ?? 0);
  }
}

export async function findAtServer(
  bridge: Bridge,
  packageId: string,
  signal: AbortSignal,
): Promise<ListedUpdate | null> {
  const { updates } = await bridge.call({ verb: 'list', packageIds: [packageId] }, signal);
  return updates.find((one) => one.packageId === packageId) ?? null;
}

function refused(where: string, expected: string, found: string, nextStep: string): PermanentError {
  return new PermanentError('target.refused', 'this is not done at the Software Update Point', {
    where,
    expected,
    found,
    nextStep,
  });
}
