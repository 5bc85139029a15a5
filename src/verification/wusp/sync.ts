import { PermanentError } from '../../core/errors.js';
import type { MachineHardware } from '../../core/machine.js';
import type { XmlElement } from '../../text/xml/index.js';
import { fragmentText } from './fragment-text.js';
import { driverPass, type Named, type Pass, softwarePass } from './passes.js';
import { callAsClient, renewCookie, type WuspSession } from './session.js';
import { elementAt, elements, isTrue, listAt, SERVICES, textAt, violation } from './soap.js';

/** The Windows agent gives up after 200 calls with 0x80244010. */
export const MAX_TRIPS = 200;
const MAX_CACHED_CHARACTERS = 256 << 20;

/** One UpdateInfo of [MS-WUSP] 2.2.2.2.9 as it came; `core` is the Core fragment. */
export interface OfferedUpdate {
  readonly revisionId: number;
  readonly action: string;
  readonly isLeaf: boolean;
  readonly core: string;
  /** It came in the driver pass. */
  readonly isDriver?: boolean;
}

/** What a client has been told, by revision; a later scan begins with it. */
export type UpdateCache = Map<number, OfferedUpdate>;

/** Which of the cached revisions are installed on this computer. */
export type InstalledIn = (cache: UpdateCache) => ReadonlySet<number>;

export interface SyncOutcome {
  readonly trips: number;
  /** True: the server has no drivers, and no driver pass is needed. */
  readonly hasNoDrivers: boolean;
  /** True: the server was another one in between, and what was told before the pass is forgotten. */
  readonly isReset: boolean;
}

/**
 * Asks until nothing new comes ([MS-WUSP] 3.1.5.7): after each answer it is judged anew what is installed, and of that
 * what is no leaf is named in the next request, so that the server hands out what depends on it. The cache is changed
 * in place. PermanentError `protocol.violation` after 200 calls, or where the server says that there is more and sends
 * nothing; errors of `callAsClient`.
 */
export async function syncUpdates(
  session: WuspSession,
  cache: UpdateCache,
  installedIn: InstalledIn,
): Promise<SyncOutcome> {
  return syncPass(session, cache, installedIn, softwarePass);
}

/** The driver pass, after the software: what the server has for the devices of the machine. Errors of `syncUpdates`. */
export async function syncDrivers(
  session: WuspSession,
  cache: UpdateCache,
  installedIn: InstalledIn,
  hardware: MachineHardware,
): Promise<SyncOutcome> {
  return syncPass(session, cache, installedIn, driverPass(hardware, session.machine.os));
}

async function syncPass(
  session: WuspSession,
  cache: UpdateCache,
  installedIn: InstalledIn,
  pass: Pass,
): Promise<SyncOutcome> {
  let isReset = false;
  session.onServerChanged = () => {
    cache.clear();
    isReset = true;
  };
  for (let trips = 1; trips <= MAX_TRIPS; trips += 1) {
    // A server that has changed makes the call again: then what is named must be read anew.
    let asked = '';
    const answer = await askOnce(session, () => {
      const named = namedIn(cache, installedIn);
      asked = JSON.stringify(named);
      return pass.parameters(named);
    });
    const isNew = takeIn(cache, answer, pass, session.base);
    const isSettled = !isNew && JSON.stringify(namedIn(cache, installedIn)) === asked;
    if (isSettled && answer.isTruncated) {
      throw violation(session.base, 'new updates where the answer is Truncated', 'none');
    }
    // Of drivers one answer is all, unless it says that there is more.
    if (isSettled || (pass.isDriver && !answer.isTruncated))
      return { trips, hasNoDrivers: answer.hasNoDrivers, isReset };
  }
  throw new PermanentError('protocol.violation', 'the scan does not come to an end', {
    where: session.base,
    expected: `at most ${MAX_TRIPS} SyncUpdates calls`,
    found: `${cache.size} updates and still more (0x80244010)`,
    nextStep: 'decline updates and categories that clients do not need',
  });
}

