import { z } from 'zod';
import { PermanentError, printable } from '../core/errors.js';
import { variantOf } from '../core/product.js';
import type { FeedStateRecord } from '../core/records.js';
import type { Release } from '../core/release.js';
import type { NextJob, Stage, StageContext, StageResult } from '../core/stage.js';
import { type Asked, ask, failedState, stateBefore } from './ask.js';
import { bindProbe } from './probe.js';
import { findSource, type Source, type SourceDeps, VENDORS_OWN_FEED } from './source.js';
import { type VantageDeps, withSecondVantage } from './vantage.js';

const Input = z.strictObject({ productId: z.string().min(1).max(200), syncId: z.string().min(1).max(200) });
export type FeedsInput = z.infer<typeof Input>;

export interface FeedsDeps extends SourceDeps, VantageDeps {}

const FEED_TIMEOUT_MS = 60_000;
const UNCHANGED = 'the feed has not changed';

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
      const { newest, state } = await readNewest(deps, source, known, context);
      if (newest !== null && known !== null && source.scheme.compare(newest.version, known.version) < 0) {
        context.log.warn({ newest: newest.version, known: known.version }, 'feed went backwards');
        return { outcome: 'unchanged', reason: wentBackwards(newest.version, known.version) };
      }
      context.record((ledger) => ledger.putFeedState(state));
      const shown = newest === null ? known : (sameVersion(source, known, newest) ?? newest);
      if (shown === null) return { outcome: 'unchanged', reason: UNCHANGED };
      const release = await withSecondVantage(deps, source, shown, context);
      await recordRelease(deps, source, release, context);
      return goOn(deps, source, release, newest === null ? UNCHANGED : 'the feed shows nothing newer');
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

/** The newest release the feed ever showed; the ledger keeps no order, the scheme does. */
async function newestKnown(deps: FeedsDeps, { product, scheme }: Source): Promise<Release | null> {
  const releases = (await deps.ledger.releases(product.id)).map((one) => one.release);
  return releases.reduce<Release | null>(
    (newest, one) => (newest === null || scheme.compare(one.version, newest.version) > 0 ? one : newest),
    null,
  );
}

/**
 * Null where the feed has not changed. A failure is kept with the feed's state, also when the turn throws it.
 * Conditional only when something is known: else an unchanged feed would never show its release again.
 */
async function readNewest(
  deps: FeedsDeps,
  { product, feed, reader, scheme }: Source,
  known: Release | null,
  context: StageContext,
): Promise<{ newest: Release | null; state: FeedStateRecord }> {
  const { versionScheme } = product;
  const asked: Asked = {
    productId: product.id,
    feedIndex: VENDORS_OWN_FEED,
    request: reader.request(feed),
    probe: bindProbe(reader, feed),
    readAs: { feed, versionScheme },
    isKnown: known !== null,
    timeoutMs: FEED_TIMEOUT_MS,
  };
  const before = await stateBefore(deps.ledger, asked);
  try {
    const { response, state } = await ask(deps, asked, before, context.signal);
    const releases = response.status === 304 ? null : reader.parse(response, feed, scheme);
    return { newest: releases && newestOf({ product, scheme }, releases), state };
  } catch (error) {
    // A turn that was stopped from here says nothing of the feed.
    context.signal.throwIfAborted();
    const state = failedState(asked, before, error);
    context.recordAnyway((ledger) => ledger.putFeedState(state));
    throw error;
  }
}

/** The time a release was first seen stays. */
async function recordRelease(
  deps: FeedsDeps,
  { product }: Source,
  release: Release,
  context: StageContext,
): Promise<void> {
  const { version } = release;
  const before = await deps.ledger.release(product.id, version);
  const seenAt = before?.seenAt ?? deps.clock.now().toISOString();
  context.record((ledger) => ledger.putRelease({ productId: product.id, version, seenAt, release }));
}

function newestOf(
  { product, scheme }: Pick<Source, 'product' | 'scheme'>,
  releases: readonly Release[],
): Release {
  // The reader puts first what the feed's selector means; that need not be the newest of all.
  const newest = releases.find((one) => !one.prerelease && !one.withdrawn && scheme.isVersion(one.version));
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
  { version }: Release,
  reason: string,
): Promise<StageResult> {
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
