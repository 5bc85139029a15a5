import type { LedgerReader, QueueCounts } from '../core/ports.js';
import { variantOf } from '../core/product.js';
import {
  type CanaryAnswer,
  type CanaryRole,
  type LifecycleState,
  type ProofKind,
  type Route,
  type SideState,
  TARGETS,
} from '../core/publication.js';
import type { PublicationRecord, UpdateRecord, WorkRecord } from '../core/records.js';
import type { StageName } from '../core/stage.js';
import type { OperationsDeps } from './deps.js';
import { isAbout, openTrouble, type SubjectOf, subjectsFrom } from './trouble.js';

/** One line of the dashboard and of `patchpress status`: how far one variant of one product has come, and why it stands. */
export interface OverviewRow {
  readonly productId: string;
  readonly productName: string;
  /** Null while no release was read. */
  readonly version: string | null;
  readonly variant: string;
  readonly packageId: string | null;
  readonly revision: number | null;
  readonly route: Route | null;
  /** Why it has this route, in plain words. */
  readonly routeReason: string | null;
  readonly state: LifecycleState | SideState | 'known' | 'superseded' | 'expired';
  /** The hop that was reached, also while a side state stands. */
  readonly reached: LifecycleState | 'known' | 'superseded' | 'expired';
  readonly code: string | null;
  readonly reason: string | null;
  readonly nextStep: string | null;
  readonly proof: ProofKind | null;
  readonly clients: Readonly<Record<CanaryRole, CanaryAnswer>> | null;
  readonly catalogRevision: number | null;
  readonly startedAt: string | null;
  readonly changedAt: string | null;
}

export interface Overview {
  readonly rows: readonly OverviewRow[];
  /** Null while the queue is out of reach. */
  readonly queues: Readonly<Record<StageName, QueueCounts>> | null;
  readonly definitionFaults: readonly { readonly path: string; readonly message: string }[];
  /** Unfinished work: 0 means that the line has come to rest. */
  readonly unfinished: number;
  readonly catalog: {
    readonly revision: number;
    readonly cabSha256: string;
    readonly createdAt: string;
  } | null;
}

export async function overview(deps: OperationsDeps): Promise<Overview> {
  const [updates, publications, work, catalog] = await Promise.all([
    deps.ledger.updates(),
    allPublications(deps.ledger),
    deps.ledger.work(),
    deps.ledger.latestCatalogRevision(deps.target),
  ]);
  const subjectOf = subjectsFrom(updates);
  const trouble = openTrouble(work, subjectOf);
  const rows: OverviewRow[] = [];
  for (const product of deps.products.all()) {
    for (const installer of product.installers) {
      const variant = variantOf(installer);
      rows.push(
        await describeVariant(deps, { product, variant, updates, publications, work, trouble, subjectOf }),
      );
    }
  }
  return {
    rows,
    queues: await deps.queue.counts().catch(() => null),
    definitionFaults: deps.products.faults(),
    unfinished: work.filter(
      (one) => one.state === 'ready' || one.state === 'running' || one.state === 'waiting',
    ).length,
    catalog:
      catalog === null
        ? null
        : { revision: catalog.number, cabSha256: catalog.cabSha256, createdAt: catalog.createdAt },
  };
}

/** At whichever target: an update is at one only. */
async function allPublications(ledger: LedgerReader): Promise<readonly PublicationRecord[]> {
  return (await Promise.all(TARGETS.map((target) => ledger.publications(target)))).flat();
}

interface VariantFacts {
  readonly product: { readonly id: string; readonly name: string };
  readonly variant: string;
  readonly updates: readonly UpdateRecord[];
  readonly publications: readonly PublicationRecord[];
  readonly work: readonly WorkRecord[];
  readonly trouble: readonly WorkRecord[];
  readonly subjectOf: SubjectOf;
}

