/** How far an update has come (design section 6). Done means a remote client can install it: `verified`. */
export const LIFECYCLE = [
  'seen',
  'acquired',
  'built',
  'proven',
  'published',
  'visible',
  'deployable',
  'distributed',
  'verified',
] as const;
export type LifecycleState = (typeof LIFECYCLE)[number];
/** Where the time is kept at which an update came there: the vendor's release, then the hops of its way. */
export const HOPS = [
  'released',
  'seen',
  'acquired',
  'built',
  'published',
  'visible',
  'deployable',
  'distributed',
  'verified',
] as const;
export type HopName = (typeof HOPS)[number];
/** ISO 8601 UTC; a hop that nobody has told is left out. */
export type HopTimes = Readonly<Partial<Record<HopName, string>>>;
export type SideState = 'waiting' | 'held' | 'failed';

export const TARGETS = ['configmgr-catalog', 'software-update-point'] as const;
export type TargetName = (typeof TARGETS)[number];
export type Route = 'catalog' | 'direct';
/** An update has one route, so it is published at one target (design section 3). */
export const TARGET_OF: Readonly<Record<Route, TargetName>> = {
  catalog: 'configmgr-catalog',
  direct: 'software-update-point',
};
/** What of an update is published: `metadata` alone tells who needs it, and installs nothing (wsus-publishing 2.5). */
export const CONTENT_WISHES = ['full', 'metadata'] as const;
export type ContentWish = (typeof CONTENT_WISHES)[number];
export function contentWishOf(publication: { readonly content?: ContentWish }): ContentWish {
  return publication.content ?? 'full';
}
export type ProofKind = 'lab' | 'device' | 'compliance';
export type RepublishIntent = 'revise' | 'rebuild' | 'resign' | 'repair';

export const CANARY_ROLES = ['missing', 'older', 'current'] as const;
export type CanaryRole = (typeof CANARY_ROLES)[number];

/** What one canary client saw of one update, before and after it was given the chance to install it. */
export interface CanaryAnswer {
  readonly before: 'installed' | 'required' | 'notApplicable';
  readonly after: 'installed' | 'required' | 'notApplicable';
  /** Whether this client downloaded, checked and ran it. */
  readonly installed: boolean;
  /** What went wrong on this client, in its own words; absent when nothing did. */
  readonly detail?: string;
}

/** An `update` is offered to the older version only; each role's right answer. */
export const EXPECTED_CANARY: Readonly<Record<CanaryRole, CanaryAnswer>> = {
  missing: { before: 'notApplicable', after: 'notApplicable', installed: false },
  older: { before: 'required', after: 'installed', installed: true },
  current: { before: 'installed', after: 'installed', installed: false },
};

/** Of an update that installs the product where it is missing. */
const EXPECTED_OF_INSTALL: typeof EXPECTED_CANARY = {
  missing: { before: 'required', after: 'installed', installed: true },
  older: { before: 'notApplicable', after: 'notApplicable', installed: false },
  current: EXPECTED_CANARY.current,
};

export function expectedCanaries(kind: 'update' | 'install'): typeof EXPECTED_CANARY {
  return kind === 'install' ? EXPECTED_OF_INSTALL : EXPECTED_CANARY;
}
