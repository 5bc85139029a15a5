import { sameDigest } from './content.js';
import { fragmentText } from './fragment-text.js';
import { callAsClient, type WuspSession } from './session.js';
import { elements, listAt, SERVICES, textAt, violation } from './soap.js';

export interface ExtendedAnswer {
  /** The Extended fragment of each revision. */
  readonly extended: ReadonlyMap<number, string>;
  readonly localized: ReadonlyMap<number, string>;
  /** Base64 SHA-1 to address. */
  readonly locations: ReadonlyMap<string, string>;
}

const ENGLISH = ['en-US', 'en'];

/**
 * GetExtendedUpdateInfo in batches of what the server accepts ([MS-WUSP] 3.1.5.9); texts in the first of the locales that
 * an update has. Errors of `callAsClient`.
 */
export async function extendedInfo(
  session: WuspSession,
  revisionIds: readonly number[],
  locales: readonly string[] = ENGLISH,
): Promise<ExtendedAnswer> {
  const extended = new Map<number, string>();
  const localized = new Map<number, Localized>();
  const locations = new Map<string, string>();
  const batchSize = session.handshake.maxExtendedUpdates;
  for (let at = 0; at < revisionIds.length; at += batchSize) {
    const result = await askBatch(session, revisionIds.slice(at, at + batchSize), locales);
    for (const { id, xml } of result.fragments) {
      if (!/^\s*<LocalizedProperties\b/.test(xml)) extended.set(id, extended.get(id) ?? xml);
      else takeBetter(localized, id, { xml, rank: rankOf(xml, locales) });
    }
    for (const [digest, url] of result.locations) locations.set(digest, url);
  }
  const texts = [...localized].map(([id, { xml }]) => [id, xml] as const);
  return { extended, localized: new Map(texts), locations };
}

interface Localized {
  readonly xml: string;
  /** Lower is better. */
  readonly rank: number;
}

/** A server may tell English, too, whatever was asked for. */
function takeBetter(known: Map<number, Localized>, id: number, found: Localized): void {
  const before = known.get(id);
  if (before === undefined || found.rank < before.rank) known.set(id, found);
}

function rankOf(xml: string, locales: readonly string[]): number {
  const language = /<Language>\s*([\w-]{1,20})\s*<\/Language>/.exec(xml)?.[1]?.toLowerCase();
  const rank = locales.findIndex((locale) => locale.toLowerCase() === language);
  return rank < 0 ? locales.length : rank;
}

/** `de-AT` also takes `de`, and English where there is neither. */
export function localesFor(locale: string): readonly string[] {
  return [...new Set([locale, locale.replace(/-.*$/, ''), ...ENGLISH])];
}

async function askBatch(session: WuspSession, ids: readonly number[], locales: readonly string[]) {
  const build = elements(SERVICES.client);
  const response = await callAsClient(session, SERVICES.client, 'GetExtendedUpdateInfo', () => [
    build('revisionIDs', ...ids.map((id) => build('int', String(id)))),
    build(
      'infoTypes',
      build('XmlUpdateFragmentType', 'Extended'),
      build('XmlUpdateFragmentType', 'LocalizedProperties'),
    ),
    build('locales', ...locales.map((locale) => build('string', locale))),
  ]);
  const result = 'GetExtendedUpdateInfoResult';
  return {
    fragments: listAt(response, result, 'Updates').map((update) => ({
      id: Number(textAt(update, 'ID')),
      xml: textOrViolation(fragmentText(update), session.base),
    })),
    locations: listAt(response, result, 'FileLocations').map(
      (location) =>
        [
          sameDigest(textOrViolation(textAt(location, 'FileDigest'), session.base)),
          textOrViolation(textAt(location, 'Url'), session.base).trim(),
        ] as const,
    ),
  };
}

function textOrViolation(text: string | null, where: string): string {
  if (text === null) throw violation(where, 'Xml, FileDigest and Url', 'an entry without');
  return text;
}
