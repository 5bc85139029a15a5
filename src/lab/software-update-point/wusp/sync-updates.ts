import { childElements, childOf, type XmlElement } from '../../../text/xml/index.js';
import type { ServedCatalogue, ServedUpdate } from './catalogue.js';
import { type Cookies, cookieOf } from './cookies.js';
import { SoapFault } from './faults.js';
import { type Build, integersAt, isTrue, stringsAt, textAt } from './soap.js';

const PAGE_UPDATES = 30;
/** Entries are counted, repeats too; more is InvalidParameters. */
const MAX_INSTALLED_NON_LEAF = 400;

/** [MS-WUSP] 3.1.5.7 SyncUpdates: what the client does not have yet and whose prerequisites it has installed. */
export function syncUpdates(
  build: Build,
  request: XmlElement,
  facts: { cookies: Cookies; catalogue: ServedCatalogue; now: Date },
): XmlElement {
  const session = facts.cookies.check(cookieOf(request), facts.now);
  const parameters = childOf(request, 'parameters');
  if (parameters === null) throw new SoapFault('Client', 'InvalidParameters', 'parameters');
  const driverPass = isTrue(textAt(parameters, 'SkipSoftwareSync'));
  const cache = clientCache(parameters);
  const ready = driverPass
    ? readyDrivers(facts.catalogue, cache, parameters)
    : readyUpdates(facts.catalogue, cache, filterOf(parameters));
  const page = ready.slice(0, PAGE_UPDATES);
  const truncated = ready.length > page.length;
  const outOfScope = driverPass ? [] : cache.all.filter((id) => facts.catalogue.byRevisionId(id) === null);
  return build(
    'SyncUpdatesResponse',
    build(
      'SyncUpdatesResult',
      page.length === 0
        ? null
        : build('NewUpdates', ...page.map((update) => updateInfo(build, update, facts.catalogue))),
      outOfScope.length === 0
        ? null
        : build('OutOfScopeRevisionIDs', ...outOfScope.map((id) => build('int', String(id)))),
      build('Truncated', String(truncated)),
      facts.cookies.write('NewCookie', session, build),
      build('DriverSyncNotNeeded', String(!truncated && (driverPass || !facts.catalogue.hasDrivers))),
    ),
  );
}

interface ClientCache {
  readonly installedNonLeaf: ReadonlySet<number>;
  readonly all: readonly number[];
}

function clientCache(parameters: XmlElement): ClientCache {
  const name = 'InstalledNonLeafUpdateIDs';
  const installed = integersAt(parameters, name, `parameters.${name}`);
  if (installed.length > MAX_INSTALLED_NON_LEAF) {
    throw new SoapFault('Client', 'InvalidParameters', `parameters.${name}`);
  }
  const others = integersAt(parameters, 'OtherCachedUpdateIDs', 'parameters.OtherCachedUpdateIDs');
  return { installedNonLeaf: new Set(installed), all: [...new Set([...installed, ...others])] };
}

function readyUpdates(
  catalogue: ServedCatalogue,
  cache: ClientCache,
  filter: readonly string[],
): readonly ServedUpdate[] {
  const isReady = readiness(catalogue, cache);
  const wanted = filter.length === 0 ? null : closureOf(catalogue, filter);
  return catalogue.updates.filter(
    (update) =>
      update.hardwareIds === undefined && (wanted === null || wanted.has(update.updateId)) && isReady(update),
  );
}

/** The driver pass asks with the computer's devices; a driver is for one that names its hardware or compatible id. */
function readyDrivers(
  catalogue: ServedCatalogue,
  cache: ClientCache,
  parameters: XmlElement,
): readonly ServedUpdate[] {
  if (!catalogue.hasDrivers) return [];
  const isReady = readiness(catalogue, {
    ...cache,
    all: [...cache.all, ...integersAt(parameters, 'CachedDriverIDs', 'parameters.CachedDriverIDs')],
  });
  const system = childOf(parameters, 'SystemSpec');
  const devices = system === null ? [] : childElements(system, 'Device');
  const ids = new Set(
    devices
      .flatMap((device) => [...stringsAt(device, 'HardwareIDs'), ...stringsAt(device, 'CompatibleIDs')])
      .map((id) => id.toLowerCase()),
  );
  return catalogue.updates.filter(
    (update) => update.hardwareIds?.some((id) => ids.has(id)) === true && isReady(update),
  );
}

/** Not cached by the client yet, and each clause of its prerequisites met by what the client has installed. */
function readiness(catalogue: ServedCatalogue, cache: ClientCache): (update: ServedUpdate) => boolean {
  const cached = new Set(cache.all);
  const installed = new Set<string>();
  for (const id of cache.installedNonLeaf) {
    const update = catalogue.byRevisionId(id);
    if (update !== null) installed.add(update.updateId);
  }
  return ({ revisionId, prerequisites }) =>
    !cached.has(revisionId) && prerequisites.every((clause) => clause.some((id) => installed.has(id)));
}

function filterOf(parameters: XmlElement): readonly string[] {
  const list = childOf(parameters, 'FilterCategoryIds');
  return (list === null ? [] : childElements(list))
    .map((identifier) => textAt(identifier, 'Id')?.trim().toLowerCase() ?? '')
    .filter((id) => id !== '');
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

/** Every UpdateInfo needs its Deployment with exactly these seven members: agents fail with 0x80070057 without. */
function updateInfo(build: Build, update: ServedUpdate, catalogue: ServedCatalogue): XmlElement {
  return build(
    'UpdateInfo',
    build('ID', String(update.revisionId)),
    build(
      'Deployment',
      build('ID', String(update.deploymentId)),
      build('Action', update.action),
      build('IsAssigned', 'true'),
      build('LastChangeTime', update.changedAt.slice(0, 10)),
      build('AutoSelect', '0'),
      build('AutoDownload', '0'),
      build('SupersedenceBehavior', '0'),
    ),
    build('IsLeaf', String(catalogue.isLeaf(update.updateId))),
    build('Xml', update.core),
  );
}