function namedIn(cache: UpdateCache, installedIn: InstalledIn): Named {
  const installed = installedIn(cache);
  const unlocks = (update: OfferedUpdate) => !update.isLeaf && installed.has(update.revisionId);
  const numbers = (of: (update: OfferedUpdate) => boolean) =>
    [...cache.values()].filter(of).map(({ revisionId }) => revisionId);
  return {
    installedNonLeaf: numbers((update) => update.isDriver !== true && unlocks(update)),
    others: numbers((update) => update.isDriver !== true && !unlocks(update)),
    drivers: numbers((update) => update.isDriver === true),
  };
}

interface SyncAnswer {
  readonly updates: readonly OfferedUpdate[];
  /** ChangedUpdates: deployment and leaf anew, without a fragment. */
  readonly changed: readonly Omit<OfferedUpdate, 'core'>[];
  readonly outOfScope: readonly number[];
  readonly isTruncated: boolean;
  readonly hasNoDrivers: boolean;
}

/** True: something came that was not there before. */
function takeIn(cache: UpdateCache, answer: SyncAnswer, { isDriver }: Pass, where: string): boolean {
  for (const id of answer.outOfScope) cache.delete(id);
  for (const change of answer.changed) {
    const update = cache.get(change.revisionId);
    if (update !== undefined) cache.set(change.revisionId, { ...update, ...change });
  }
  const fresh = answer.updates.filter(({ revisionId }) => !cache.has(revisionId));
  for (const update of fresh) cache.set(update.revisionId, isDriver ? { ...update, isDriver } : update);
  const characters = [...cache.values()].reduce((sum, { core }) => sum + core.length, 0);
  if (characters > MAX_CACHED_CHARACTERS) {
    throw violation(where, `at most ${MAX_CACHED_CHARACTERS} characters of metadata`, 'more');
  }
  return fresh.length > 0;
}

async function askOnce(
  session: WuspSession,
  parameters: () => readonly (XmlElement | null)[],
): Promise<SyncAnswer> {
  const build = elements(SERVICES.client);
  const response = await callAsClient(session, SERVICES.client, 'SyncUpdates', () => [
    build('parameters', ...parameters()),
  ]);
  return readAnswer(session, response);
}

function readAnswer(session: WuspSession, response: XmlElement): SyncAnswer {
  const at = 'SyncUpdatesResult';
  const list = (name: string) => listAt(response, at, name);
  renewCookie(session, elementAt(response, at, 'NewCookie'));
  return {
    updates: list('NewUpdates').map((info) => readInfo(info, session.base)),
    changed: list('ChangedUpdates').map((info) => readDeployment(info, session.base)),
    outOfScope: [...list('OutOfScopeRevisionIDs'), ...list('DeployedOutOfScopeRevisionIds')].map((id) =>
      Number(id.children.join('')),
    ),
    isTruncated: isTrue(textAt(response, at, 'Truncated')),
    hasNoDrivers: isTrue(textAt(response, at, 'DriverSyncNotNeeded')),
  };
}

function readInfo(info: XmlElement, where: string): OfferedUpdate {
  const core = fragmentText(info);
  if (core === null) throw violation(where, 'Xml in each UpdateInfo', 'an UpdateInfo without');
  return { ...readDeployment(info, where), core };
}

function readDeployment(info: XmlElement, where: string): Omit<OfferedUpdate, 'core'> {
  const id = textAt(info, 'ID')?.trim() ?? '';
  const action = textAt(info, 'Deployment', 'Action')?.trim() ?? '';
  if (!/^\d{1,10}$/.test(id) || action === '') {
    throw violation(where, 'ID and Deployment/Action in each UpdateInfo', 'an UpdateInfo without');
  }
  return { revisionId: Number(id), action, isLeaf: isTrue(textAt(info, 'IsLeaf')) };
}
