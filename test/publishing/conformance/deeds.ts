import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ContentWish, Route } from '../../../src/core/publication.js';
import type { UpdateRecord } from '../../../src/core/records.js';
import { putExpired } from '../put-expired.js';
import { creationDateOf, packageIdOf, updateOf } from '../samples.js';
import type { readBack } from './far-side.js';
import { rest, type World } from './world.js';

/** A way to publish: the route, and how its content is packed. */
export interface Way {
  readonly route: Route;
  readonly isSignedByUs: boolean;
}

export interface Deed {
  readonly name: string;
  /** How the update stands published before the deed is asked for; null: not yet. */
  readonly isOf: ContentWish | null;
  /** New revisions of the catalog, where its route goes there. */
  readonly catalogRevisions: 0 | 1;
  ask(world: World, way: Way, n: number): Promise<void>;
  /** Something at the far side is mended again, after the first time that all came to rest. */
  mend?(world: World): void;
  /** Asked for again, as by another delivery or a person's second click. */
  askAgain(world: World, way: Way, n: number): Promise<void>;
  /** What must be found in the end, whatever broke. */
  expected(way: Way): Awaited<ReturnType<typeof readBack>>;
}

/** The update that takes the place of `n`. */
export const newerThan = (n: number): number => n + 50_000;

/** Puts the next revision of an update, as packages and signing leave it. */
async function build(world: World, way: Way, n: number, changes: Partial<UpdateRecord> = {}) {
  const { line } = world.life;
  const update = { route: way.route, payloadSha256: world.far.sha256, ...changes };
  const built = await line.build(n, update);
  if (!way.isSignedByUs) return built;
  const revision = (await line.ledger.latestRevision(built.packageId)) ?? assert.fail();
  await line.ledger.transaction((tx) => tx.putRevision({ ...revision, content: world.signedCab }));
  return built;
}

export async function askToPublish(
  world: World,
  way: Way,
  n: number,
  changes: Partial<UpdateRecord> = {},
): Promise<void> {
  const built = await build(world, way, n, changes);
  await world.life.line.enqueue({ kind: 'publish', ...built });
}

/** The publish job of its last revision once more, and what that woke. */
async function askToPublishAgain({ life: { line } }: World, { route }: Way, n: number): Promise<void> {
  const { packageId, revision } = (await line.ledger.latestRevision(packageIdOf(n))) ?? assert.fail();
  await line.enqueue({ kind: 'publish', packageId, revision }, true);
  if (route === 'catalog') await line.enqueue({ kind: 'flush', target: 'configmgr-catalog' }, true);
  else await line.enqueue({ kind: 'deliver', packageId, revision }, true);
}

async function askToExpire(world: World, { route }: Way, n: number): Promise<void> {
  const update = updateOf(n, { route, payloadSha256: world.far.sha256 });
  await putExpired({ line: world.life.line, attestor: world.far.attestor }, update);
}

/** The site loses what it had distributed, and does not distribute until that is mended. */
function loseDistributed({ far }: World): void {
  far.lab.setHopFault('distribution', 'not-distributed');
  rmSync(join(far.folder, 'lab', 'cloud-management-gateway'), { recursive: true });
}

const ofFirst = (n: number) => ({ packageId: packageIdOf(n), revision: 1 });
const promoteJob = (n: number) => ({ kind: 'promote', ...ofFirst(n), requestId: `r${n}` }) as const;
const repairJob = (n: number) => ({ kind: 'repair', ...ofFirst(n), requestId: `r${n}` }) as const;
const resignJob = (n: number) =>
  ({ kind: 'resign', target: 'configmgr-catalog', requestId: `r${n}` }) as const;

const offered = (way: Way, revision: number): ReturnType<Deed['expected']> => ({
  ledger: [revision, 'distributed'],
  server: {
    revision: firstRevisions(way) + revision - 1,
    createdAt: Date.parse(creationDateOf(revision)),
    isExpired: false,
    isDeclined: false,
    hasContent: true,
  },
  site: {
    isExpired: false,
    isSuperseded: false,
    isDeployable: true,
    isProvisioned: true,
    isMetadataOnly: false,
  },
});

/** The site's agent imports metadata and publishes content after it; directly both come at once. */
const firstRevisions = ({ route }: Way): number => (route === 'catalog' ? 2 : 1);

export const PUBLISH: Deed = {
  name: 'publish',
  isOf: null,
  catalogRevisions: 1,
  ask: askToPublish,
  askAgain: askToPublishAgain,
  expected: (way) => offered(way, 1),
};

export const REVISE: Deed = {
  ...PUBLISH,
  name: 'revise',
  isOf: 'full',
  expected: (way) => offered(way, 2),
};

export const EXPIRE: Deed = {
  ...PUBLISH,
  name: 'expire',
  isOf: 'full',
  ask: askToExpire,
  expected(way) {
    const { server, site } = offered(way, 2);
    return {
      ledger: [2, 'expired'],
      // Directly the server makes the last revision itself, of its own time.
      server: { ...server, isExpired: true, createdAt: way.route === 'catalog' ? server.createdAt : null },
      site: { ...site, isExpired: true, isDeployable: false },
    };
  },
};

export const SUPERSEDE: Deed = {
  ...PUBLISH,
  name: 'supersede',
  isOf: 'full',
  async ask(world, way, n) {
    const { productId, productName, variant } = updateOf(n);
    const newer = { productId, productName, variant, supersedes: [packageIdOf(n)] };
    await askToPublish(world, way, newerThan(n), newer);
  },
  askAgain: (world, way, n) => askToPublishAgain(world, way, newerThan(n)),
  expected(way) {
    const { server, site } = offered(way, 1);
    return { ledger: [1, 'superseded'], server, site: { ...site, isSuperseded: true } };
  },
};

export const REPAIR: Deed = {
  ...PUBLISH,
  name: 'repair',
  isOf: 'full',
  catalogRevisions: 0,
  async ask(world, _, n) {
    loseDistributed(world);
    await world.life.line.enqueue(repairJob(n));
  },
  mend: ({ far }) => far.lab.setHopFault('distribution', null),
  askAgain: ({ life }, _, n) => life.line.enqueue(repairJob(n), true),
};

export const RESIGN: Deed = {
  ...PUBLISH,
  name: 'resign',
  isOf: 'full',
  ask: ({ life }, _, n) => life.line.enqueue(resignJob(n)),
  askAgain: ({ life }, _, n) => life.line.enqueue(resignJob(n), true),
};

/** From metadata alone to content. */
export const PROMOTE: Deed = {
  ...PUBLISH,
  name: 'promote',
  isOf: 'metadata',
  catalogRevisions: 0,
  ask: ({ life }, _, n) => life.line.enqueue(promoteJob(n)),
  askAgain: ({ life }, _, n) => life.line.enqueue(promoteJob(n), true),
  expected(way) {
    const { server, ...end } = offered(way, 1);
    return { ...end, server: { ...server, revision: 2 } };
  },
};

/** Has what the deed is about published, in one go. */
export async function prepare(
  world: World,
  way: Way,
  { isOf }: Deed,
  numbers: readonly number[],
): Promise<void> {
  if (isOf === null) return;
  world.contentWish = isOf;
  for (const n of numbers) await askToPublish(world, way, n);
  await rest(world.life);
  world.contentWish = 'full';
}
