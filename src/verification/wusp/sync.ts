import { PermanentError } from '../../core/errors.js';
import type { XmlElement } from '../../text/xml/index.js';
import { cookieElement, readCookie, type WuspSession } from './session.js';
import { callService, elementAt, elements, listAt, SERVICES, textAt, violation } from './soap.js';

/** The Windows agent gives up after 200 calls with 0x80244010. */
const MAX_TRIPS = 200;

/** One UpdateInfo of [MS-WUSP] 2.2.2.2.9 as it came. */
export interface OfferedUpdate {
  readonly revisionId: number;
  readonly action: string;
  readonly isLeaf: boolean;
  readonly core: string;
}

/** What a client concludes of an offered update: only installed non-leaf ones unlock others. */
export type Verdict = 'installed' | 'other';

/**
 * Asks until nothing new comes ([MS-WUSP] 3.1.5.7): each batch is judged at once, and what is installed and is not a
 * leaf is named in the next request, so that the server hands out what depends on it. Returns the number of calls.
 * PermanentError `protocol.violation` after 200 calls; WuspFault and errors of `callService`.
 */
export async function syncUpdates(
  session: WuspSession,
  judge: (update: OfferedUpdate) => Verdict,
): Promise<{ readonly trips: number }> {
  const installedNonLeaf: number[] = [];
  const others: number[] = [];
  const known = new Set<number>();
  for (let trips = 1; trips <= MAX_TRIPS; trips += 1) {
    const answer = await askOnce(session, installedNonLeaf, others);
    const fresh = answer.updates.filter((update) => !known.has(update.revisionId));
    for (const update of fresh) {
      known.add(update.revisionId);
      const isUnlocking = judge(update) === 'installed' && !update.isLeaf;
      (isUnlocking ? installedNonLeaf : others).push(update.revisionId);
    }
    if (fresh.length === 0) return { trips };
  }
  throw new PermanentError('protocol.violation', 'the scan does not come to an end', {
    where: session.base,
    expected: `at most ${MAX_TRIPS} SyncUpdates calls`,
    found: `${known.size} updates and still more (0x80244010)`,
    nextStep: 'decline updates and categories that clients do not need',
  });
}

async function askOnce(
  session: WuspSession,
  installedNonLeaf: readonly number[],
  others: readonly number[],
): Promise<{ readonly updates: readonly OfferedUpdate[] }> {
  const build = elements(SERVICES.client);
  const ids = (name: string, list: readonly number[]) =>
    list.length === 0 ? null : build(name, ...list.map((id) => build('int', String(id))));
  const response = await callService(session.transport, session.base, SERVICES.client, 'SyncUpdates', [
    cookieElement(session, SERVICES.client),
    build(
      'parameters',
      build('ExpressQuery', 'false'),
      ids('InstalledNonLeafUpdateIDs', installedNonLeaf),
      ids('OtherCachedUpdateIDs', others),
      build('SkipSoftwareSync', 'false'),
      build('NeedTwoGroupOutOfScopeUpdates', 'true'),
    ),
  ]);
  const newCookie = elementAt(response, 'SyncUpdatesResult', 'NewCookie');
  if (newCookie !== null) session.cookie = readCookie(newCookie, session.base);
  return {
    updates: listAt(response, 'SyncUpdatesResult', 'NewUpdates').map((info) => readInfo(info, session.base)),
  };
}

function readInfo(info: XmlElement, where: string): OfferedUpdate {
  const revisionId = Number(textAt(info, 'ID'));
  const action = textAt(info, 'Deployment', 'Action');
  const core = textAt(info, 'Xml');
  if (!Number.isSafeInteger(revisionId) || action === null || core === null) {
    throw violation(where, 'ID, Deployment and Xml in each UpdateInfo', 'an UpdateInfo without');
  }
  return { revisionId, action, isLeaf: textAt(info, 'IsLeaf') === 'true', core };
}
