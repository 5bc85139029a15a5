import { addressOf } from '../../core/address-template.js';
import { PermanentError } from '../../core/errors.js';
import type { FeedDefinition, InstallerDefinition } from '../../core/product.js';
import { compilePattern } from '../../text/pattern.js';
import type { InstallerFacts } from './facts.js';
import { placesOfVersion } from './version-in-text.js';

export type AddressDraft = Pick<InstallerDefinition, 'assetPattern' | 'urlTemplate'>;

/** Feeds that name the files of a release, so that a pattern on the name finds one. */
const LISTS_FILES = new Set(['github-releases', 'gitea-releases', 'gitlab-releases']);

/** The file of a release by its name where the feed names files, and by its address where one is known. */
export function draftAddress(facts: InstallerFacts, feed: FeedDefinition | undefined): AddressDraft {
  const assetPattern = feed !== undefined && isOfFeed(facts, feed) ? patternOf(facts) : undefined;
  const urlTemplate = templateOf(facts) ?? addressOfFeed(facts, feed);
  return {
    ...(assetPattern === undefined ? {} : { assetPattern }),
    ...(urlTemplate === undefined ? {} : { urlTemplate }),
  };
}

/** A fixed address from which the file was seen to come, whatever was asked behind it to get past a cache. */
function addressOfFeed(facts: InstallerFacts, feed: FeedDefinition | undefined): string | undefined {
  if (feed?.type !== 'static-download' || typeof feed.url !== 'string' || !URL.canParse(feed.url))
    return undefined;
  const { href } = new URL(feed.url);
  const isSeen = addressesOf(facts).some(([url]) =>
    [url, url.replace(/\?.*$/s, '')].some((one) => decoded(one) === decoded(href)),
  );
  return isSeen && isTemplate(href) ? href : undefined;
}

/** A repository's releases name a file only if it lies among them. */
function isOfFeed(facts: InstallerFacts, feed: FeedDefinition): boolean {
  const name = feed.repo ?? feed.project;
  if (!LISTS_FILES.has(feed.type) || typeof name !== 'string') return false;
  const place = `/${name.toLowerCase()}/`;
  return addressesOf(facts).some(([url]) => url.toLowerCase().includes(place));
}

/** Known addresses with their versions, the newest first. */
function addressesOf(facts: InstallerFacts): readonly (readonly [string, string])[] {
  return [
    [facts.latestUrl, facts.latestUrlVersion],
    [facts.sampleUrl, facts.sampleVersion],
  ].flatMap(([url, version]) => (url == null || version == null ? [] : [[url, version] as const]));
}

/** From the newest known name: the version in it may change, and what else looks like one; all else is as it is. */
function patternOf(facts: InstallerFacts): string | undefined {
  const names = addressesOf(facts).map(([url, version]) => [nameIn(url), version] as const);
  const [newest, older] = names;
  if (newest === undefined) return undefined;
  const [name] = newest;
  const derived = names
    .filter(([other]) => other === name)
    .map(([, version]) => patternOfName(name, version));
  const found = derived.find((one) => one !== null);
  if (found !== undefined) return found ?? undefined;
  if (older !== undefined && older[0] !== name) return patternOfPair(name, older[0]) ?? fitting(facts, name);
  return mayHoldVersion(name) ? fitting(facts, name) : `^${literal(name)}$`;
}

const MACHINE_WORDS = /x?86(?:_64)?|(?:x|amd|win|arm|aarch)(?:32|64)|(?:32|64)[-_ ]?bit/gi;

/** Digits that are no architecture may be a version that is spelled in a way of its own. */
function mayHoldVersion(text: string): boolean {
  return /\d{2}|\d[._-]\d/.test(text.replace(MACHINE_WORDS, ''));
}

/** The pattern that the facts state, where it fits the newest name and RE2 can run it. */
function fitting(facts: InstallerFacts, name: string): string | undefined {
  const { assetPattern } = facts;
  return assetPattern != null && runs(assetPattern) && compilePattern(assetPattern).test(name)
    ? assetPattern
    : undefined;
}

/** A name whose version is replaced by any of the same kind, from end to end; null where it is not in the name. */
export function patternOfName(name: string, version: string): string | null {
  const places = placesOfVersion(name, version);
  if (places.length === 0) return null;
  const pieces = places.map(
    ({ start, end }, index) =>
      `${loosened(name.slice(places[index - 1]?.end ?? 0, start))}${anyLike(name.slice(start, end))}`,
  );
  return `^${pieces.join('')}${loosened(name.slice(places.at(-1)?.end ?? 0))}$`;
}

/** A build's number or date beside the version changes with it: `_20220227_`, `-1.1`. */
function loosened(text: string): string {
  return text
    .split(/((?<=[-_])\d+(?:\.\d+)+(?=[-_.]|$)|(?<=[-_])\d{3,}(?=[-_.]|$))/)
    .map((piece, index) => (index % 2 === 1 ? anyLike(piece) : literal(piece)))
    .join('');
}

