import { PermanentError, printable } from '../core/errors.js';
import type { FeedAnswer } from '../core/feed-health/index.js';
import type { FeedStateRecord } from '../core/records.js';
import type { Release } from '../core/release.js';
import type { StageContext } from '../core/stage.js';
import { type AskDeps, ask, failedState, identify, stateBefore } from './ask.js';
import { withoutDisowned } from './disowned.js';
import { failed, shapeOf } from './health.js';
import { bindProbe } from './probe.js';
import { type Source, VENDORS_OWN_FEED } from './source.js';
import { type FeedFile, type FileDeps, lookIntoFile, releaseInFile } from './version-in-file.js';

export interface ReadDeps extends AskDeps {
  /** For feeds that are the file itself. */
  readonly files: FileDeps;
}

/** What one asking of the vendor's own feed gave. */
export interface Read {
  /** Null: the feed has not changed, is a file that is no release, or shows only what was disowned. */
  readonly answer: FeedAnswer | null;
  /** A file whose version cannot be told; null: there is none. */
  readonly untold: FeedFile | null;
  /** To be kept if the answer is believed; without its health. */
  readonly state: FeedStateRecord;
  /** After the last asking of exactly this; null: never. */
  readonly before: FeedStateRecord | null;
}

const FEED_TIMEOUT_MS = 60_000;

/**
 * A failure is kept with the feed's state, also when the turn throws it. Conditional only when something is known: else
 * an unchanged feed would never show its release again.
 */
export async function readFeed(
  deps: ReadDeps,
  source: Source,
  { known, disowned }: { readonly known: Release | null; readonly disowned: readonly string[] },
  context: StageContext,
): Promise<Read> {
  const { product, feed, reader, scheme } = source;
  const { versionScheme } = product;
  const asked = identify({
    productId: product.id,
    feedIndex: VENDORS_OWN_FEED,
    request: reader.request(feed),
    probe: bindProbe(reader, feed),
    readAs: { feed, versionScheme, ...(disowned.length > 0 && { disowned }) },
    isKnown: known !== null,
    timeoutMs: FEED_TIMEOUT_MS,
  });
  const before = await stateBefore(deps.ledger, asked);
  try {
    const { response, state } = await ask(deps, asked, before, context.signal);
    if (response.status === 304) return { answer: null, untold: null, state, before };
    if (reader.isVersionInFile === true) {
      const url = asked.request.url;
      const file = await lookIntoFile(
        deps.files,
        source,
        { url, response, before: before?.file ?? null },
        context.signal,
      );
      return { ...readFile(source, { known, disowned }, file), state: { ...state, file }, before };
    }
    const listed = reader.parse(response, feed, scheme);
    const releases = withoutDisowned(listed, disowned, scheme);
    const isUsable = usableIn(source);
    if (listed.some(isUsable) && !releases.some(isUsable))
      return { answer: null, untold: null, state, before };
    const newest = nameAsKnown(source, known, newestOf(source, releases));
    return { answer: { releases, newest, shape: shapeOf(response) }, untold: null, state, before };
  } catch (error) {
    // A turn that was stopped from here says nothing of the feed.
    context.signal.throwIfAborted();
    const { health } = before ?? {};
    const state = { ...failedState(asked, before, error), ...(health && { health }) };
    context.recordAnyway((ledger) => ledger.putFeedState(failed(state, source, deps.clock.now())));
    throw error;
  }
}

function readFile(
  source: Source,
  { known, disowned }: { readonly known: Release | null; readonly disowned: readonly string[] },
  file: FeedFile,
): Pick<Read, 'answer' | 'untold'> {
  const release = releaseInFile(file, source);
  if (release === null) return { answer: null, untold: file };
  const releases = withoutDisowned([release], disowned, source.scheme);
  if (releases.length === 0) return { answer: null, untold: null };
  return {
    answer: { releases, newest: nameAsKnown(source, known, release), shape: [] },
    untold: null,
  };
}

function usableIn({ scheme }: Pick<Source, 'scheme'>): (one: Release) => boolean {
  return ({ version, prerelease, withdrawn }) => !prerelease && !withdrawn && scheme.isVersion(version);
}

function newestOf(
  { product, scheme }: Pick<Source, 'product' | 'scheme'>,
  releases: readonly Release[],
): Release {
  // The reader puts first what the feed's selector means; that need not be the newest of all.
  const newest = releases.find(usableIn({ scheme }));
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
    nextStep: 'check what the definition asks for, and its pattern, filters and version scheme',
  });
}

/** `1.2` and `1.2.0` are one release: it keeps the name under which it was first seen. */
function nameAsKnown({ scheme }: Source, known: Release | null, newest: Release): Release {
  return known !== null && scheme.compare(newest.version, known.version) === 0
    ? { ...newest, version: known.version }
    : newest;
}
