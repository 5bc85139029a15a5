import { cookieElement, type WuspSession } from './session.js';
import { callService, elements, listAt, SERVICES, textAt, violation } from './soap.js';

export interface ExtendedAnswer {
  /** The Extended fragment of each revision. */
  readonly extended: ReadonlyMap<number, string>;
  readonly localized: ReadonlyMap<number, string>;
  /** Base64 SHA-1 to address. */
  readonly locations: ReadonlyMap<string, string>;
}

/** GetExtendedUpdateInfo in batches of what the server accepts ([MS-WUSP] 3.1.5.9). */
export async function extendedInfo(
  session: WuspSession,
  revisionIds: readonly number[],
): Promise<ExtendedAnswer> {
  const extended = new Map<number, string>();
  const localized = new Map<number, string>();
  const locations = new Map<string, string>();
  for (let at = 0; at < revisionIds.length; at += session.maxExtendedUpdates) {
    const batch = revisionIds.slice(at, at + session.maxExtendedUpdates);
    const result = await askBatch(session, batch);
    for (const { id, xml } of result.fragments) {
      (xml.startsWith('<LocalizedProperties') ? localized : extended).set(id, xml);
    }
    for (const [digest, url] of result.locations) locations.set(digest, url);
  }
  return { extended, localized, locations };
}

async function askBatch(session: WuspSession, ids: readonly number[]) {
  const build = elements(SERVICES.client);
  const response = await callService(
    session.transport,
    session.base,
    SERVICES.client,
    'GetExtendedUpdateInfo',
    [
      cookieElement(session, SERVICES.client),
      build('revisionIDs', ...ids.map((id) => build('int', String(id)))),
      build(
        'infoTypes',
        build('XmlUpdateFragmentType', 'Extended'),
        build('XmlUpdateFragmentType', 'LocalizedProperties'),
      ),
      build('locales', build('string', 'en-US'), build('string', 'en')),
    ],
  );
  const result = 'GetExtendedUpdateInfoResult';
  return {
    fragments: listAt(response, result, 'Updates').map((update) => ({
      id: Number(textAt(update, 'ID')),
      xml: textOrViolation(textAt(update, 'Xml'), session.base),
    })),
    locations: listAt(response, result, 'FileLocations').map(
      (location) =>
        [
          textOrViolation(textAt(location, 'FileDigest'), session.base),
          textOrViolation(textAt(location, 'Url'), session.base),
        ] as const,
    ),
  };
}

function textOrViolation(text: string | null, where: string): string {
  if (text === null) throw violation(where, 'Xml, FileDigest and Url', 'an entry without');
  return text;
}