async function describeVariant(deps: OperationsDeps, facts: VariantFacts): Promise<OverviewRow> {
  const update = facts.updates
    .filter((one) => one.productId === facts.product.id && one.variant === facts.variant)
    .at(-1);
  const publication = facts.publications.find((one) => one.packageId === update?.packageId) ?? null;
  const waitsForCatalog = publication?.state === 'pending' && publication.target === deps.target;
  const trouble = latestTrouble(facts, waitsForCatalog);
  const troubled = trouble === null ? null : facts.subjectOf(trouble).version;
  const version = troubled ?? update?.version ?? lastVersion(facts);
  const aboutNewer = troubled !== null && troubled !== update?.version;
  const shown = aboutNewer ? undefined : update;
  const pause = trouble === null ? latestPause(facts, version) : null;
  const reached = await reachedState(deps, facts, version, shown, aboutNewer ? null : publication);
  return {
    productId: facts.product.id,
    productName: facts.product.name,
    version,
    variant: facts.variant,
    packageId: shown?.packageId ?? null,
    revision: shown === undefined ? null : (publication?.revision ?? null),
    route: shown?.route ?? null,
    routeReason: shown?.routeReason ?? null,
    state: trouble === null ? reached : (trouble.state as SideState),
    reached,
    code: trouble?.code ?? pause?.code ?? null,
    reason: trouble?.reason ?? pause?.reason ?? publication?.reason ?? null,
    nextStep: trouble?.nextStep ?? pause?.nextStep ?? null,
    proof: shown === undefined ? null : (publication?.proof ?? null),
    clients: shown === undefined ? null : (publication?.clients ?? null),
    catalogRevision: shown === undefined ? null : (publication?.catalogRevision ?? null),
    startedAt: publication?.startedAt ?? firstWork(facts)?.createdAt ?? null,
    changedAt: publication?.changedAt ?? trouble?.changedAt ?? null,
  };
}

/**
 * What the line stopped at last, for this variant or for the whole product; for an update that waits for the catalog also
 * what the catalog stopped at.
 */
function latestTrouble(
  { trouble, subjectOf, product, variant }: VariantFacts,
  isPending: boolean,
): WorkRecord | null {
  const mine = trouble.filter((one) => {
    const subject = subjectOf(one);
    return isAbout(subject, product.id, variant) || (isPending && subject.product === null);
  });
  return mine.at(-1) ?? null;
}

/** What waits or will be tried again, of the version that is shown: why it does, also while it is looked at anew. */
function latestPause(
  facts: VariantFacts,
  version: string | null,
): Pick<WorkRecord, 'code' | 'reason' | 'nextStep'> | null {
  const pause = workOf(facts).findLast((one) => {
    const isOpen = one.state === 'waiting' || one.state === 'ready' || one.state === 'running';
    const about = facts.subjectOf(one).version;
    return isOpen && one.reason !== null && (about === null || about === version);
  });
  if (pause === undefined) return null;
  return { ...pause, code: pause.code === 'waiting' ? null : pause.code };
}

function workOf({ work, subjectOf, product, variant }: VariantFacts): readonly WorkRecord[] {
  return work.filter((one) => isAbout(subjectOf(one), product.id, variant));
}

function firstWork(facts: VariantFacts): WorkRecord | undefined {
  return workOf(facts).find((one) => one.variant === facts.variant);
}

function lastVersion(facts: VariantFacts): string | null {
  return workOf(facts).findLast((one) => one.version !== null)?.version ?? null;
}

async function reachedState(
  deps: OperationsDeps,
  facts: VariantFacts,
  version: string | null,
  update: UpdateRecord | undefined,
  publication: PublicationRecord | null,
): Promise<OverviewRow['reached']> {
  if (publication !== null && publication.state !== 'pending') return publication.state;
  if (update !== undefined) return 'proven';
  if (version === null) return 'known';
  const installer = await deps.ledger.installer(facts.product.id, version, facts.variant);
  return installer === null ? 'seen' : 'acquired';
}
