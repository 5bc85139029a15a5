import { type Hop, hopsIn } from '../core/hops.js';
import type { QueueCounts } from '../core/ports.js';
import { type ProductDefinition, variantOf } from '../core/product.js';
import {
  type CanaryAnswer,
  type CanaryRole,
  type ContentWish,
  contentWishOf,
  type LifecycleState,
  type ProofKind,
  type Route,
  type SideState,
} from '../core/publication.js';
import type { PublicationRecord, UpdateRecord, WorkRecord } from '../core/records.js';
import type { StageName } from '../core/stage.js';
import type { VocabularyGauge } from '../core/vocabulary.js';
import { whyNotSynced } from './choose-products.js';
import type { OperationsDeps } from './deps.js';
import { keyOf, readStanding, type Standing } from './standing.js';
import { isAbout, type SubjectOf } from './trouble.js';
import { createVocabularyGauge } from './vocabulary.js';

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
  /** `metadata`: it is published without content, and no client can install it. Null: nothing is published. */
  readonly content: ContentWish | null;
  /** When it came to each hop that it has reached; with the vendor's release once it is verified. */
  readonly hops: readonly Hop[];
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
  /** How many vendors and products the catalogs bring to an update server, which breaks with many. */
  readonly vocabulary: VocabularyGauge;
}

export async function overview(
  deps: OperationsDeps,
  gauge: () => Promise<VocabularyGauge> = createVocabularyGauge(deps),
): Promise<Overview> {
  const [facts, catalog, vocabulary] = await Promise.all([
    readStanding(deps, deps.products.all()),
    deps.ledger.latestCatalogRevision(deps.target),
    gauge(),
  ]);
  return {
    rows: deps.products.all().flatMap((product) => rowsOf(deps, product, facts)),
    queues: await deps.queue.counts().catch(() => null),
    definitionFaults: deps.products.faults(),
    unfinished: facts.unfinished,
    catalog:
      catalog === null
        ? null
        : { revision: catalog.number, cabSha256: catalog.cabSha256, createdAt: catalog.createdAt },
    vocabulary,
  };
}

/** The rows of one product, without reading the definitions of all others. */
export async function rowsOfProduct(
  deps: OperationsDeps,
  product: ProductDefinition | null,
): Promise<readonly OverviewRow[]> {
  return product === null ? [] : rowsOf(deps, product, await readStanding(deps, [product]));
}

/** A product without an installer is listed too: it is known, and the definition says what it lacks. */
function rowsOf(deps: OperationsDeps, product: ProductDefinition, facts: Standing): readonly OverviewRow[] {
  const whyNot = whyNotSynced(deps, product);
  const variants = product.installers.length === 0 ? [NO_VARIANT] : product.installers.map(variantOf);
  return variants.map((variant) => describeVariant(deps, variantFacts(facts, product, variant), whyNot));
}

const NO_VARIANT = '-';

interface VariantFacts {
  readonly product: { readonly id: string; readonly name: string };
  readonly variant: string;
  readonly update: UpdateRecord | undefined;
  readonly publication: PublicationRecord | null;
  /** What is under way or will be tried again, the oldest first. */
  readonly open: readonly WorkRecord[];
  /** What stopped, the oldest first. */
  readonly trouble: readonly WorkRecord[];
  /** What the whole catalog stopped at. */
  readonly sharedTrouble: readonly WorkRecord[];
  readonly seen: { readonly version: string; readonly seenAt: string } | undefined;
  readonly subjectOf: SubjectOf;
  readonly isAcquired: (version: string) => boolean;
}

function variantFacts(facts: Standing, product: ProductDefinition, variant: string): VariantFacts {
  const { id } = product;
  const update = facts.updates.get(keyOf(id, variant));
  const about = (work: readonly WorkRecord[] = []) =>
    work.filter((one) => isAbout(facts.subjectOf(one), id, variant));
  return {
    product,
    variant,
    update,
    publication: facts.publications.get(update?.packageId ?? '') ?? null,
    open: about(facts.open.get(id)),
    trouble: about(facts.trouble.get(id)),
    sharedTrouble: facts.trouble.get(null) ?? [],
    seen: facts.seen.get(id),
    subjectOf: facts.subjectOf,
    isAcquired: (version) => facts.acquired.has(keyOf(id, variant, version)),
  };
}

