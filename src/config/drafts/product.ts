import type {
  Architecture,
  InstallerDefinition,
  InstallerTechnologyName,
  ProductDefinition,
  Tier,
} from '../../core/product.js';
import { variantOf } from '../../core/product.js';
import { highestTier } from '../../core/tier.js';
import { schemeFor } from '../../core/versions/index.js';
import { draftAddress } from './address.js';
import { draftArguments, draftReturnCodes, isForOneUser } from './command.js';
import { draftDetection } from './detection.js';
import type { InstallerFacts, ProductFacts } from './facts.js';
import { type CheckFeed, draftFeeds } from './feeds.js';

export type ProductDraft =
  | { readonly product: ProductDefinition; readonly notes: readonly string[] }
  /** An enterprise cannot patch it: why, in a few words that can be counted. */
  | { readonly product: null; readonly leftOut: string };

const TECHNOLOGIES: Readonly<Record<string, InstallerTechnologyName>> = {
  msi: 'msi',
  wix: 'msi',
  nullsoft: 'nullsoft',
  inno: 'inno',
  burn: 'burn',
  exe: 'exe',
};
/** What runs everywhere is given to every device that runs x86 programs. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x86: 'x86',
  x64: 'x64',
  arm64: 'arm64',
  neutral: 'x86',
};

/** A definition of what is known about a product. What is unknown is absent; its tier is the highest it can have. */
export function draftProduct(facts: ProductFacts, check: CheckFeed): ProductDraft {
  const { feeds, refused } = draftFeeds(facts.feeds, check);
  const drafts = facts.installers.map((one) => draftInstaller(one, facts, feeds[0]));
  const drafted = drafts.flatMap((one) => ('installer' in one ? [one] : []));
  const installers = onePerVariant(withAddresses(drafted.map(({ installer }) => installer)));
  if (installers.length === 0) {
    const reason = drafts.find((one) => 'leftOut' in one);
    return { product: null, leftOut: reason?.leftOut ?? 'no installer' };
  }
  const notes = [...new Set([...refused, ...drafted.flatMap(({ remarks }) => remarks)])];
  const product = rated({ ...identityOf(facts), feeds, installers }, notes);
  if (product.tier !== 'A' || !drafted.every(({ isScopeInDoubt }) => isScopeInDoubt))
    return { product, notes };
  return { product: { ...product, tier: 'B', lacks: [SCOPE_IN_DOUBT] }, notes };
}

const SCOPE_IN_DOUBT = 'whether it installs for all users is not stated';

/** With the highest tier that it can have, and in words what it lacks for the next one. */
export function rated(
  product: Omit<ProductDefinition, 'tier' | 'lacks'>,
  notes: readonly string[] = [],
): ProductDefinition {
  const { tier, lacks } = highestTier({ ...product, tier: 'A' });
  const next: Readonly<Record<Tier, readonly string[]>> = { A: [], B: lacks.A, C: lacks.B };
  const words = tier === 'A' ? [] : [...new Set([...next[tier], ...notes])];
  return { ...product, tier, ...(words.length === 0 ? {} : { lacks: words }) };
}

type InstallerDraft =
  | {
      readonly installer: InstallerDefinition;
      readonly remarks: readonly string[];
      readonly isScopeInDoubt: boolean;
    }
  | { readonly leftOut: string };

function draftInstaller(
  facts: InstallerFacts,
  product: ProductFacts,
  feed: ProductDefinition['feeds'][number] | undefined,
): InstallerDraft {
  const technology = TECHNOLOGIES[facts.type];
  const architecture = architectureOf(facts);
  if (technology === undefined) return { leftOut: `${facts.type} only` };
  if (architecture === undefined) return { leftOut: 'for another architecture only' };
  if (facts.scope === 'user' || isForOneUserOnly(facts)) return { leftOut: 'user scope only' };
  const kind = OTHER_FILES.find(([pattern]) => pattern.test(nameOfFile(facts)));
  if (kind !== undefined) return { leftOut: kind[1] };
  const silent = draftArguments(technology, facts);
  if (silent === null) return { leftOut: 'no silent command known' };
  const { detection, remarks } = draftDetection(technology, facts, product);
  const installer: InstallerDefinition = {
    architecture,
    technology,
    scope: 'machine',
    ...draftAddress(facts, feed),
    arguments: silent,
    returnCodes: draftReturnCodes(technology, facts),
    ...(detection === undefined ? {} : { detection }),
  };
  return { installer, remarks, isScopeInDoubt: technology === 'nullsoft' && isForEither(facts) };
}

/** Files that a name gives away, whatever is said of them. */
const OTHER_FILES: readonly (readonly [RegExp, string])[] = [
  [/[-_.]portable[-_.]/i, 'portable only'],
  [/[-_.](?:debug|symbols|pdb)[-_.]/i, 'debug build only'],
];

