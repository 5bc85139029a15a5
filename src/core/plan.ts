import { PermanentError } from './errors.js';
import { planDigestOf } from './identity.js';
import { contentWishOf, type RepublishIntent } from './publication.js';
import type { PublicationRecord, RevisionRecord, UpdateRecord } from './records.js';

export const VERBS = [
  'revise',
  'rebuild',
  'resign',
  'repair',
  'promote',
  'expire',
  'rollback',
  'hold',
  'approve',
  'disown',
] as const;
/** What an administrator does by hand (design section 6). */
export type Verb = (typeof VERBS)[number];

/** What will happen, before it does. Whoever carries it out names its digest; a plan that has become stale is refused. */
export interface Plan {
  readonly verb: Verb;
  /** `PuTTY 0.85 (x64/msi/any/machine)`. */
  readonly about: string;
  /** Equal where the id stays; null: no PackageID is concerned. */
  readonly packageId: { readonly from: string; readonly to: string } | null;
  /** Of `packageId.to`; null where no metadata is made. */
  readonly revision: { readonly from: number | null; readonly to: number } | null;
  /** What stands, and what will at least; it moves with other updates too, so no digest rests on it. */
  readonly catalogRevision: { readonly from: number | null; readonly to: number } | null;
  readonly does: readonly string[];
  readonly clients: readonly string[];
  /** Why there is nothing to do; null: there is something. */
  readonly nothing: string | null;
  readonly digest: string;
}

/** `basis`: what the plan rests on besides what it says; another basis is another plan. */
export function sealPlan(plan: Omit<Plan, 'digest'>, basis: readonly unknown[]): Plan {
  const { catalogRevision, ...said } = plan;
  return { ...plan, digest: planDigestOf([said, basis]) };
}

/** One update as the ledger has it. */
export interface UpdateFacts {
  readonly update: UpdateRecord;
  readonly latest: RevisionRecord;
  readonly publication: PublicationRecord | null;
  readonly catalogRevision: number | null;
  /** What a build of the acquired payload is called now; null: the payload is not known any more. */
  readonly builtNow: string | null;
}

const SITE_KNOWS = {
  catalog: 'the site has read the catalog and synchronised',
  direct: 'the site has synchronised with its Software Update Point',
} as const;
const KEPT = 'Where it is installed it stays installed: nothing is uninstalled or downgraded.';
const SAME_BYTES = 'The content is the same bytes; nothing is downloaded again.';

export function planRevise(intent: 'revise' | 'rebuild', facts: UpdateFacts): Plan {
  requireAlive(facts);
  const { update, latest, builtNow } = facts;
  if (builtNow === null) {
    throw refused(facts, 'its acquired file is not in the ledger', 'sync the product');
  }
  const stays = builtNow === update.packageId;
  if (!stays && intent === 'revise') {
    throw refused(
      facts,
      `of this version and payload ${builtNow} stands now, or its payload has changed`,
      `republish ${builtNow}, or use the intent rebuild`,
    );
  }
  const what = intent === 'revise' ? 'The metadata is' : 'The update is';
  return seal(facts, {
    verb: intent,
    packageId: { from: update.packageId, to: builtNow },
    revision: stays ? { from: latest.revision, to: latest.revision + 1 } : { from: null, to: 1 },
    catalogRevision: nextCatalog(facts),
    does: [
      `${what} built again from the acquired file and the definition as it is now, and its rules are proven again.`,
      stays
        ? 'The payload is equal: the PackageID stays, and the next revision is published.'
        : 'The payload differs: it becomes a new update, which supersedes this one.',
      ...(stays ? [SAME_BYTES] : []),
    ],
    clients: stays
      ? [offeredText(facts), KEPT]
      : ['Clients that need it are offered the new update in the place of this one.', KEPT],
    nothing: null,
  });
}

export function planResign(facts: UpdateFacts): Plan {
  const { update, latest, catalogRevision } = facts;
  if (update.route === 'direct') {
    throw refused(
      facts,
      'the content of the direct route is signed by the update server, which is asked itself',
      `patchpress server resign ${update.packageId}`,
    );
  }
  const nothing = catalogRevision === null ? 'no catalog was published yet: there is nothing to sign' : null;
  return seal(
    facts,
    {
      verb: 'resign',
      packageId: { from: update.packageId, to: update.packageId },
      revision: null,
      catalogRevision: nextCatalog(facts),
      does: [
        'The signature of this route is on the catalog: the catalog is signed and timestamped again as it is.',
        `Every update keeps its PackageID and revision, this one revision ${latest.revision}.`,
      ],
      clients: ['Clients see nothing of it: the content they download is signed by the vendor and by WSUS.'],
      nothing,
    },
    [catalogRevision],
  );
}

