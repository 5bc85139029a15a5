import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { PermanentError } from '../core/errors.js';
import type { FeedAnswer, FeedFinding } from '../core/feed-health/index.js';
import { variantOf } from '../core/product.js';
import type { FeedStateRecord, InstallerRecord, ReleaseRecord } from '../core/records.js';
import type { Release } from '../core/release.js';
import type { NextJob, Stage, StageContext, StageResult } from '../core/stage.js';
import { readDisowned } from '../core/word.js';
import { withoutDisowned } from './disowned.js';
import { believed, disbelieved, holdVersion, judgeRead, logFindings } from './health.js';
import { type Read, type ReadDeps, readFeed } from './read.js';
import { findSource, type Source, type SourceDeps } from './source.js';
import { type VantageDeps, withSecondVantage } from './vantage.js';
import { describeOtherBytes, describeUntold, holdFile } from './version-in-file.js';

const Input = z.strictObject({ productId: z.string().min(1).max(200), syncId: z.string().min(1).max(200) });
export type FeedsInput = z.infer<typeof Input>;

export interface FeedsDeps extends SourceDeps, VantageDeps, ReadDeps {}

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
      const disowned = await readDisowned(deps.ledger, source.product.id);
      const recorded = await deps.ledger.releaseVersions(source.product.id);
      const versions = withoutDisowned(recorded, disowned, source.scheme);
      const newest = await newestKnown(deps, source, versions);
      const known = newest?.release ?? null;
      const read = await readFeed(deps, source, { known, disowned }, context);
      const shown = read.answer?.newest ?? known;
      const acquired = await installersOf(deps, source, shown);
      const now = deps.clock.now();
      const untold = holdUntold(source, read, context, now);
      if (untold !== null) return untold;
      const { findings, doubt } = await judgeRead(deps.ledger, source, read, {
        known: versions,
        acquired,
        now,
      });
      if (read.answer !== null && doubt !== null) {
        keepState(disbelieved(read, findings), context, now);
        return refuse(source, read.answer, { doubt, acquired }, { context, now });
      }
      const release = shown && (await withSecondVantage(deps, source, shown, context));
      keepState(believed(read, source, { findings, release, acquired, now }), context, now);
      if (release === null) return { outcome: 'unchanged', reason: UNCHANGED };
      await recordRelease(deps, source, { release, newest, now }, context);
      return goOn(
        source,
        release,
        acquired,
        read.answer === null ? UNCHANGED : 'the feed shows nothing newer',
      );
    },
  };
}

function holdUntold(source: Source, read: Read, context: StageContext, now: Date): StageResult | null {
  if (read.untold === null) return null;
  const doubt = describeUntold(source, read.untold);
  const state = disbelieved(read, read.before?.health?.findings ?? []);
  keepState({ ...state, lastError: doubt.reason }, context, now);
  return holdFile(source, doubt, { context, now });
}

function refuse(
  source: Source,
  answer: FeedAnswer,
  { doubt, acquired }: { readonly doubt: FeedFinding; readonly acquired: readonly InstallerRecord[] },
  turn: { readonly context: StageContext; readonly now: Date },
): StageResult {
  if (doubt.kind === 'went-backwards') return { outcome: 'unchanged', reason: doubt.reason };
  if (doubt.kind !== 'digest-changed') return holdVersion(source, answer, doubt, turn);
  return holdFile(source, describeOtherBytes(answer.newest, { acquired, finding: doubt }), turn);
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
async function newestKnown(
  { ledger }: FeedsDeps,
  { product, scheme }: Source,
  releases: readonly Pick<ReleaseRecord, 'version'>[],
): Promise<ReleaseRecord | null> {
  const [newest] = releases.map(({ version }) => version).sort((a, b) => scheme.compare(b, a));
  return newest === undefined ? null : ledger.release(product.id, newest);
}

async function installersOf(
  { ledger }: FeedsDeps,
  { product }: Source,
  release: Release | null,
): Promise<readonly InstallerRecord[]> {
  if (release === null) return [];
  const variants = new Set(product.installers.map(variantOf));
  const found = await ledger.installers(product.id, release.version);
  return found.filter(({ variant }) => variants.has(variant));
}

function keepState(state: FeedStateRecord, context: StageContext, now: Date): void {
  logFindings(context, state, now);
  context.record((ledger) => ledger.putFeedState(state));
}

/** The time a release was first seen stays; one that says what it said is not written again. */
async function recordRelease(
  { ledger }: FeedsDeps,
  { product }: Source,
  seen: { readonly release: Release; readonly newest: ReleaseRecord | null; readonly now: Date },
  context: StageContext,
): Promise<void> {
  const { release, newest, now } = seen;
  const { version } = release;
  const before = newest?.version === version ? newest : await ledger.release(product.id, version);
  if (before !== null && isDeepStrictEqual(before.release, release)) return;
  const seenAt = before?.seenAt ?? now.toISOString();
  context.record((tx) => tx.putRelease({ productId: product.id, version, seenAt, release }));
}

/**
 * Every variant without an installer, also one that the definition has gained since. What was held or failed is tried
 * again, now that the release says what the feed says.
 */
function goOn(
  { product }: Source,
  { version }: Release,
  acquired: readonly InstallerRecord[],
  reason: string,
): StageResult {
  const done = new Set(acquired.map(({ variant }) => variant));
  const next = product.installers
    .map(variantOf)
    .filter((variant) => !done.has(variant))
    .map((variant): NextJob => {
      const input = { productId: product.id, version, variant };
      return { stage: 'releases', input, again: 'when-finished' };
    });
  if (next.length > 0) return { outcome: 'advanced', next, summary: `release ${version}` };
  return { outcome: 'unchanged', reason: `${reason}; ${version} was acquired before` };
}
