import { describeFault } from '../core/errors.js';
import type { Clock, ContentStore, Ledger, Log } from '../core/ports.js';
import type { TargetName } from '../core/publication.js';
import type { CatalogRevisionRecord } from '../core/records.js';
import { isForgettable, type RetentionRule } from '../core/retention.js';
import type { Lead } from './scheduled.js';

export interface RetainDeps {
  readonly ledger: Ledger;
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly target: TargetName;
  readonly rule: RetentionRule;
}

const LOOKED_AT = 'retention.looked-at';
const LOOK_EVERY_MS = 3_600_000;
/** What was set aside may be in a turn that runs, or be served: nothing that was touched within a day is removed. */
const GRACE_MS = 86_400_000;
/** Of each, in one look; what is left is for the next. */
const MOST = 100;

/**
 * Forgets revisions of the catalog that need not be kept any more, and removes objects that were set aside and that no
 * record names. The ledger forgets first: a look that breaks off leaves an object, never a revision without its cabinet.
 */
export async function retain(deps: RetainDeps, lead: Lead): Promise<void> {
  const now = deps.clock.now();
  const sinceMs = now.getTime() - Date.parse((await deps.ledger.setting(LOOKED_AT)) ?? '');
  if (sinceMs >= 0 && sinceMs < LOOK_EVERY_MS) return;
  const forgotten = await selectForgettable(deps, now);
  await deps.ledger.transaction(async (ledger) => {
    await ledger.requireLease(lead.name, lead.token);
    await ledger.putSetting(LOOKED_AT, now.toISOString());
    const last = forgotten.at(-1);
    if (last === undefined) return;
    await ledger.forgetCatalogRevisions(deps.target, last.number);
    await ledger.setAside(
      forgotten.map(({ cabSha256 }) => cabSha256),
      now,
    );
  });
  if (forgotten.length > 0) deps.log.info({ revisions: forgotten.length }, 'catalog revisions forgotten');
  await removeSetAside(deps, now);
}

/** Revisions follow each other in number and time, so the forgettable ones are the first; one row is read at a time. */
async function selectForgettable(
  { ledger, target, rule }: RetainDeps,
  now: Date,
): Promise<readonly CatalogRevisionRecord[]> {
  const forgotten: CatalogRevisionRecord[] = [];
  const latest = await ledger.latestCatalogRevision(target);
  let one = await ledger.firstCatalogRevision(target);
  while (latest !== null && one !== null && forgotten.length < MOST) {
    const next = await ledger.catalogRevision(target, one.number + 1);
    if (next === null) break;
    const { number } = one;
    if (!isForgettable({ number, stoodUntil: next.createdAt }, latest.number, rule, now)) break;
    forgotten.push(one);
    one = next;
  }
  return forgotten;
}

async function removeSetAside({ ledger, content, log }: RetainDeps, now: Date): Promise<void> {
  const before = new Date(now.getTime() - GRACE_MS);
  const settled: string[] = [];
  for (const sha256 of await ledger.setAsideBefore(before, MOST)) {
    try {
      if ((await ledger.isNamed(sha256)) || (await content.remove(sha256, before))) settled.push(sha256);
    } catch (error) {
      log.warn({ sha256, error: describeFault(error) }, 'object that nobody needs cannot be removed');
    }
  }
  await ledger.transaction((tx) => tx.dropSetAside(settled));
}
