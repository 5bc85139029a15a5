import { printable } from '../../core/errors.js';
import type { FeedsHealth } from '../../operations/feed-health.js';
import { table } from '../table.js';
import { openContext } from './context.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress feeds`: which feeds are unwell, since when, and what to do. Exit 1 where any is. */
export async function feeds(options: OutputOptions): Promise<number> {
  const context = await openContext();
  try {
    const health = await context.operations.feedHealth();
    show(options, health, () => feedsText(health));
    return health.unhealthy.length === 0 ? EXIT.ok : EXIT.negative;
  } finally {
    await context.close();
  }
}

function feedsText({ asked, unhealthy }: FeedsHealth): string {
  if (asked === 0) return 'No feed was asked yet: patchpress sync asks them.';
  if (unhealthy.length === 0) return `All ${asked} feeds are well.`;
  const rows = unhealthy.map(({ productId, feedIndex, lastGoodAt, reason, nextStep }) => [
    feedIndex === 0 ? productId : `${productId} (feed ${feedIndex + 1})`,
    lastGoodAt === null ? 'never' : `${lastGoodAt.slice(0, 19)}Z`,
    printable(reason, 160),
    printable(nextStep, 120),
  ]);
  return [
    table(['product', 'last good answer', 'reason', 'next step'], rows),
    '',
    `${unhealthy.length} of ${asked} feeds need a look.`,
  ].join('\n');
}
