import { z } from 'zod';
import { PermanentError, printable } from '../../core/errors.js';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse, ReleaseAsset } from '../../core/release.js';
import { attributeOf, type XmlElement } from '../../text/xml/index.js';
import { compileXPath } from '../../text/xpath/index.js';
import { describeText, jsonOf, malformed, textOf, xmlOf } from '../answer.js';
import { chooseReleases } from '../choose.js';
import { releasesOf } from '../found.js';
import {
  currentVersion,
  decodeOptions,
  FeedUrl,
  refused,
  remarks,
  required,
  versionPattern,
} from '../options.js';
import { pickedFirst } from '../picked.js';
import { assetsOf } from '../stated-file.js';
import { offersInJson } from './json-answer.js';
import { guardedJson, type Offer } from './offer.js';
import { updateRequest } from './request.js';
import { offersInXml } from './xml-answer.js';

const Options = z.strictObject({
  ...remarks,
  ...currentVersion,
  ...versionPattern,
  type: z.literal('omaha'),
  url: FeedUrl.optional(),
  appId: z
    .string()
    .regex(/^[\w.{}-]{1,100}$/, 'must be the id of an application')
    .optional(),
  ap: z
    .string()
    .regex(/^[\w.=-]{1,200}$/, 'must be a word')
    .optional(),
  architecture: z.enum(['x86', 'x64', 'arm64']).default('x64'),
  /** Of an answer in XML: where the version stands, if not in the manifest. */
  path: z.string().min(1).transform(refused(compileXPath)).optional(),
});
type Options = z.infer<typeof Options>;

/** Update servers of the Omaha protocol, version 3: asked for one application, they offer its newest version. */
export const omaha: FeedReader = {
  type: 'omaha',
  request(feed) {
    const { url, appId, ap, architecture, currentVersion } = decodeOptions(Options, feed);
    return {
      url: required(url, 'url'),
      headers: { accept: 'application/xml, text/xml', 'content-type': 'application/xml; charset=utf-8' },
      body: updateRequest({ appId: required(appId, 'appId'), ap, architecture, currentVersion }),
    };
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const { offers, picked } = answerIn(response, options);
    const found = offers.flatMap((offer) =>
      offer.version === null ? [] : [{ version: offer.version.trim(), assets: filesOf(offer, response) }],
    );
    const all = pickedFirst(picked, found).filter(({ version }) => version !== '');
    if (all.length === 0 && !isWithoutUpdate(offers)) throw nothingOffered(response, offers);
    const releases = releasesOf(all, options);
    return chooseReleases(releases, options.order, scheme);
  },
};

interface Answer {
  readonly offers: readonly Offer[];
  readonly picked: readonly string[];
}

function answerIn(response: FeedResponse, { appId, path }: Options): Answer {
  const isOurs = (id: string | null) => appId === undefined || id?.toLowerCase() === appId.toLowerCase();
  const text = textOf(response);
  const json = guardedJson(text);
  const root = json === null ? xmlOf(response) : null;
  const offers =
    root === null ? offersInJson(jsonOf({ ...response, body: Buffer.from(json ?? '') })) : offersInXml(root);
  if (offers === null) throw malformed(response, 'an answer of the Omaha protocol', describeText(text));
  const picked = root === null ? [] : (path?.select(ourPart(root, isOurs)) ?? []);
  return { offers: offers.filter((offer) => isOurs(offer.appId)), picked: picked.map((one) => one.trim()) };
}

/** A path that finds every application must not find another's version. */
function ourPart(root: XmlElement, isOurs: (id: string | null) => boolean): XmlElement {
  const isOther = (child: XmlElement['children'][number]) =>
    typeof child !== 'string' && child.localName === 'app' && !isOurs(attributeOf(child, 'appid'));
  return { ...root, children: root.children.filter((child) => !isOther(child)) };
}

/** The first place is enough; the others are the same bytes. */
function filesOf({ codebases, packages }: Offer, { finalUrl }: FeedResponse): readonly ReleaseAsset[] {
  const [place] = codebases.toSorted((a, b) => Number(isHttps(b)) - Number(isHttps(a)));
  if (place === undefined || !URL.canParse(place, finalUrl)) return [];
  const folder = new URL(place.endsWith('/') ? place : `${place}/`, finalUrl).href;
  return packages.flatMap(({ name, ...stated }) =>
    assetsOf({ url: name.split('/').map(encodeURIComponent).join('/'), name, ...stated }, folder),
  );
}

function isHttps(place: string): boolean {
  return /^https:/i.test(place);
}

/** The protocol's own word for an answer without a version; any other is a fault. */
function isWithoutUpdate(offers: readonly Offer[]): boolean {
  return offers.length > 0 && offers.every(({ status }) => status === 'noupdate');
}

/** The server does not know this application, or not for this system. */
function nothingOffered(response: FeedResponse, offers: readonly Offer[]): PermanentError {
  const said = offers.map(({ appId, status }) => `${appId}: ${status}`).join(', ');
  return new PermanentError('feed.no-release', 'the update server offers no version', {
    where: printable(response.finalUrl, 300),
    expected: 'status ok with a manifest',
    found: printable(said || 'no such application', 300),
    nextStep: 'correct appId, ap or architecture in the definition',
  });
}
