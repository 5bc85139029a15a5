import { chooseInterval } from '../core/cadence.js';
import type { ProductDefinition } from '../core/product.js';
import type { DueTimeRecord, WorkRecord } from '../core/records.js';
import {
  type CronTimes,
  nextOnGrid,
  planCatchUp,
  type ScheduleRule,
  scheduleRuleFor,
  spreadAfter,
} from '../core/schedule.js';
import { syncedProducts } from './choose-products.js';
import type { OperationsDeps } from './deps.js';
import { feedsJob, isRetried, retry } from './sync.js';
import { readOpenTrouble } from './trouble.js';

export interface ScheduledDeps extends OperationsDeps {
  readonly rules: readonly ScheduleRule[];
  /** The first time of a cron expression after `after`. PermanentError `configuration.invalid`. */
  readonly nextCronTime: (times: CronTimes, after: Date) => Date;
}

/** The lease under which the schedule's effects are written. */
export interface Lead {
  readonly name: string;
  readonly token: number;
}

/** What is due is asked in batches of this size, each in one short transaction. */
export const MOST_DUE_AT_ONCE = 250;
/** A time that passed so long ago was missed: nobody led the schedule. */
const MISSED_AFTER_MS = 5 * 60_000;
/** What a person must decide is fetched again no more often than this, and work that stopped is not tried sooner. */
const TROUBLED_MINUTES = 240;
const RETRY_AFTER_MS = 60 * 60_000;
/** The turns of a feed are told so long; the newest one of each product stays. */
const KEEP_TURNS_MS = 7 * 86_400_000;

/**
 * For whoever takes the lead: every product that is synchronised gets its time by the rule of today, the others lose
 * theirs. What was missed while nobody led, and what is new, is asked once, spread.
 */
export async function settleSchedule(deps: ScheduledDeps, lead: Lead): Promise<void> {
  const now = deps.clock.now();
  const products = syncedProducts(deps);
  const before = new Map((await deps.ledger.dueTimes()).map((record) => [record.productId, record]));
  const isCaughtUp = (product: ProductDefinition) =>
    needsCatchUp(before.get(product.id), scheduleRuleFor(product, deps.rules), now);
  const catchUp = planCatchUp(
    products.filter(isCaughtUp).map(({ id }) => id),
    now,
  );
  const records = products.flatMap((product): readonly DueTimeRecord[] => {
    const rule = scheduleRuleFor(product, deps.rules);
    const known = before.get(product.id);
    const facts = { askedAt: known?.askedAt ?? null, releases: [], now };
    const soon = catchUp.get(product.id);
    if (soon === undefined && known?.rule === describeRule(rule)) return [];
    return [dueRecord(product.id, rule, facts.askedAt, soon ?? nextTime(deps, product.id, rule, facts))];
  });
  const wanted = new Set(products.map(({ id }) => id));
  await deps.ledger.transaction(async (ledger) => {
    await ledger.requireLease(lead.name, lead.token);
    await ledger.putDueTimes(records);
    await ledger.dropDueTimes([...before.keys()].filter((id) => !wanted.has(id)));
    await ledger.forgetWork('feeds', new Date(now.getTime() - KEEP_TURNS_MS));
  });
}

/**
 * A product under a cron rule that is new waits for its first time; another one is asked soon. So is one that was asked at
 * a time which has not come yet: the clock ran ahead, and what it gave may be years away.
 */
function needsCatchUp(record: DueTimeRecord | undefined, rule: ScheduleRule, now: Date): boolean {
  if (record === undefined) return !('cron' in rule);
  if (Date.parse(record.askedAt ?? '') > now.getTime() + MISSED_AFTER_MS) return true;
  return record.rule === describeRule(rule) && Date.parse(record.dueAt) < now.getTime() - MISSED_AFTER_MS;
}

/**
 * Asks the feeds of what is due, at most `MOST_DUE_AT_ONCE`, and gives each its next time; what stopped a while ago is
 * tried again with it. Returns how many were due. A feed that is still being asked is left to go on.
 */
