import { createHash } from 'node:crypto';
import { addressOf } from '../../core/address-template.js';
import { PermanentError } from '../../core/errors.js';
import { type InstallerDefinition, type ProductDefinition, variantOf } from '../../core/product.js';
import { versionSchemes } from '../../core/versions/index.js';
import type { InstallerOrder } from '../../lab/installers/make.js';
import { isSilent } from '../../lab/machines/command.js';
import { type FarmFeed, planAnswer } from '../../lab/vendor-farm/index.js';
import { writeAny, writeMatching } from '../../lab/vendor-farm/pattern-text.js';
import { selectAsset } from '../../releases/select.js';
import { compilePattern } from '../../text/pattern.js';
import { farmFeedOf, releaseIn } from './farm-feeds.js';
import { factsFor, LAB_TECHNOLOGIES } from './installer-orders.js';

/** A product as its stand-in vendor shows it: one feed, one installer of two versions. */
export interface FarmProduct {
  readonly definition: ProductDefinition;
  readonly orders: readonly InstallerOrder[];
}

/**
 * The first `count` products of tiers A and B that the lab can stand in for, in an order that does not change: each kind of
 * technology and feed in turn, and in each by id. `taken`: addresses of feeds that others answer.
 */
export function chooseFarmProducts(
  products: readonly ProductDefinition[],
  count: number,
  taken: readonly string[],
): readonly FarmProduct[] {
  const chosen: FarmProduct[] = [];
  const addresses = new Set(taken);
  const queues = groupByKind(products.filter(isPublishable)).map((group) => group.values());
  while (chosen.length < count && queues.length > 0) {
    for (const queue of [...queues]) {
      const next = chosen.length < count ? nextOf(queue, addresses) : null;
      if (next !== null) chosen.push(next);
      else queues.splice(queues.indexOf(queue), 1);
    }
  }
  return chosen;
}

function isPublishable({ tier, automation, retired }: ProductDefinition): boolean {
  return tier !== 'C' && automation !== 'forbidden' && retired !== true;
}

function groupByKind(products: readonly ProductDefinition[]): readonly (readonly ProductDefinition[])[] {
  const groups = new Map<string, ProductDefinition[]>();
  for (const product of [...products].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const kind = `${product.installers[0]?.technology} ${product.feeds[0]?.type}`;
    groups.set(kind, [...(groups.get(kind) ?? []), product]);
  }
  // The commonest kinds first: a few products are then of several technologies.
  return [...groups]
    .sort(([a, own], [b, other]) => other.length - own.length || (a < b ? -1 : 1))
    .map(([, group]) => group);
}

/** Whose feed and files have addresses of their own; the addresses are then taken. */
function nextOf(queue: Iterator<ProductDefinition>, addresses: Set<string>): FarmProduct | null {
  for (let next = queue.next(); next.done !== true; next = queue.next()) {
    const planned = planProduct(next.value);
    const own =
      planned === null ? [] : [...new Set([...feedAddresses(planned.definition), ...urlsOf(planned)])];
    if (planned === null || own.some((address) => addresses.has(address))) continue;
    for (const address of own) addresses.add(address);
    return planned;
  }
  return null;
}

/** Where a product's feed is asked; none where it cannot be. */
export function feedAddresses(product: ProductDefinition): readonly string[] {
  const feed = farmFeedOf(product);
  return feed === null ? [] : [new URL(feed.url).href];
}

function urlsOf({ orders }: FarmProduct): readonly string[] {
  return orders.map(({ url }) => new URL(url).href);
}

/** Its first installer that the lab can make and its feed can lead to; null where there is none. */
function planProduct(product: ProductDefinition): FarmProduct | null {
  const feed = farmFeedOf(product);
  if (feed === null || new URL(feed.url).port !== '') return null;
  for (const installer of product.installers) {
    const orders = planOrders(product, installer, feed);
    if (orders === null) continue;
    return { definition: { ...product, feeds: product.feeds.slice(0, 1), installers: [installer] }, orders };
  }
  return null;
}

