import { childElements, childOf, type XmlElement } from '../../../text/xml/index.js';
import type { LanguageFragment } from '../../../sus/fragments/index.js';
import { contentPath, type ServedCatalogue, type ServedUpdate } from './catalogue.js';
import { type Cookies, cookieOf } from './cookies.js';
import { SoapFault } from './faults.js';
import { type Build, integersAt, stringsAt, textAt } from './soap.js';

const MAX_EXTENDED_UPDATES = 50;

interface Facts {
  readonly cookies: Cookies;
  readonly catalogue: ServedCatalogue;
  readonly now: Date;
  /** What content addresses start with: `https://host:port`. */
  readonly contentBase: string;
}

/** [MS-WUSP] 3.1.5.9 GetExtendedUpdateInfo: all Extended fragments first, then all LocalizedProperties. */
export function getExtendedUpdateInfo(build: Build, request: XmlElement, facts: Facts): XmlElement {
  facts.cookies.check(cookieOf(request), facts.now);
  const ids = integersAt(request, 'revisionIDs', 'revisionIDs');
  if (ids.length > MAX_EXTENDED_UPDATES) throw new SoapFault('Client', 'InvalidParameters', 'revisionIDs');
  requireTypes(request);
  const found = ids.map((id) => facts.catalogue.byRevisionId(id)).filter((update) => update !== null);
  const fragments = fragmentsOf(build, found, stringsAt(request, 'infoTypes'), stringsAt(request, 'locales'));
  const locations = locationsOf(build, found, facts.contentBase);
  const unknown = ids.filter((id) => facts.catalogue.byRevisionId(id) === null);
  return build(
    'GetExtendedUpdateInfoResponse',
    build(
      'GetExtendedUpdateInfoResult',
      fragments.length === 0 ? null : build('Updates', ...fragments),
      locations.length === 0 ? null : build('FileLocations', ...locations),
      unknown.length === 0
        ? null
        : build('OutOfScopeRevisionIDs', ...unknown.map((id) => build('int', String(id)))),
    ),
  );
}

/** What is told in languages needs to be told which. */
function requireTypes(request: XmlElement): void {
  const types = stringsAt(request, 'infoTypes');
  if (types.length === 0) throw new SoapFault('Client', 'InvalidParameters', 'infoTypes');
  const isLocalized = types.includes('LocalizedProperties') || types.includes('Eula');
  if (isLocalized && childOf(request, 'locales') === null) {
    throw new SoapFault('Client', 'InvalidParameters', 'locales');
  }
}

/**
 * [MS-WUSP] 2.2.2.2.10 GetExtendedUpdateInfo2: by identity instead of revision. There is nothing to decrypt in what this server
 * has, so addresses and fragments are the whole answer.
 */
export function getExtendedUpdateInfo2(build: Build, request: XmlElement, facts: Facts): XmlElement {
  facts.cookies.check(cookieOf(request), facts.now);
  const list = childOf(request, 'updateIDs');
  const identities = list === null ? [] : childElements(list);
  if (identities.length > MAX_EXTENDED_UPDATES)
    throw new SoapFault('Client', 'InvalidParameters', 'updateIDs');
  const found = identities.flatMap((identity) => {
    const update = facts.catalogue.byUpdateId(textAt(identity, 'UpdateID')?.trim() ?? '');
    const isWanted = Number(textAt(identity, 'RevisionNumber')) === update?.revision;
    return update !== null && isWanted ? [update] : [];
  });
  const types = stringsAt(request, 'infoTypes');
  const fragments = fragmentsOf(build, found, types, stringsAt(request, 'locales'));
  const locations = types.includes('FileUrl')
    ? locationsOf(build, found, facts.contentBase, null, 'SHA1')
    : [];
  return build(
    'GetExtendedUpdateInfo2Response',
    build(
      'GetExtendedUpdateInfo2Result',
      fragments.length === 0 ? null : build('Updates', ...fragments),
      locations.length === 0 ? null : build('FileLocations', ...locations),
    ),
  );
}

/** [MS-WUSP] 3.1.5.10 GetFileLocations. */
export function getFileLocations(build: Build, request: XmlElement, facts: Facts): XmlElement {
  const session = facts.cookies.check(cookieOf(request), facts.now);
  const digests = stringsAt(request, 'fileDigests');
  const holders = facts.catalogue.updates.filter((update) =>
    update.files.some((file) => digests.includes(file.digest)),
  );
  const found = locationsOf(build, holders, facts.contentBase, digests);
  if (found.length === 0) throw new SoapFault('Client', 'InvalidParameters', 'fileDigests');
  return build(
    'GetFileLocationsResponse',
    build(
      'GetFileLocationsResult',
      build('FileLocations', ...found),
      facts.cookies.write('NewCookie', session, build),
    ),
  );
}

function fragmentsOf(
  build: Build,
  updates: readonly ServedUpdate[],
  types: readonly string[],
  locales: readonly string[],
): readonly XmlElement[] {
  return [
    ...(types.includes('Core') ? updates.map((update) => data(build, update, update.core)) : []),
    ...(types.includes('Extended') ? updates.map((update) => data(build, update, update.extended)) : []),
    ...(types.includes('LocalizedProperties')
      ? inLanguage(build, updates, ({ localized }) => localized, locales)
      : []),
    ...(types.includes('Eula') ? inLanguage(build, updates, ({ eulas = [] }) => eulas, locales) : []),
  ];
}

function data(build: Build, update: ServedUpdate, xml: string): XmlElement {
  return build('Update', build('ID', String(update.revisionId)), build('Xml', xml));
}

function inLanguage(
  build: Build,
  updates: readonly ServedUpdate[],
  of: (update: ServedUpdate) => readonly LanguageFragment[],
  locales: readonly string[],
): readonly XmlElement[] {
  return updates.flatMap((update) => {
    const xml = fragmentFor(of(update), locales);
    return xml === null ? [] : [data(build, update, xml)];
  });
}

/** The first wanted locale there is; `en-US` falls back to `en`, at last the update's first language. */
function fragmentFor(fragments: readonly LanguageFragment[], locales: readonly string[]): string | null {
  for (const locale of locales) {
    for (const language of [locale, locale.split('-')[0] ?? locale]) {
      const match = fragments.find((entry) => entry.language.toLowerCase() === language.toLowerCase());
      if (match !== undefined) return match.xml;
    }
  }
  return fragments[0]?.xml ?? null;
}

/** Each digest once. */
function locationsOf(
  build: Build,
  updates: readonly ServedUpdate[],
  contentBase: string,
  wanted: readonly string[] | null = null,
  algorithm: string | null = null,
): readonly XmlElement[] {
  const files = new Map(
    updates.flatMap((update) => update.files.map((file) => [file.digest, file] as const)),
  );
  return [...files.values()]
    .filter((file) => wanted === null || wanted.includes(file.digest))
    .map((file) =>
      build(
        'FileLocation',
        build('FileDigest', file.digest),
        build('Url', `${contentBase}${contentPath(file.digest, file.extension)}`),
        algorithm === null ? null : build('FileDigestAlgorithm', algorithm),
      ),
    );
}