export async function askDue(deps: ScheduledDeps, lead: Lead): Promise<number> {
  const now = deps.clock.now();
  const due = (await deps.ledger.dueBefore(now, MOST_DUE_AT_ONCE)).map(({ productId }) => productId);
  if (due.length === 0) return 0;
  const products = due.map((id) => deps.products.get(id)).filter((product) => product !== null);
  const ids = products.map(({ id }) => id);
  const [asking, trouble, releases] = await Promise.all([
    stillAsking(deps, ids),
    readOpenTrouble(deps.ledger, ids),
    releaseTimes(deps, ids),
  ]);
  const troubled = new Set(trouble.work.map((work) => trouble.subjectOf(work).product));
  const next = products.map((product) => {
    const rule = scheduleRuleFor(product, deps.rules);
    const facts = { releases: releases.get(product.id) ?? [], now, isTroubled: troubled.has(product.id) };
    return dueRecord(product.id, rule, now.toISOString(), nextTime(deps, product.id, rule, facts));
  });
  const syncId = `${now.toISOString()}-schedule`;
  const jobs = ids.filter((id) => !asking.has(id)).map((id) => feedsJob(deps, id, syncId));
  await deps.ledger.transaction(async (ledger) => {
    await ledger.requireLease(lead.name, lead.token);
    await ledger.enqueueNew(jobs, now);
    await ledger.putDueTimes(next);
    await ledger.dropDueTimes(due.filter((id) => !ids.includes(id)));
    await retry(ledger, trouble.work.filter(stoppedBefore(new Date(now.getTime() - RETRY_AFTER_MS))), now);
  });
  deps.onEnqueued();
  return due.length;
}

function stoppedBefore(time: Date): (work: WorkRecord) => boolean {
  return (work) => isRetried(work) && work.changedAt < time.toISOString();
}

async function stillAsking(
  { ledger }: ScheduledDeps,
  products: readonly string[],
): Promise<ReadonlySet<string>> {
  const open = await ledger.work({ states: ['ready', 'running', 'waiting'], products });
  return new Set(open.filter(({ stage }) => stage === 'feeds').map(({ product }) => product ?? ''));
}

/** When each product released: as the vendor says; else, or where that is no time, when it was first seen. */
async function releaseTimes(
  { ledger }: ScheduledDeps,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Date[]>> {
  const times = new Map<string, Date[]>();
  for (const { productId, release, seenAt } of await ledger.releasesOf(productIds)) {
    const stated = Date.parse(release.publishedAt ?? '');
    const time = new Date(Number.isNaN(stated) ? seenAt : stated);
    times.set(productId, [...(times.get(productId) ?? []), time]);
  }
  return times;
}

function dueRecord(
  productId: string,
  rule: ScheduleRule,
  askedAt: string | null,
  dueAt: Date,
): DueTimeRecord {
  return { productId, dueAt: dueAt.toISOString(), askedAt, rule: describeRule(rule) };
}

interface DueFacts {
  readonly releases: readonly Date[];
  readonly now: Date;
  readonly isTroubled?: boolean;
}

function nextTime(
  deps: ScheduledDeps,
  productId: string,
  rule: ScheduleRule,
  { now, releases, isTroubled = false }: DueFacts,
): Date {
  if ('cron' in rule) {
    const time = deps.nextCronTime(rule, now);
    return spreadAfter(productId, time, deps.nextCronTime(rule, time), rule.spreadMinutes);
  }
  const minutes = chooseInterval(releases, now, rule.adaptive);
  return nextOnGrid(productId, now, isTroubled ? Math.max(minutes, TROUBLED_MINUTES) : minutes);
}

/** In words, kept with the time that it gave. */
export function describeRule(rule: ScheduleRule): string {
  if ('cron' in rule) return `cron ${rule.cron} ${rule.timezone}, spread over ${rule.spreadMinutes} min`;
  const { shortestMinutes, longestMinutes } = rule.adaptive;
  return `by the vendor's rhythm, every ${shortestMinutes} to ${longestMinutes} min`;
}