/** What was looked for in the content store, and how it was found. */
export interface StoreFinding {
  readonly what: 'update document' | 'proof' | 'installer' | 'catalog' | 'content cabinet';
  readonly sha256: string;
  readonly state: 'whole' | 'missing' | 'damaged';
}

export function planRepair(
  facts: UpdateFacts,
  findings: readonly StoreFinding[],
  /** Repairs that have come to an end: another one is another request. */
  repairedBefore: number,
): Plan {
  const { update, publication } = facts;
  const lost = findings.filter(({ state }) => state !== 'whole');
  const atTarget = isFollowed(publication);
  const does = [
    ...findings.map(({ what, sha256, state }) => `${what} ${sha256.slice(0, 12)}: ${state}`),
    ...lost.map(({ what }) => CURES[what]),
    ...(atTarget
      ? [
          `The site is asked to ${ASKED_OF_SITE[update.route]}; where it has less than was recorded, the update is followed anew, and the canary looks again at what clients could have.`,
        ]
      : []),
  ];
  return seal(
    facts,
    {
      verb: 'repair',
      packageId: { from: update.packageId, to: update.packageId },
      revision: null,
      catalogRevision: lost.some(({ what }) => what === 'catalog') ? nextCatalog(facts) : null,
      does,
      clients: ['Clients see nothing of it: PackageID, rules and content stay what they are.'],
      nothing: lost.length === 0 && !atTarget ? 'everything of it in the content store is whole' : null,
    },
    [repairedBefore],
  );
}

const ASKED_OF_SITE = {
  catalog: 'publish again what content it has published',
  direct: 'synchronise again',
} as const;
const DOCUMENTS_AGAIN =
  'The documents are made again byte for byte; where the definition has changed since, as the next revision.';
const CURES: Readonly<Record<StoreFinding['what'], string>> = {
  'update document': DOCUMENTS_AGAIN,
  proof: DOCUMENTS_AGAIN,
  installer: 'The file is acquired again from where it came, and kept only if its digest is the same.',
  catalog: 'The catalog is built and signed again as a new revision of it.',
  'content cabinet':
    'The content cabinet cannot be put back from here: restore it from a backup of the content store.',
};

/** From metadata alone to content (wsus-publishing 2.5). */
export function planPromote(facts: UpdateFacts): Plan {
  const { update, latest, publication } = facts;
  requireAlive(facts);
  if (publication === null || publication.state === 'superseded') {
    throw refused(
      facts,
      publication === null ? 'it was never published' : 'it is superseded',
      'promote the update that stands now: patchpress status lists them',
    );
  }
  const isFull = contentWishOf(publication) === 'full';
  return seal(
    facts,
    {
      verb: 'promote',
      packageId: { from: update.packageId, to: update.packageId },
      revision: { from: latest.revision, to: latest.revision },
      catalogRevision: null,
      does: [
        update.route === 'catalog'
          ? 'The site is asked to publish its content, and the update is followed on to the clients.'
          : 'Its content is published to the Software Update Point under the same PackageID, and it is followed on to the clients.',
        'This cannot be taken back: content that was published is taken from clients by expiring the update.',
      ],
      clients: [`Clients that need it can install it once ${SITE_KNOWS[update.route]} and it is deployed.`],
      nothing: isFull ? 'its content is published already, or on the way' : null,
    },
    [contentWishOf(publication)],
  );
}

