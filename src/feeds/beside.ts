import type { ReleaseAsset } from '../core/release.js';
import type { JsonNode } from '../text/json-path/index.js';
import { assetAt, DIGEST_NAME, digestIn, NO_DIGESTS } from './assets.js';
import type { Found } from './found.js';
import { timeOf } from './time.js';

type Members = Readonly<Record<string, unknown>>;
type Beside = Omit<Found, 'version'>;

/** Names of members in lower case and without what parts their words. Earlier ones count before later ones. */
const DATES =
  'releasedate releasedat released publishedat publisheddate publishdate publishedtime published releasetime publicationdate datepublished pubdate versiondate date builddate buildtime timestamp createdat created updatedat lastmodified'.split(
    ' ',
  );
const NOTES =
  'releasenotesurl releasenoteslink notesurl noteslink releasenotes notes relnotes changelogurl changelog htmlurl releasepage'.split(
    ' ',
  );
const ADDRESSES =
  /^(?:d(?:own)?load(?:link|url|uri)?|durl|dlurl|(?:installer|file|package|binary)(?:url|link))$/;
/** Only these may be relative: a bare name is no address. */
const RELATIVE = /^(?:url|uri|href|link|resource|d(?:own)?load(?:link|url)?)$/;
const FILE =
  /\.(?:exe|ms[ip]|msixbundle|msix|appxbundle|appx|zip|7z|cab|nupkg|dmg|pkg|deb|rpm|appimage|tar|tgz|gz|xz|bz2|jar|iso|vsix)(?:\/download)?(?:[?#]|$)/i;
const SIZES = /^(?:size|filesize|sizebytes|sizeinbytes|bytes|length|contentlength)$/;

const DEEPEST = 5;
const MOST_ASSETS = 200;
const MOST_OBJECTS = 100_000;

/**
 * What the objects around a version say of it: time, files with digests and sizes, notes, whether it is a prerelease or
 * withdrawn. Around it is the object that it stands in; in a list, all of the list's entry. One reader serves one answer.
 */
export function createBesideReader(base: string): (version: JsonNode) => Beside {
  let objectsLeft = MOST_OBJECTS;
  const factsOf = rememberedByObject((members) => readFacts(members, base));
  const filesIn = (members: Members, versionKey: string, depth: number): readonly ReleaseAsset[] => {
    const { files, inner } = factsOf(members);
    objectsLeft -= 1 + inner.length;
    if (depth > DEEPEST || objectsLeft < 0) return [];
    // What has a version of its own says nothing of this one.
    const others = inner.filter((one) => !factsOf(one).named.has(versionKey));
    return [...files, ...others.flatMap((one) => filesIn(one, versionKey, depth + 1))];
  };
  return (version) => {
    const around = objectsAround(version);
    const facts = around.map(factsOf);
    const key = plain(String(version.key ?? ''));
    const assets = around.map((members) => filesIn(members, key, 0)).find(({ length }) => length > 0) ?? [];
    return {
      assets: assets.slice(0, MOST_ASSETS),
      publishedAt: mapped(version) ?? firstOf(facts, ({ named }) => dateIn(named, key)),
      notesUrl: firstOf(facts, ({ notesUrl }) => notesUrl),
      isMarkedPrerelease: facts.some(({ isPrerelease }) => isPrerelease),
      isWithdrawn: facts.some(({ isWithdrawn }) => isWithdrawn),
    };
  };
}

/** What an object says by itself, whichever version in it is asked about. */
interface Facts {
  /** Its members by their plain names. */
  readonly named: ReadonlyMap<string, unknown>;
  readonly files: readonly ReleaseAsset[];
  readonly inner: readonly Members[];
  readonly notesUrl: string | null;
  readonly isPrerelease: boolean;
  readonly isWithdrawn: boolean;
}

/** Thousands of versions may stand in one object: to read it for each of them would take the square of the time. */
function rememberedByObject(read: (members: Members) => Facts): (members: Members) => Facts {
  const known = new WeakMap<Members, Facts>();
  return (members) => {
    const facts = known.get(members) ?? read(members);
    known.set(members, facts);
    return facts;
  };
}

function readFacts(members: Members, base: string): Facts {
  const named = new Map(Object.entries(members).map(([name, value]) => [plain(name), value]));
  return {
    named,
    files: filesOf(members, base),
    inner: Object.values(members)
      .flatMap((value): readonly unknown[] => (Array.isArray(value) ? value.slice(0, MOST_ASSETS) : [value]))
      .filter(isMembers),
    notesUrl: notesIn(named),
    isPrerelease:
      says(members, /^(?:is)?(?:prerelease|beta|nightly|snapshot)$/, 'true') ||
      says(members, /^(?:is)?stable$/, 'false'),
    isWithdrawn: says(members, /^(?:is)?(?:withdrawn|yanked|revoked|retracted|recalled|broken)$/, 'true'),
  };
}

/** From the inside out: one, or all up to the entry of the list. */
function objectsAround(version: JsonNode): readonly Members[] {
  const around: Members[] = [];
  const start = isMembers(version.value) ? version : version.parent;
  for (let node = start; node !== null && isMembers(node.value); node = node.parent) {
    around.push(node.value);
    if (Array.isArray(node.parent?.value)) return around;
  }
  return around.slice(0, 1);
}

/** Of a name whose value is a time: `{"1.2": "2024-01-31"}`. */
function mapped({ parent }: JsonNode): string | null {
  return typeof parent?.value === 'string' ? timeOf(parent.value) : null;
}

function dateIn(named: Facts['named'], versionKey: string): string | null {
  const names = [`${versionKey}releasedate`, `${versionKey}date`, ...DATES];
  return firstOf(names, (name) => {
    const value = named.get(name);
    return typeof value === 'string' || typeof value === 'number' ? timeOf(value) : null;
  });
}

function notesIn(named: Facts['named']): string | null {
  return firstOf(NOTES, (name) => {
    const value = named.get(name);
    return typeof value === 'string' && /^https?:\/\/\S+$/.test(value) && URL.canParse(value) ? value : null;
  });
}

/** Digest and size belong to the only file of an object; of several, nothing says to which. */
function filesOf(members: Members, base: string): readonly ReleaseAsset[] {
  const addresses = new Map<string, ReleaseAsset>();
  for (const [name, value] of Object.entries(members)) {
    const asset = typeof value === 'string' && isFile(plain(name), value) ? assetAt(value, base) : null;
    if (asset !== null) addresses.set(asset.url, asset);
  }
  const [only, ...others] = addresses.values();
  if (only === undefined || others.length > 0) return [...addresses.values()];
  return [{ ...only, sizeBytes: sizeIn(members), digests: digestsIn(members) }];
}

function isFile(name: string, value: string): boolean {
  if (value.length > 2000) return false;
  if (/^https?:\/\//i.test(value)) return FILE.test(value) || ADDRESSES.test(name);
  return RELATIVE.test(name) && FILE.test(value);
}

function sizeIn(members: Members): number | null {
  for (const [name, value] of Object.entries(members)) {
    const isCount = typeof value === 'number' || (typeof value === 'string' && /^\d{1,15}$/.test(value));
    const size = isCount && SIZES.test(plain(name)) ? Number(value) : Number.NaN;
    if (Number.isSafeInteger(size) && size > 0) return size;
  }
  return null;
}

/** A member names its algorithm, or its length does; forty digits named `hash` are as often a commit. */
function digestsIn(members: Members): ReleaseAsset['digests'] {
  const digests = { ...NO_DIGESTS };
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== 'string') continue;
    const word = plain(name);
    for (const algorithm of ['sha512', 'sha256', 'sha1'] as const) {
      const isNamed = word.includes(algorithm);
      const isAny =
        /^(?:file)?(?:hash|hashcode|checksum|digest)$/.test(word) &&
        /^[0-9a-f]+$/i.test(value.replace(DIGEST_NAME, ''));
      if (!isNamed && !(isAny && (algorithm !== 'sha1' || word !== 'hash'))) continue;
      digests[algorithm] ??= digestIn(value, algorithm);
    }
  }
  return digests;
}

/** As a flag or, in XML always, as a text. */
function says(members: Members, name: RegExp, value: 'true' | 'false'): boolean {
  return Object.entries(members).some(
    ([member, one]) => name.test(plain(member)) && String(one).toLowerCase() === value,
  );
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstOf<Value, Result>(
  values: readonly Value[],
  read: (value: Value) => Result | null,
): Result | null {
  for (const value of values) {
    const result = read(value);
    if (result !== null) return result;
  }
  return null;
}
