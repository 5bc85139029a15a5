import { z } from 'zod';
import { PermanentError, printable } from '../core/errors.js';
import type {
  Clock,
  FeedReader,
  HttpClient,
  LedgerReader,
  ProductCatalog,
  VersionScheme,
} from '../core/ports.js';
import { type FeedDefinition, type ProductDefinition, variantOf } from '../core/product.js';
import type { FeedStateRecord } from '../core/records.js';
import type { FeedResponse, Release } from '../core/release.js';
import type { NextJob, Stage, StageResult } from '../core/stage.js';

const Input = z.strictObject({ productId: z.string().min(1).max(200), syncId: z.string().min(1).max(200) });
export type FeedsInput = z.infer<typeof Input>;

export interface FeedsDeps {
  readonly products: ProductCatalog;
  readonly ledger: LedgerReader;
  readonly http: HttpClient;
  /** By the `type` of a feed. */
  readonly readers: ReadonlyMap<string, FeedReader>;
  readonly versionSchemes: ReadonlyMap<string, VersionScheme>;
  readonly clock: Clock;
}

const MAX_FEED_BYTES = 16 << 20;
const FEED_TIMEOUT_MS = 60_000;
const VENDORS_OWN_FEED = 0;

/** Stage 1: asks the vendor's feed whether anything changed, and hands on the newest release it shows. */
export function createFeedsStage(deps: FeedsDeps): Stage<FeedsInput> {
  return {
    name: 'feeds',
    parse: parseInput,
    key: (input) => `${input.productId}/${input.syncId}`,
    subject: (input) => ({ product: input.productId, version: null, variant: null }),
    async run(input, context) {
      const source = findSource(deps, input.productId);
      const known = await newestKnown(deps, source);
      const { response, state } = await ask(deps, source, known !== null, context.signal);
      if (response.status === 304) {
        context.record((ledger) => ledger.putFeedState(state));
        return goOn(deps, source, known, 'the feed has not changed');
      }
      const newest = newestOf(source, source.reader.parse(response, source.feed, source.scheme));
      if (known !== null && source.scheme.compare(newest.version, known.version) < 0) {
        context.log.warn({ newest: newest.version, known: known.version }, 'feed went backwards');
        return { outcome: 'unchanged', reason: wentBackwards(newest.version, known.version) };
      }
      const release = sameVersion(source, known, newest) ?? newest;
      const seenAt =
        (await deps.ledger.release(input.productId, release.version))?.seenAt ?? state.lastGoodAt ?? '';
      context.record(async (ledger) => {
        await ledger.putRelease({ productId: input.productId, version: release.version, seenAt, release });
        await ledger.putFeedState(state);
      });
      return goOn(deps, source, release, 'the feed shows nothing newer');
    },
  };
}

function parseInput(data: unknown): FeedsInput {
  const input = Input.safeParse(data);
  if (input.success) return input.data;
  throw new PermanentError('payload.invalid', 'a feeds job is malformed', {
    expected: '{productId, syncId}',
    found: z.prettifyError(input.error),
  });
}

interface Source {
  readonly product: ProductDefinition;
  readonly feed: FeedDefinition;
  readonly reader: FeedReader;
  readonly scheme: VersionScheme;
}

function findSource(deps: FeedsDeps, productId: string): Source {
  const product = deps.products.get(productId);
  if (product === null) {
    const fault = deps.products
      .faults()
      .find(({ path, message }) => `${path} ${message}`.toLowerCase().includes(productId.toLowerCase()));
    throw new PermanentError('not-found', 'no definition of this product', {
      where: productId,
      found: fault === undefined ? 'nothing' : `${fault.path}: ${fault.message}`,
      nextStep: 'correct or restore the definition',
    });
  }
  const feed = product.feeds[VENDORS_OWN_FEED];
  const reader = deps.readers.get(feed?.type ?? '');
  const scheme = deps.versionSchemes.get(product.versionScheme);
  if (feed !== undefined && reader !== undefined && scheme !== undefined)
    return { product, feed, reader, scheme };
  throw new PermanentError(
    'definition.invalid',
    'the definition names a feed type or version scheme that is not known',
    {
      where: productId,
      expected: `a feed of ${[...deps.readers.keys()].join(', ')} and a scheme of ${[...deps.versionSchemes.keys()].join(', ')}`,
      found: printable(`feed ${feed?.type ?? 'none'}, scheme ${product.versionScheme}`),
      nextStep: 'correct the definition',
    },
  );
}

