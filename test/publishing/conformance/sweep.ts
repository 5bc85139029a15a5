import assert from 'node:assert/strict';
import { packageIdOf } from '../samples.js';
import type { BreakAt, Side } from './breaker.js';
import { type Deed, newerThan, PUBLISH, prepare, SUPERSEDE, type Way } from './deeds.js';
import { catalogNumber, findDrift, readBack, requireServedCatalog, requireWholeContent } from './far-side.js';
import { rest, type World } from './world.js';

/** Every crossing and both sides of it: minutes. Without it, what is changed or recorded, as soon as that stands. */
export const IS_WHOLE = process.env.PATCHPRESS_CONFORMANCE === 'whole';

const LOOKS = new Set([
  'bridge.list',
  'site.updates',
  'site.product',
  'site.classification',
  'site.syncFault',
]);
/** They change who works on it, and nothing of what it is about. */
const TURNS = new Set(['ledger.take', 'ledger.clearDelivered']);

/** What the site is asked to do for all is the same in every deed; a first publication has it all. */
const SYNCS = new Set(['site.syncCatalogs', 'site.syncSoftwareUpdates']);

function sidesOf(deed: Deed, crossing: string): readonly Side[] {
  if (SYNCS.has(crossing) && deed !== PUBLISH && !IS_WHOLE) return [];
  // Broken before or after, a look is the same.
  if (LOOKS.has(crossing)) return IS_WHOLE ? ['after'] : [];
  if (TURNS.has(crossing)) return IS_WHOLE ? ['before', 'after'] : [];
  return IS_WHOLE ? ['before', 'after'] : ['after'];
}

/** Only the first publication at a site makes this call. */
const ONCE_AT_A_SITE: BreakAt = { index: null, side: 'after', name: 'site.enableClassification' };

/** What ended, and how often. */
export interface Swept {
  readonly crossings: readonly string[];
  readonly breaks: number;
}

/**
 * Does a deed once undisturbed, to learn what it crosses, and then once for each crossing on another update: there the
 * publisher ends as by SIGKILL, begins anew on its data folder, and must come to the same end.
 */
export async function sweep(world: World, way: Way, deed: Deed, first: number): Promise<Swept> {
  if (deed === PUBLISH) await doOnce(world, way, deed, first - 1, ONCE_AT_A_SITE);
  await prepare(world, way, deed, [first]);
  const crossings = await doOnce(world, way, deed, first, null);
  const places: readonly BreakAt[] = crossings.flatMap((name, index) =>
    sidesOf(deed, name).map((side) => ({ index, side, name })),
  );
  const numbers = places.map((_, at) => first + 1 + at);
  await prepare(world, way, deed, numbers);
  for (const [at, place] of places.entries()) await doOnce(world, way, deed, first + 1 + at, place);
  assert.deepEqual(await findDrift(world), []);
  return { crossings, breaks: places.length };
}

async function doOnce(
  world: World,
  way: Way,
  deed: Deed,
  n: number,
  at: BreakAt | null,
): Promise<readonly string[]> {
  const where = at === null ? 'undisturbed' : `broken ${at.side} ${at.name} (${at.index ?? 'the first'})`;
  const before = await catalogNumber(world);
  await deed.ask(world, way, n);
  const crossings = await breakAt(world, deed, at, where);
  await rest(world.life);
  deed.mend?.(world);
  await rest(world.life);
  const isCatalog = way.route === 'catalog';
  const requireEnd = async (when: string) => {
    assert.deepEqual(await readBack(world, way.route, n), deed.expected(way), when);
    assert.equal(await catalogNumber(world), before + (isCatalog ? deed.catalogRevisions : 0), when);
    assert.deepEqual(await findDrift(world, n), [], when);
  };
  await requireEnd(where);
  const ids = [n, ...(deed === SUPERSEDE ? [newerThan(n)] : [])].map(packageIdOf);
  await requireWholeContent(world, ids);
  if (isCatalog) await requireServedCatalog(world);
  if (at !== null && !IS_WHOLE) return crossings;
  await deed.askAgain(world, way, n);
  await rest(world.life);
  await requireEnd(`${where}, and again`);
  return crossings;
}

/** Runs until all has come to rest, or until the life ends there; then another begins. */
async function breakAt(
  world: World,
  deed: Deed,
  at: BreakAt | null,
  where: string,
): Promise<readonly string[]> {
  const { life } = world;
  life.breaker.arm(at);
  const toRest = async (): Promise<'came to rest'> => {
    await rest(life);
    deed.mend?.(world);
    await rest(life);
    return 'came to rest';
  };
  const end = await Promise.race([toRest(), life.breaker.ended.then(() => 'ended' as const)]);
  const crossings = [...life.breaker.crossed];
  life.breaker.arm(null);
  assert.equal(end, at === null ? 'came to rest' : 'ended', where);
  if (at !== null) await world.reopen();
  return crossings;
}
