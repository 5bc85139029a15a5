import { userInfo } from 'node:os';
import { openContext } from './context.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress sync [product...]`: asks the feeds now. */
export async function sync(products: readonly string[], options: OutputOptions): Promise<number> {
  const context = await openContext();
  try {
    const started = await context.operations.sync({
      ...(products.length === 0 ? {} : { productIds: products }),
      operator: { name: operatorName() },
    });
    const { isServed } = context;
    show(options, { ...started, isServed }, () =>
      [
        `${started.productIds.length} products are asked, ${started.retried} held or failed pieces of work are tried again.`,
        carriedOn(isServed),
      ].join('\n'),
    );
    return EXIT.ok;
  } finally {
    await context.close();
  }
}

export function operatorName(): string {
  return `${userInfo().username} (command line)`;
}

export function carriedOn(isServed: boolean): string {
  return isServed
    ? 'The running service carries it on: patchpress status'
    : 'No service works on this data folder now; it is carried on when one is started: npm start';
}
