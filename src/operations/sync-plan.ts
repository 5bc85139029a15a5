import { type Policy, publishRuleFor } from '../core/decide.js';
import { describeFault } from '../core/errors.js';
import type { ProductDefinition } from '../core/product.js';
import type { DueTimeRecord, FeedStateRecord } from '../core/records.js';
import type { NextJob, StageResult } from '../core/stage.js';
import { chooseProducts, type ProductChoice, whyNotSynced } from './choose-products.js';
import type { OperationsDeps } from './deps.js';

export interface SyncPlanRequest extends ProductChoice {
  /** Also asks the feeds, politely as ever, and tells what they show; nothing of it is kept. */
  readonly ask?: boolean;
}

/** What a sync would ask of one product, why, and what would follow. */
export interface PlannedProduct {
  readonly productId: string;
  readonly vendor: string;
  readonly tier: ProductDefinition['tier'];
  /** Of the vendor's own feed. */
  readonly feedType: string | null;
  readonly why: string;
  /** When the schedule asks; null: it does not. */
  readonly nextDueAt: string | null;
  readonly rule: string | null;
  readonly lastAskedAt: string | null;
  readonly lastGoodAt: string | null;
  readonly lastError: string | null;
  /** What lets the vendor answer that nothing has changed. */
  readonly validators: readonly ('etag' | 'last-modified')[];
  readonly knownVersion: string | null;
  /** What would become of a version that is new. */
  readonly onNewVersion: string;
  /** What the feed showed just now; null: it was not asked. */
  readonly found: FoundNow | null;
}

export interface FoundNow {
  readonly version: string | null;
  readonly isNew: boolean;
  readonly outcome: StageResult['outcome'] | 'failed';
  readonly reason: string | null;
}

export interface SyncPlan {
  readonly at: string;
  readonly products: readonly PlannedProduct[];
}

const ASKED_AT_ONCE = 8;
const VENDORS_OWN_FEED = 0;

/** Says what a sync would do and changes nothing. */
export async function planSync(deps: OperationsDeps, request: SyncPlanRequest): Promise<SyncPlan> {
  const products = chooseProducts(deps, request);
  const [due, states, seen] = await Promise.all([
    deps.ledger.dueTimes(),
    deps.ledger.feedStates(),
    deps.ledger.newestReleases(),
  ]);
  const ownStates = states.filter(({ feedIndex }) => feedIndex === VENDORS_OWN_FEED);
  const dueOf = byProduct(due);
  const stateOf = byProduct(ownStates);
  const seenOf = byProduct(seen);
  const now = deps.clock.now();
  const rehearse = request.ask === true ? (deps.rehearse ?? null) : null;
  const describe = async (product: ProductDefinition): Promise<PlannedProduct> => {
    const { id, vendor, tier, feeds } = product;
    const [dueTime, state] = [dueOf.get(id), stateOf.get(id)];
    const knownVersion = seenOf.get(id)?.version ?? null;
    return {
      productId: id,
      vendor,
      tier,
      feedType: feeds[VENDORS_OWN_FEED]?.type ?? null,
      why: whyAsked(dueTime, whyNotSynced(deps, product), now),
      nextDueAt: dueTime?.dueAt ?? null,
      rule: dueTime?.rule ?? null,
      lastAskedAt: dueTime?.askedAt ?? null,
      lastGoodAt: state?.lastGoodAt ?? null,
      lastError: state?.lastError ?? null,
      validators: validatorsOf(state),
      knownVersion,
      onNewVersion: whatFollows(product, deps.policy),
      found: rehearse === null ? null : await askNow(deps, rehearse, id, knownVersion),
    };
  };
  return { at: now.toISOString(), products: await inTurns(products, ASKED_AT_ONCE, describe) };
}

function byProduct<T extends { readonly productId: string }>(records: readonly T[]): ReadonlyMap<string, T> {
  return new Map(records.map((record) => [record.productId, record]));
}

function whyAsked(due: DueTimeRecord | undefined, whyNot: string | null, now: Date): string {
  if (whyNot !== null) return `named; by itself it is not synchronised: ${whyNot}`;
  if (due === undefined) return 'never scheduled yet';
  if (due.dueAt <= now.toISOString()) return `due since ${due.dueAt}`;
  return due.askedAt === null ? `never asked; due at ${due.dueAt}` : `due at ${due.dueAt}`;
}

function validatorsOf(state: FeedStateRecord | undefined): PlannedProduct['validators'] {
  return [
    ...(state?.etag ? (['etag'] as const) : []),
    ...(state?.lastModified ? (['last-modified'] as const) : []),
  ];
}

function whatFollows(product: ProductDefinition, policy: Policy): string {
  const acquired = 'acquired, inspected, built and proven';
  const wait = (policy.delayHours ?? 0) > 0 ? ` when it is ${policy.delayHours} h old` : '';
  switch (publishRuleFor(product, policy)) {
    case 'automatic':
      return `${acquired}, then published by itself${wait}`;
    case 'approval':
      return `${acquired}, then held until a person approves it`;
    case 'never':
      return `${acquired}, then held: the policy never publishes it`;
  }
}

/** The feeds stage as it would run, without its effects. */
async function askNow(
  { describeWork }: OperationsDeps,
  rehearse: (job: NextJob) => Promise<StageResult>,
  productId: string,
  known: string | null,
): Promise<FoundNow> {
  const job: NextJob = { stage: 'feeds', input: { productId, syncId: 'dry-run' } };
  try {
    const result = await rehearse(job);
    const next = 'next' in result ? (result.next ?? []) : [];
    const version = next.map((one) => describeWork(one).version).find((one) => one !== null) ?? null;
    const reason = result.outcome === 'advanced' ? (result.summary ?? null) : result.reason;
    return { version, isNew: version !== null && version !== known, outcome: result.outcome, reason };
  } catch (error) {
    return { version: null, isNew: false, outcome: 'failed', reason: describeFault(error) };
  }
}

/** In their order, at most so many at once. */
async function inTurns<In, Out>(
  items: readonly In[],
  atOnce: number,
  work: (item: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const results: Out[] = [];
  const waiting = items.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, item] of waiting) results[index] = await work(item);
    }),
  );
  return results;
}
