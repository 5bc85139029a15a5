import { childElements, childOf, type XmlElement } from '../../../text/xml/index.js';
import type { ListedUpdate, ServedCatalogue } from './catalogue.js';
import { type ClientSession, type Cookies, cookieOf } from './cookies.js';
import { bestDrivers } from './drivers.js';
import { SoapFault } from './faults.js';
import { type Build, integersAt, isTrue, type SoapAnswer, textAt } from './soap.js';
import { newUpdateInfo, updateInfo } from './update-info.js';

const PAGE_UPDATES = 30;
/** Entries are counted, repeats too; more is InvalidParameters. */
const MAX_INSTALLED_NON_LEAF = 400;

interface Facts {
  readonly cookies: Cookies;
  readonly catalogue: ServedCatalogue;
  readonly now: Date;
  /** Keeps what the computer has been told up to. */
  told(session: ClientSession): void;
}

/**
 * [MS-WUSP] 3.1.5.7 SyncUpdates: what the client needs (deployed, its prerequisites installed) and does not have yet; what it
 * has and does not need any more; and what has changed about the rest since it was told last.
 */
export function syncUpdates(build: Build, request: XmlElement, facts: Facts): SoapAnswer {
  const { cookies, catalogue } = facts;
  const session = cookies.check(cookieOf(request), facts.now);
  const parameters = childOf(request, 'parameters');
  if (parameters === null) throw new SoapFault('Client', 'InvalidParameters', 'parameters');
  const pass = readPass(parameters);
  const needed = pass.isDriverPass ? neededDrivers(catalogue, pass) : neededSoftware(catalogue, pass);
  const { page, isTruncated, kept, outOfScope } = answerTo(catalogue, pass, needed);
  const isOld = catalogue.lastChangeAt <= session.toldUntil;
  const changed = isOld ? [] : kept.filter(({ changedAt }) => changedAt > session.toldUntil);
  const toldUntil = isOld ? session.toldUntil : catalogue.lastChangeAt;
  if (!isOld) facts.told({ ...session, toldUntil });
  const ids = (name: string, list: readonly number[]) =>
    list.length === 0 ? null : build(name, ...list.map((id) => build('int', String(id))));
  const root = build(
    'SyncUpdatesResponse',
    build(
      'SyncUpdatesResult',
      page.length === 0 ? null : build('NewUpdates'),
      ids('OutOfScopeRevisionIDs', outOfScope.gone),
      changed.length === 0 ? null : build('ChangedUpdates'),
      build('Truncated', String(isTruncated)),
      cookies.write('NewCookie', { ...session, toldUntil }, build),
      ids('DeployedOutOfScopeRevisionIds', outOfScope.deployed),
      build('DriverSyncNotNeeded', String(!isTruncated && (pass.isDriverPass || !catalogue.hasDrivers))),
    ),
  );
  return {
    root,
    written: {
      NewUpdates: page.map(needed.write),
      ChangedUpdates: changed.map((update) => updateInfo(update, catalogue, {})),
    },
  };
}

/** What the client asks for and with. */
interface Pass {
  readonly isDriverPass: boolean;
  readonly installedNonLeaf: ReadonlySet<number>;
  readonly cached: ReadonlySet<number>;
  /** Lower-case ids of categories; empty: all. */
  readonly filter: readonly string[];
  readonly wantsTwoGroups: boolean;
  readonly parameters: XmlElement;
}

function readPass(parameters: XmlElement): Pass {
  const list = (name: string) => integersAt(parameters, name, `parameters.${name}`);
  const isDriverPass = isTrue(textAt(parameters, 'SkipSoftwareSync'));
  const installed = list('InstalledNonLeafUpdateIDs');
  if (installed.length > MAX_INSTALLED_NON_LEAF) {
    throw new SoapFault('Client', 'InvalidParameters', 'parameters.InstalledNonLeafUpdateIDs');
  }
  if (!isDriverPass && childOf(parameters, 'SystemSpec') !== null) {
    throw new SoapFault('Client', 'InvalidParameters', 'parameters.SystemSpec');
  }
  const others = list('OtherCachedUpdateIDs');
  const drivers = list('CachedDriverIDs');
  return {
    isDriverPass,
    installedNonLeaf: new Set(installed),
    cached: new Set(isDriverPass ? drivers : [...installed, ...others]),
    filter: filterOf(parameters),
    wantsTwoGroups: isTrue(textAt(parameters, 'NeedTwoGroupOutOfScopeUpdates')),
    parameters,
  };
}