function describeVariant(deps: OperationsDeps, facts: VariantFacts, whyNot: string | null): OverviewRow {
  const { update, publication } = facts;
  const waitsForCatalog = publication?.state === 'pending' && publication.target === deps.target;
  const trouble = latestTrouble(facts, waitsForCatalog);
  const troubled = trouble === null ? null : facts.subjectOf(trouble).version;
  const version = troubled ?? update?.version ?? lastVersion(facts);
  const aboutNewer = troubled !== null && troubled !== update?.version;
  const shown = aboutNewer ? undefined : update;
  const pause = trouble === null ? latestPause(facts, version) : null;
  const reached = reachedState(facts, version, shown, aboutNewer ? null : publication);
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
    reason: trouble?.reason ?? pause?.reason ?? publication?.reason ?? whyKnownOnly(whyNot, reached),
    nextStep: trouble?.nextStep ?? pause?.nextStep ?? howToPromote(aboutNewer ? null : publication),
    proof: shown === undefined ? null : (publication?.proof ?? null),
    clients: shown === undefined ? null : (publication?.clients ?? null),
    catalogRevision: shown === undefined ? null : (publication?.catalogRevision ?? null),
    content: shown === undefined || publication === null ? null : contentWishOf(publication),
    hops: shown === undefined ? [] : hopsIn({ built: shown.createdAt, ...publication?.reachedAt }),
    startedAt: publication?.startedAt ?? firstSeen(facts),
    changedAt: publication?.changedAt ?? trouble?.changedAt ?? null,
  };
}

/** Metadata alone rests once the site shows it, until a person promotes it. */
function howToPromote(publication: PublicationRecord | null): string | null {
  const isAtRest = publication?.state === 'visible' && contentWishOf(publication) === 'metadata';
  return isAtRest ? `patchpress promote ${publication.packageId}, where clients need it` : null;
}

function whyKnownOnly(whyNot: string | null, reached: OverviewRow['reached']): string | null {
  return whyNot === null || reached !== 'known' ? null : `known only: ${whyNot}`;
}

/**
 * What the line stopped at last, for this variant or for the whole product; for an update that waits for the catalog also
 * what the catalog stopped at.
 */
function latestTrouble({ trouble, sharedTrouble }: VariantFacts, isPending: boolean): WorkRecord | null {
  const all = isPending ? [...trouble, ...sharedTrouble] : trouble;
  return all.reduce<WorkRecord | null>(
    (latest, one) => (latest === null || one.id > latest.id ? one : latest),
    null,
  );
}

/** What waits or will be tried again, of the version that is shown: why it does, also while it is looked at anew. */
function latestPause(
  { open, subjectOf }: VariantFacts,
  version: string | null,
): Pick<WorkRecord, 'code' | 'reason' | 'nextStep'> | null {
  const pause = open.findLast((one) => {
    const about = subjectOf(one).version;
    return one.reason !== null && (about === null || about === version);
  });
  if (pause === undefined) return null;
  return { ...pause, code: pause.code === 'waiting' ? null : pause.code };
}

/** When the line began with what is not published yet. */
function firstSeen({ open, trouble, variant, seen }: VariantFacts): string | null {
  const first = [...open, ...trouble]
    .filter((one) => one.variant === variant)
    .map(({ createdAt }) => createdAt)
    .sort()[0];
  return first ?? seen?.seenAt ?? null;
}

function lastVersion({ open, seen }: VariantFacts): string | null {
  return open.findLast((one) => one.version !== null)?.version ?? seen?.version ?? null;
}

function reachedState(
  { isAcquired }: VariantFacts,
  version: string | null,
  update: UpdateRecord | undefined,
  publication: PublicationRecord | null,
): OverviewRow['reached'] {
  if (publication !== null && publication.state !== 'pending') return publication.state;
  if (update !== undefined) return 'proven';
  if (version === null) return 'known';
  return isAcquired(version) ? 'acquired' : 'seen';
}
