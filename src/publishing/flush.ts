import type { Mirror } from '../core/mirror.js';
import type { Clock } from '../core/ports.js';
import type { CatalogRevisionRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { type CatalogOptions, planCatalog } from './configmgr-catalog/build.js';
import { type CabinetDeps, makeSignedCabinet } from './configmgr-catalog/cabinet.js';
import type { EntryDeps } from './configmgr-catalog/entry.js';
import { TARGET } from './jobs.js';
import { digestOf, type Members, memberList, readMembers } from './members.js';
import { answerResign, wantedResign } from './resign.js';
import { switchCatalog } from './switch.js';

export interface FlushDeps extends EntryDeps, CabinetDeps, CatalogOptions {
  readonly clock: Clock;
  /** At most one new revision of the catalog in this time; 0: as soon as something is pending. */
  readonly flushIntervalMs: number;
  /** Null: catalog and content are served by this service itself. */
  readonly mirror: Mirror | null;
}

/**
 * Brings everything that is pending into one new revision of the catalog. Nothing is visible until the ledger names the
 * finished cabinet, in one transaction with all that follows from it. What is made on the way, or for a revision that is
 * not to be, is set aside.
 */
export async function flush(deps: FlushDeps, context: StageContext): Promise<StageResult> {
  const isMirrored = deps.mirror !== null;
  const latest = await deps.ledger.latestCatalogRevision(TARGET);
  const earliest = earliestAfter(latest, deps.flushIntervalMs);
  if (earliest > deps.clock.now().getTime()) {
    return { outcome: 'waiting', until: new Date(earliest), reason: 'the catalog was changed a moment ago' };
  }
  const members = await readMembers(deps, latest);
  for (const { packageId, reason } of members.refused) {
    context.log.warn({ packageId, reason }, 'update left out of the catalog');
  }
  const resign = await wantedResign(deps.ledger);
  const unchanged = resign === null ? whyUnchanged(members, latest) : whyEmpty(members);
  if (unchanged !== null) {
    context.record(async (ledger) => {
      if (resign !== null) await answerResign(ledger, resign);
      await switchCatalog(ledger, { members, catalog: latest, now: deps.clock.now(), isMirrored });
    });
    return { outcome: 'unchanged', reason: unchanged };
  }
  const made = new Set<string>();
  context.recordAnyway((ledger) => ledger.setAside([...made], deps.clock.now()));
  const catalog = await makeRevision(deps, members, latest, (sha256) => made.add(sha256));
  made.delete(catalog.cabSha256);
  context.record(async (ledger) => {
    await ledger.putCatalogRevision(catalog);
    if (resign !== null) await answerResign(ledger, resign);
    await switchCatalog(ledger, { members, catalog, now: new Date(catalog.createdAt), isMirrored });
  });
  const summary = `catalog revision ${catalog.number} with ${catalog.members.length} updates`;
  return { outcome: 'advanced', next: [], summary };
}

function earliestAfter(latest: CatalogRevisionRecord | null, intervalMs: number): number {
  return latest === null || intervalMs === 0 ? 0 : Date.parse(latest.createdAt) + intervalMs;
}

function whyEmpty({ entries }: Members): string | null {
  return entries.length === 0 ? 'there is nothing to publish' : null;
}

function whyUnchanged(members: Members, latest: CatalogRevisionRecord | null): string | null {
  const { entries } = members;
  const empty = whyEmpty(members);
  if (empty !== null) return empty;
  if (latest === null || digestOf(memberList(entries)) !== latest.membersSha256) return null;
  return `catalog revision ${latest.number} has these updates already`;
}

async function makeRevision(
  deps: FlushDeps,
  { entries }: Members,
  latest: CatalogRevisionRecord | null,
  onMade: (sha256: string) => void,
): Promise<CatalogRevisionRecord> {
  const cabSha256 = await makeSignedCabinet(
    deps,
    planCatalog(entries, deps, (sha256) => deps.content.pathOf(sha256)),
    entries.map(({ attestation }) => attestation),
    onMade,
  );
  const members = memberList(entries);
  return {
    target: TARGET,
    number: (latest?.number ?? 0) + 1,
    cabSha256,
    membersSha256: digestOf(members),
    members,
    createdAt: deps.clock.now().toISOString(),
  };
}