/** The newest release the feed ever showed; the ledger keeps no order, the scheme does. */
async function newestKnown(deps: FeedsDeps, { product, scheme }: Source): Promise<Release | null> {
  const releases = (await deps.ledger.releases(product.id)).map((one) => one.release);
  return releases.reduce<Release | null>(
    (newest, one) => (newest === null || scheme.compare(one.version, newest.version) > 0 ? one : newest),
    null,
  );
}

/** Conditional only when something is known: else an unchanged feed would never show its release again. */
async function ask(
  deps: FeedsDeps,
  { product, feed, reader }: Source,
  conditional: boolean,
  signal: AbortSignal,
): Promise<{ response: FeedResponse; state: FeedStateRecord }> {
  const request = reader.request(feed);
  const before = conditional ? await deps.ledger.feedState(product.id, VENDORS_OWN_FEED) : null;
  const response = await deps.http.get({
    url: request.url,
    headers: { ...request.headers, ...validators(before) },
    maxBytes: MAX_FEED_BYTES,
    timeoutMs: FEED_TIMEOUT_MS,
    signal,
  });
  const kept = response.status === 304 ? before : null;
  const state: FeedStateRecord = {
    productId: product.id,
    feedIndex: VENDORS_OWN_FEED,
    etag: response.headers.etag ?? kept?.etag ?? null,
    lastModified: response.headers['last-modified'] ?? kept?.lastModified ?? null,
    lastGoodAt: deps.clock.now().toISOString(),
    lastError: null,
  };
  return { response, state };
}

/** RFC 9110 13.1. */
function validators(state: FeedStateRecord | null): Record<string, string> {
  return {
    ...(state?.etag ? { 'if-none-match': state.etag } : {}),
    ...(state?.lastModified ? { 'if-modified-since': state.lastModified } : {}),
  };
}

function newestOf({ product, scheme }: Source, releases: readonly Release[]): Release {
  const usable = releases.filter((one) => !one.prerelease && !one.withdrawn && scheme.isVersion(one.version));
  const newest = usable.reduce<Release | undefined>(
    (best, one) => (best === undefined || scheme.compare(one.version, best.version) > 0 ? one : best),
    undefined,
  );
  if (newest !== undefined) return newest;
  throw new PermanentError('feed.no-release', 'the feed holds no release that can be used', {
    where: product.id,
    expected: `a release that is no prerelease, with a version of the scheme ${product.versionScheme}`,
    found: `${releases.length} releases: ${printable(
      releases
        .slice(0, 5)
        .map((one) => one.version)
        .join(', '),
    )}`,
    nextStep: 'check pattern, filters and version scheme of the definition',
  });
}

/** `1.2` and `1.2.0` are one release: it keeps the name under which it was first seen. */
function sameVersion({ scheme }: Source, known: Release | null, newest: Release): Release | null {
  return known !== null && scheme.compare(newest.version, known.version) === 0
    ? { ...newest, version: known.version }
    : null;
}

function wentBackwards(newest: string, known: string): string {
  return `the feed now shows ${printable(newest)} as its newest release, older than ${printable(known)}: nothing is published backwards`;
}

/**
 * Every variant without an installer, also one that the definition has gained since. What was held or failed is tried
 * again, now that the release says what the feed says.
 */
async function goOn(
  deps: FeedsDeps,
  { product }: Source,
  release: Release | null,
  reason: string,
): Promise<StageResult> {
  if (release === null) return { outcome: 'unchanged', reason };
  const { version } = release;
  const next: NextJob[] = [];
  for (const variant of product.installers.map(variantOf)) {
    if ((await deps.ledger.installer(product.id, version, variant)) !== null) continue;
    next.push({
      stage: 'releases',
      input: { productId: product.id, version, variant },
      again: 'when-finished',
    });
  }
  if (next.length > 0) return { outcome: 'advanced', next, summary: `release ${version}` };
  return { outcome: 'unchanged', reason: `${reason}; ${version} was acquired before` };
}