/** Numbers stay numbers, so that `App-1.2.exe` does not fit `App-1.2-arm64.exe`. */
function anyLike(version: string): string {
  const separator = /^\d+(?:([._-])\d+(?:\1\d+)*)?$/.exec(version);
  if (separator === null) return '\\d[0-9A-Za-z.+_~-]*';
  return separator[1] === undefined ? '\\d+' : `\\d+(?:${literal(separator[1])}\\d+)*`;
}

/** Two names of one file that differ in numbers only. */
function patternOfPair(newer: string, older: string): string | null {
  const [a, b] = [newer, older].map((name) => name.split(/(\d+)/));
  if (a === undefined || b === undefined || a.length !== b.length) return null;
  if (a.some((piece, index) => index % 2 === 0 && piece !== b[index])) return null;
  return `^${a.map((piece, index) => (piece === b[index] ? literal(piece) : '\\d+')).join('')}$`;
}

/** Https only; the stated template where it still gives the newest known address, else one made from that address. */
function templateOf(facts: InstallerFacts): string | undefined {
  const known = addressesOf(facts);
  const stated = facts.templateVerified === false ? null : (facts.urlTemplate ?? null);
  const score = (template: string): number =>
    known.reduce((sum, [url, version], index) => sum + (gives(template, version, url) ? 2 - index : 0), 0);
  const derived = known.slice(0, 1).flatMap(([url, version]) => templateFrom(url, version) ?? []);
  // What else looks like a version, or the number of a folder, will be another one next time.
  const lasting = derived.filter(
    (template) =>
      known.every(([url, version]) => gives(template, version, url)) ||
      !mayHoldVersion(template.replace(/\{[^}]*\}/g, '')),
  );
  const candidates = [stated ?? [], lasting, fixedAddress(facts) ?? []].flat();
  const usable = candidates.map((one) => secured(one, known)).filter(isTemplate);
  return usable.toSorted((a, b) => score(b) - score(a))[0];
}

/** The address with its version replaced, behind the host only; null where the version is not in it. */
function templateFrom(url: string, version: string): string | null {
  const host = /^https?:\/\/[^/]+/.exec(url)?.[0] ?? '';
  const path = url.slice(host.length);
  const places = placesOfVersion(path, version);
  if (host === '' || places.length === 0) return null;
  const pieces = places.map(
    ({ start, placeholder }, index) => `${path.slice(places[index - 1]?.end ?? 0, start)}{${placeholder}}`,
  );
  return `${host}${pieces.join('')}${path.slice(places.at(-1)?.end ?? 0)}`;
}

/** One address for every version: stated as such, seen with two versions, or with nothing in it that could be one. */
function fixedAddress(facts: InstallerFacts): string | null {
  const [newest, older] = addressesOf(facts);
  if (newest === undefined) return null;
  const [address, version] = newest;
  const isOther = older !== undefined && older[0] !== address;
  const isSeenTwice = older !== undefined && !isOther && older[1] !== version;
  const path = address.replace(/^https?:\/\/[^/]*|[?#].*$/gs, '');
  const isPlain = !mayHoldVersion(path) && !address.includes('?') && !path.includes('/releases/download/');
  return facts.static === true || (isPlain && !isOther) || (isSeenTwice && !hasDots(path)) ? address : null;
}

function hasDots(path: string): boolean {
  return /\d[._]\d/.test(path);
}

/** `http:` becomes `https:` only where another known address of the same host has it. */
function secured(template: string, known: readonly (readonly [string, string])[]): string {
  const host = /^http:(\/\/[^/]+\/)/.exec(template)?.[1];
  const isSecure = host !== undefined && known.some(([url]) => url.startsWith(`https:${host}`));
  return isSecure ? template.replace(/^http:/, 'https:') : template;
}

function isTemplate(template: string): boolean {
  if (!/^https:\/\/[a-z0-9.-]+(?::\d+)?\//i.test(template)) return false;
  return URL.canParse(filled(template, '1.2.3.4') ?? '');
}

function gives(template: string, version: string, url: string): boolean {
  const address = filled(template, version);
  return address !== null && decoded(address) === decoded(url);
}

function filled(template: string, version: string): string | null {
  try {
    return addressOf(template, version);
  } catch (error) {
    if (error instanceof PermanentError) return null;
    throw error;
  }
}

function runs(pattern: string): boolean {
  try {
    compilePattern(pattern);
    return true;
  } catch (error) {
    if (error instanceof PermanentError) return false;
    throw error;
  }
}

/** The last part of an address that says anything. */
function nameIn(url: string): string {
  const path = url.replace(/[?#].*$/s, '').split('/');
  return decoded(path.findLast((part) => part !== '' && part !== 'download') ?? '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