/** What the name of the file says is believed before what is said of it. */
function architectureOf(facts: InstallerFacts): Architecture | undefined {
  const name = nameOfFile(facts);
  const named = [/arm64|aarch64/i, /x64|x86_64|amd64|win64/i, /(?<!_)x86(?!_64)|win32|i[36]86/i].map((one) =>
    one.test(name),
  );
  const stated = ARCHITECTURES[facts.arch];
  const [isArm64, isX64, isX86] = named;
  if (named.filter(Boolean).length !== 1) return stated;
  if (isArm64) return stated === 'arm64' ? stated : undefined;
  return isX64 && !isX86 && stated === 'x86' ? 'x64' : stated;
}

function nameOfFile({ latestUrl, sampleUrl }: InstallerFacts): string {
  return (latestUrl ?? sampleUrl ?? '').replace(/[?#].*$/s, '').replace(/^.*\/(?=[^/]*\.[a-z]+)/is, '');
}

/** The keys of electron-builder, whose installers are for one user unless they are told or made otherwise. */
function isForEither({ scope, productCode, silentArgs }: InstallerFacts): boolean {
  const isElectron = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(productCode ?? '');
  return scope !== 'machine' && isElectron && !/\/allusers/i.test(silentArgs ?? '');
}

function isForOneUserOnly(facts: InstallerFacts): boolean {
  return facts.scope !== 'machine' && isForOneUser(facts.silentArgs ?? '');
}

/** Where one can be fetched, those that cannot are of no use. */
function withAddresses(installers: readonly InstallerDefinition[]): readonly InstallerDefinition[] {
  const found = installers.filter((one) => one.assetPattern !== undefined || one.urlTemplate !== undefined);
  return found.length > 0 ? found : installers;
}

/** The first of each variant is the best; one file stated for several architectures runs on all of them. */
function onePerVariant(installers: readonly InstallerDefinition[]): readonly InstallerDefinition[] {
  const chosen = new Map<string, InstallerDefinition>();
  for (const one of installers) {
    const same = [...chosen.values()].find((other) => isSameFile(other, one));
    if (same !== undefined) chosen.delete(variantOf(same));
    const kept = same === undefined ? one : { ...same, architecture: everywhere(same, one) };
    if (!chosen.has(variantOf(kept))) chosen.set(variantOf(kept), kept);
  }
  return [...chosen.values()];
}

function everywhere(a: InstallerDefinition, b: InstallerDefinition): Architecture {
  return a.architecture === b.architecture ? a.architecture : 'x86';
}

/** Where each architecture has a row of its own under Apps, they stay apart. */
function isSameFile(a: InstallerDefinition, b: InstallerDefinition): boolean {
  const [left, right] = [a, b].map(({ assetPattern, urlTemplate, technology, detection }) =>
    JSON.stringify([assetPattern, urlTemplate, technology, detection]),
  );
  return left === right && (a.assetPattern ?? a.urlTemplate) !== undefined;
}

function identityOf(facts: ProductFacts): Omit<ProductDefinition, 'tier' | 'feeds' | 'installers'> {
  const versions = [facts.latestVersion, ...facts.versions.map(({ version }) => version)].filter(
    (version) => version !== '',
  );
  const cpe = (facts.cpe ?? []).filter((prefix) => prefix.startsWith('cpe:2.3:')).slice(0, 10);
  return {
    id: facts.id,
    name: facts.name,
    vendor: facts.vendor,
    ...present('moniker', facts.moniker),
    ...present('license', facts.license),
    ...present('homepage', webAddress(facts.homepage)),
    ...present('releaseNotesUrl', lastingAddress(facts.releaseNotesUrl)),
    ...(cpe.length === 0 ? {} : { cpe }),
    ...(isRetired(facts) ? { retired: true as const } : {}),
    ...(facts.vendorPolicy == null ? {} : { automation: 'forbidden' as const }),
    versionScheme: schemeFor(versions),
    classification: 'Updates',
  };
}

function present<Name extends string>(
  name: Name,
  value: string | null | undefined,
): Partial<Record<Name, string>> {
  return value == null || value === '' ? {} : ({ [name]: value } as Record<Name, string>);
}

/** A product that winget dropped is retired, unless its vendor still releases. */
function isRetired({ retired, feeds, versions }: ProductFacts): boolean {
  const isFollowed = feeds.some(({ type, complete }) => complete && type !== 'winget');
  return retired === true && !(isFollowed && (versions[0]?.date ?? '') >= RELEASED_SINCE);
}

const RELEASED_SINCE = '2026';

function webAddress(text: string | null | undefined): string | null {
  return text != null && /^https?:/i.test(text) && URL.canParse(text) ? text : null;
}

/** Notes of one old release would be shown with every later one. */
function lastingAddress(text: string | null | undefined): string | null {
  const address = webAddress(text);
  if (address === null || !address.startsWith('https:')) return null;
  return /\d[._-]\d|\d{3,}|\/tag\//.test(address) ? null : address;
}