export function planExpire(facts: UpdateFacts): Plan {
  const { update, latest, publication } = facts;
  if (publication === null && latest.expired !== true) {
    throw refused(facts, 'it was never published', `hold it instead: patchpress hold ${update.productId}`);
  }
  return seal(facts, {
    verb: 'expire',
    packageId: { from: update.packageId, to: update.packageId },
    revision: { from: latest.revision, to: latest.revision + 1 },
    catalogRevision: update.route === 'catalog' ? nextCatalog(facts) : null,
    does: [
      `A last revision with PublicationState Expired is published${update.route === 'catalog' ? '; it stays in the catalog, so that every site is told' : ' to the Software Update Point'}.`,
      'This cannot be taken back: an expired PackageID is never revised again.',
    ],
    clients: [
      `No client is offered it any more once ${SITE_KNOWS[update.route]}.`,
      KEPT,
      ...(update.supersedes.length === 0
        ? []
        : ['What it superseded is not offered again by this: roll back to do that.']),
    ],
    nothing: latest.expired === true ? `revision ${latest.revision} is expired already` : null,
  });
}

export interface RollbackFacts extends UpdateFacts {
  /** The older update whose payload is offered again. */
  readonly to: UpdateRecord;
  /** Its new id and respin. */
  readonly next: { readonly packageId: string; readonly respin: number };
  /** An earlier rollback of the same update. */
  readonly doneBefore: string | null;
  /** PackageIDs of other variants of the bad version that are offered. */
  readonly otherVariants: readonly string[];
}

export function planRollback(facts: RollbackFacts): Plan {
  const { update: bad, publication, to, next, doneBefore, otherVariants } = facts;
  if (publication?.state === 'superseded') {
    throw refused(facts, publication.reason ?? 'it is superseded', 'roll back what stands now');
  }
  return seal(facts, {
    verb: 'rollback',
    packageId: { from: bad.packageId, to: next.packageId },
    revision: { from: null, to: 1 },
    catalogRevision: nextCatalog(facts),
    does: [
      `The payload of ${to.version} is published again under a new PackageID (respin ${next.respin}), which supersedes ${bad.packageId}.`,
      `${bad.packageId} is expired, and version ${bad.version} is blocked: no sync publishes it again.`,
      ...otherVariants.map((id) => `Not touched by this: ${id}, another variant of ${bad.version}.`),
    ],
    clients: [
      `Clients that have ${bad.version} already keep it: an update only ever raises a version. Where it must go, uninstall it there; then the old version can be installed.`,
      `Clients with a version older than ${to.version} are offered ${to.version}.`,
      `Clients that have ${to.version} see nothing change.`,
      `No client is offered ${bad.version} any more once ${SITE_KNOWS[bad.route]}.`,
    ],
    nothing: doneBefore === null ? null : `it was rolled back already: ${doneBefore} stands in its place`,
  });
}

function seal(
  facts: UpdateFacts,
  plan: Omit<Plan, 'digest' | 'about'>,
  basis: readonly unknown[] = [],
): Plan {
  const { update, latest, publication } = facts;
  const state = [latest.revision, latest.sdpSha256, publication?.revision ?? null, isFollowed(publication)];
  return sealPlan({ ...plan, about: aboutUpdate(update) }, [update.packageId, ...state, ...basis]);
}

export function aboutUpdate({ productName, version, variant }: UpdateRecord): string {
  return `${productName} ${version} (${variant})`;
}

/** Published and not at an end. */
function isFollowed(publication: PublicationRecord | null): boolean {
  if (publication === null) return false;
  const { state } = publication;
  return state !== 'pending' && state !== 'superseded' && state !== 'expired';
}

function nextCatalog({ update, catalogRevision: from }: UpdateFacts): Plan['catalogRevision'] {
  return update.route === 'catalog' ? { from, to: (from ?? 0) + 1 } : null;
}

function offeredText({ publication }: UpdateFacts): string {
  return publication?.state === 'superseded'
    ? 'It is superseded: clients are offered what superseded it, before and after.'
    : 'Clients that need it are offered the new revision in the place of the old one.';
}

function requireAlive(facts: UpdateFacts): void {
  if (facts.latest.expired !== true) return;
  throw refused(
    facts,
    'it is expired, and an expired update is never revised',
    `wait for a newer version, or roll back: patchpress rollback ${facts.update.packageId} --to <version>`,
  );
}

function refused({ update }: UpdateFacts, found: string, nextStep: string): PermanentError {
  return new PermanentError('plan.refused', found, { where: update.packageId, nextStep });
}

export const REPUBLISH_INTENTS = [
  'revise',
  'rebuild',
  'resign',
  'repair',
] as const satisfies RepublishIntent[];