function planOrders(
  product: ProductDefinition,
  installer: InstallerDefinition,
  feed: FarmFeed,
): readonly InstallerOrder[] | null {
  if (!LAB_TECHNOLOGIES.has(installer.technology) || !isUnderstood(installer)) return null;
  const [older, current] = [0, 1].map((step) => planRelease(product, installer, feed, step));
  if (!older || !current || !isNewer(current.version, older.version)) return null;
  const orders = [
    orderOf(product, installer, { ...older, stage: 'older' }),
    orderOf(product, installer, { ...current, stage: 'current' }),
  ].filter((order) => order !== null);
  return orders.length === 2 ? orders : null;
}

/** A vendor's own words for silence (`--SILENT=true` to an NSIS installer) mean nothing to a stand-in's installer. */
function isUnderstood({ technology, arguments: words }: InstallerDefinition): boolean {
  if (technology !== 'nullsoft' && technology !== 'inno') return true;
  return isSilent({ words: words.split(/\s+/) }, { technology });
}

interface PlannedRelease {
  readonly version: string;
  readonly url: string;
  readonly fileName: string;
}

/** What the feed shows at this step, and where the definition then finds its file. */
function planRelease(
  product: ProductDefinition,
  installer: InstallerDefinition,
  feed: FarmFeed,
  step: number,
): PlannedRelease | null {
  const scheme = versionSchemes.get(product.versionScheme);
  const named = (version: string) => namedAsset(product, installer, feed.url, version);
  try {
    const shown = planAnswer({ ...feed, assetsOf: (version) => named(version) ?? [] }, step);
    const release = shown && scheme && releaseIn(shown.answer, feed.feed, scheme);
    if (!release) return null;
    const { name, url } = selectAsset(release, installer);
    return new URL(url).port === '' ? { version: release.version, url, fileName: name } : null;
  } catch (error) {
    // A version that the template or pattern has no place for, or no file of the form that the definition looks for.
    if (error instanceof PermanentError) return null;
    throw error;
  }
}

/** A file with a name that the definition looks for; null where none can be thought of. */
function namedAsset(
  product: ProductDefinition,
  { assetPattern, urlTemplate, technology }: InstallerDefinition,
  feedUrl: string,
  version: string,
) {
  const address = urlTemplate === undefined ? null : addressOf(urlTemplate, version);
  const extension = technology === 'msi' ? 'msi' : 'exe';
  const names = [
    address?.split(/[/?#]/).findLast((part) => part.endsWith(`.${extension}`)),
    ...(assetPattern === undefined
      ? []
      : [writeMatching({ pattern: assetPattern }, version), writeAny(assetPattern)]),
    `${product.id}-${version}.${extension}`,
  ];
  const fits = (name: string) => assetPattern === undefined || compilePattern(assetPattern).test(name);
  const name = names.find((one) => typeof one === 'string' && fits(one));
  if (!name) return null;
  const url = address ?? new URL(`/download/${encodeURIComponent(name)}`, feedUrl).href;
  return [
    {
      name,
      url,
      sizeBytes: 1,
      sha256: createHash('sha256').update(`${product.id}/${version}`).digest('hex'),
    },
  ];
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  const at = [0, 1, 2, 3].find((index) => (a?.[index] ?? 0) !== (b?.[index] ?? 0));
  return at !== undefined && (a?.[at] ?? 0) > (b?.[at] ?? 0);
}

function orderOf(
  product: ProductDefinition,
  installer: InstallerDefinition,
  release: PlannedRelease & Pick<InstallerOrder, 'stage'>,
): InstallerOrder | null {
  const facts = factsFor(product, installer, release.version);
  const { technology } = installer;
  if (facts === null || technology === 'burn') return null;
  const [silentWord] = installer.arguments.split(/\s+/);
  return {
    productId: product.id,
    ...release,
    variant: variantOf(installer),
    technology,
    vendor: product.vendor,
    facts,
    ...(technology === 'exe' && silentWord !== undefined ? { silentWord } : {}),
  };
}
