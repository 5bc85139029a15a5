import type { LedgerReader } from '../../core/ports.js';
import type { Fixture } from '../../lab/vendor-site/index.js';
import type { Progress } from './progress.js';
import { publishedRevisions } from './published.js';
import type { Demo } from './set-up.js';

/** What a sync found after some vendors had released again. */
export interface SecondRelease {
  readonly products: readonly string[];
  readonly feedsAsked: number;
  /** Answered 304: nothing has changed. */
  readonly feedsNotModified: number;
  readonly acquired: number;
  readonly published: number;
}

/** The versions that the lab's vendors release later and that no sync has seen yet. */
export async function nextReleases(demo: Demo): Promise<readonly Fixture[]> {
  const next: Fixture[] = [];
  for (const fixture of demo.fixtures.shipped) {
    if (fixture.stage !== 'next' || demo.products.get(fixture.productId) === null) continue;
    const seen = await demo.foundation.ledger.release(fixture.productId, fixture.version);
    if (seen === null) next.push(fixture);
  }
  return next;
}

/** The vendors release, all feeds are asked again, and the line comes to rest. */
export async function syncSecondRelease(
  demo: Demo,
  next: readonly Fixture[],
  progress: Progress,
  untilAtRest: () => Promise<boolean>,
): Promise<{ readonly atRest: boolean; readonly second: SecondRelease }> {
  const { ledger } = demo.foundation;
  const products = [...new Set(next.map(({ productId }) => productId))];
  for (const product of products) {
    await demo.release(product);
    progress.step(`${product} releases ${next.find((one) => one.productId === product)?.version}`);
  }
  const [before, had] = [await publishedRevisions(ledger), await installers(ledger, next)];
  const { syncId } = await demo.service.operations.sync({ operator: { name: 'demo' } });
  const atRest = await untilAtRest();
  const after = await publishedRevisions(ledger);
  const feeds = await feedsOf(ledger, syncId);
  return {
    atRest,
    second: {
      products,
      feedsAsked: feeds.length,
      feedsNotModified: feeds.filter((reason) => reason?.startsWith('the feed has not changed')).length,
      acquired: (await installers(ledger, next)) - had,
      published: [...after].filter(([id, revision]) => before.get(id) !== revision).length,
    },
  };
}

async function installers(ledger: LedgerReader, next: readonly Fixture[]): Promise<number> {
  const found = await Promise.all(
    next.map(({ productId, version, variant }) => ledger.installer(productId, version, variant)),
  );
  return found.filter((one) => one !== null).length;
}

/** What each feed's work of the sync ended with. */
async function feedsOf(ledger: LedgerReader, syncId: string): Promise<readonly (string | null)[]> {
  const work = await ledger.work({ states: ['done'] });
  return work
    .filter(({ stage, key }) => stage === 'feeds' && key.endsWith(`/${syncId}`))
    .map(({ reason }) => reason);
}