function filterOf(parameters: XmlElement): readonly string[] {
  const list = childOf(parameters, 'FilterCategoryIds');
  return (list === null ? [] : childElements(list))
    .map((identifier) => textAt(identifier, 'Id')?.trim().toLowerCase() ?? '')
    .filter((id) => id !== '');
}

/** The spec's NeededRevisions, and how one of them is told. */
interface Needed {
  has(update: ListedUpdate): boolean;
  write(update: ListedUpdate): string;
}

function neededSoftware(catalogue: ServedCatalogue, pass: Pass): Needed {
  const isOffered = offering(catalogue, pass);
  return {
    has: (update) => update.drivers === undefined && isOffered(update),
    write: (update) => newUpdateInfo(update, catalogue),
  };
}

/** A driver is needed where it is the best for a device of the computer. */
function neededDrivers(catalogue: ServedCatalogue, pass: Pass): Needed {
  const isOffered = offering(catalogue, pass);
  const drivers = catalogue.hasDrivers
    ? catalogue.updates.filter((update) => update.drivers !== undefined && isOffered(update))
    : [];
  const best = bestDrivers(drivers, pass.parameters);
  return {
    has: (update) => best.has(update),
    write: (update) =>
      updateInfo(update, catalogue, { xml: update.core, hardwareIds: best.get(update) ?? [] }),
  };
}

/** In the filter, and each clause of its prerequisites met by what the client has installed. */
function offering(catalogue: ServedCatalogue, { filter, installedNonLeaf }: Pass) {
  const wanted = filter.length === 0 ? null : closureOf(catalogue, filter);
  return ({ updateId, clauses }: ListedUpdate): boolean =>
    (wanted === null || wanted.has(updateId)) &&
    clauses.every((clause) => clause.some((id) => installedNonLeaf.has(id)));
}

/** The categories of a filtered scan, the updates in them, their members, and all that these need before them. */
function closureOf(catalogue: ServedCatalogue, filter: readonly string[]): ReadonlySet<string> {
  const filed = catalogue.updates.filter((update) =>
    update.prerequisites.flat().some((id) => filter.includes(id)),
  );
  const closure = new Set<string>();
  const open = [...filter, ...filed.map((update) => update.updateId)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (closure.has(id)) continue;
    closure.add(id);
    const update = catalogue.byUpdateId(id);
    open.push(...(update?.prerequisites.flat() ?? []), ...(update?.bundled ?? []));
  }
  return closure;
}

/**
 * A page of what is needed and not there, and of what is there: what is still needed, and what is out of scope. A scan of some
 * categories may ask to be told apart what is out of its scope alone, and what is not deployed at all any more.
 */
function answerTo(catalogue: ServedCatalogue, pass: Pass, needed: Needed) {
  const page: ListedUpdate[] = [];
  const kept: ListedUpdate[] = [];
  const gone = new Set(pass.cached);
  const deployed: number[] = [];
  const isApart = pass.wantsTwoGroups && pass.filter.length > 0;
  for (const update of catalogue.updates) {
    if (gone.has(update.revisionId)) {
      const isKept = needed.has(update);
      if (isKept) kept.push(update);
      else if (isApart) deployed.push(update.revisionId);
      if (isKept || isApart) gone.delete(update.revisionId);
    } else if (page.length <= PAGE_UPDATES && needed.has(update)) page.push(update);
  }
  const isTruncated = page.length > PAGE_UPDATES;
  return {
    page: page.slice(0, PAGE_UPDATES),
    isTruncated,
    kept,
    outOfScope: { gone: [...gone], deployed },
  };
}
