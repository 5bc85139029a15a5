import { PermanentError, printable } from '../core/errors.js';
import { describeHealth } from '../core/feed-health/index.js';
import { type Hop, hopsIn, timesUntilBuilt } from '../core/hops.js';
import { aboutUpdate } from '../core/plan.js';
import type { ProductDefinition } from '../core/product.js';
import { type ContentWish, contentWishOf, TARGET_OF } from '../core/publication.js';
import type { PublicationRecord, UpdateRecord } from '../core/records.js';
import type { OperationsDeps } from './deps.js';
import { type OverviewRow, rowsOfProduct } from './overview.js';
import { tellAudit, tellProduct, tellUpdate } from './story.js';

/** One thing that happened, in a plain sentence. */
export interface StoryEvent {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly kind: 'release' | 'acquired' | 'decision' | 'revision' | 'publication' | 'work' | 'person';
  readonly text: string;
}

/** Why something stands where it stands, and how it came there. */
export interface Explanation {
  readonly subject: string;
  readonly about: string;
  /** One sentence for each variant: the state, the reason, the next step. */
  readonly standing: readonly string[];
  /** The update that was asked about; null: it was a product. */
  readonly update: UpdateRecord | null;
  /** What of the update is published; null: nothing, or it was a product. */
  readonly content: ContentWish | null;
  /** All that were built of the product, and of the variant where it was an update. */
  readonly updates: readonly UpdateRecord[];
  /** When the update came to each point of its way, from the vendor's release on; of a product: none. */
  readonly hops: readonly Hop[];
  /** The oldest first. */
  readonly story: readonly StoryEvent[];
}

/** The whole story of a product, or of one update by its PackageID. PermanentError `not-found`. */
export async function explain(deps: OperationsDeps, subject: string): Promise<Explanation> {
  const update = await deps.ledger.update(subject.toLowerCase());
  return update === null ? explainProduct(deps, subject) : explainUpdate(deps, update);
}

async function explainUpdate(deps: OperationsDeps, update: UpdateRecord): Promise<Explanation> {
  const { packageId, productId, variant } = update;
  const rows = await rowsOfProduct(deps, deps.products.get(productId));
  const row = rows.find((one) => one.packageId === packageId);
  const publication = await deps.ledger.publication(TARGET_OF[update.route], packageId);
  const events = [
    ...(await tellProduct(deps, productId, { version: update.version, variant })),
    ...(await tellUpdate(deps, update)),
    ...(await tellAudit(deps, [packageId, productId])),
  ];
  const standing =
    row !== undefined
      ? describeRow(row)
      : publication === null
        ? 'It was built, and is not published.'
        : sentence(`It is ${publication.state}`, publication.reason, null);
  return {
    subject: packageId,
    about: aboutUpdate(update),
    standing: [standing],
    update,
    content: publication === null ? null : contentWishOf(publication),
    updates: await deps.ledger.updates({ productId, variant }),
    hops: await readHops(deps, update, publication),
    story: sorted(events),
  };
}

async function readHops(
  { ledger }: OperationsDeps,
  update: UpdateRecord,
  publication: PublicationRecord | null,
): Promise<readonly Hop[]> {
  const { productId, version, variant } = update;
  const [release, installer] = await Promise.all([
    ledger.release(productId, version),
    ledger.installer(productId, version, variant),
  ]);
  return hopsIn({ ...timesUntilBuilt({ release, installer, update }), ...publication?.reachedAt });
}

async function explainProduct(deps: OperationsDeps, subject: string): Promise<Explanation> {
  const wanted = subject.toLowerCase();
  const product =
    deps.products.get(subject) ?? deps.products.all().find(({ id }) => id.toLowerCase() === wanted);
  const updates = await deps.ledger.updates({ productId: product?.id ?? subject });
  if (product === undefined && updates.length === 0) {
    throw new PermanentError('not-found', 'no such product or update', {
      where: printable(subject, 100),
      expected: 'a PackageID, or the id of a product',
      nextStep: 'patchpress status lists both',
    });
  }
  const productId = product?.id ?? subject;
  const rows = await rowsOfProduct(deps, product ?? null);
  const events = [...(await tellProduct(deps, productId, null)), ...(await tellAudit(deps, [productId]))];
  for (const update of updates) events.push(...(await tellUpdate(deps, update)));
  for (const update of updates) events.push(...(await tellAudit(deps, [update.packageId])));
  return {
    subject: productId,
    about:
      product === undefined ? `${productId} (its definition was removed)` : `${product.name}, ${productId}`,
    standing: [
      ...rows.map((row) => `${row.variant}: ${describeRow(row)}`),
      ...(await describeFeeds(deps, product)),
    ],
    update: null,
    content: null,
    updates,
    hops: [],
    story: sorted(events),
  };
}

/** One sentence for each feed that is unwell. */
async function describeFeeds(
  { ledger }: OperationsDeps,
  product: ProductDefinition | undefined,
): Promise<readonly string[]> {
  const states = await Promise.all(
    (product?.feeds ?? []).map((_, index) => ledger.feedState(product?.id ?? '', index)),
  );
  return states
    .flatMap((state) =>
      state === null ? [] : [{ type: product?.feeds[state.feedIndex]?.type, ...describeHealth(state) }],
    )
    .filter(({ isHealthy }) => !isHealthy)
    .map(({ type, reason, nextStep }) => sentence(`The feed (${type}) is unwell`, reason, nextStep));
}

function describeRow({ version, state, reached, reason, nextStep }: OverviewRow): string {
  const where = state === reached ? `is ${state}` : `is ${state} after ${reached}`;
  return sentence(`${version === null ? 'No version' : `Version ${version}`} ${where}`, reason, nextStep);
}

function sentence(text: string, reason: string | null, nextStep: string | null): string {
  const why = reason === null || reason === '' ? '' : `: ${reason}`;
  const next = nextStep === null || nextStep === '' ? '' : ` Next: ${nextStep}.`;
  return `${text}${why}.${next}`;
}

const ORDER: readonly StoryEvent['kind'][] = [
  'release',
  'person',
  'decision',
  'acquired',
  'revision',
  'publication',
  'work',
];

/** By the second, as a revision's CreationDate has no more; within one in the order in which things follow each other. */
function sorted(events: readonly StoryEvent[]): readonly StoryEvent[] {
  const second = ({ at }: StoryEvent): string => at.slice(0, 19);
  return [...events].sort((a, b) => {
    if (second(a) !== second(b)) return second(a) < second(b) ? -1 : 1;
    return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  });
}
