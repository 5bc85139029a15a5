import { userInfo } from 'node:os';
import type { ProductChoice } from '../../operations/choose-products.js';
import type { SyncStarted } from '../../operations/sync.js';
import { type CommandContext, openContext } from './context.js';
import { EXIT, type OutputOptions, show } from './output.js';
import { planText } from './sync-plan-text.js';
import { followSync, progressText } from './sync-progress.js';

export interface SyncOptions extends OutputOptions {
  readonly vendor?: string;
  readonly dryRun?: boolean;
  /** With a dry run: ask the feeds too. */
  readonly ask?: boolean;
  /** Follow it to its end; absent: where a person looks on and a service carries it on. */
  readonly wait?: boolean;
}

/** `patchpress sync [product...]`: asks the feeds now, or says what that would do. */
export async function sync(products: readonly string[], options: SyncOptions): Promise<number> {
  const context = await openContext();
  const choice = {
    ...(products.length === 0 ? {} : { productIds: products }),
    ...(options.vendor === undefined ? {} : { vendor: options.vendor }),
  };
  try {
    return options.dryRun === true
      ? await tellPlan(context, choice, options)
      : await startSync(context, choice, options);
  } finally {
    await context.close();
  }
}

async function tellPlan(
  { operations }: CommandContext,
  choice: ProductChoice,
  options: SyncOptions,
): Promise<number> {
  const plan = await operations.planSync({ ...choice, ask: options.ask === true });
  show(options, plan, () => planText(plan));
  return EXIT.ok;
}

async function startSync(
  { operations, isServed }: CommandContext,
  choice: ProductChoice,
  options: SyncOptions,
): Promise<number> {
  const started = await operations.sync({ ...choice, operator: { name: operatorName() } });
  const isFollowed = isServed && (options.wait ?? (process.stderr.isTTY === true && options.json !== true));
  const progress = isFollowed ? await followSync(operations, started, process.stderr) : null;
  show(options, { ...started, isServed, progress }, () =>
    [startedText(started), progress === null ? carriedOn(isServed) : progressText(started, progress)].join(
      '\n',
    ),
  );
  return (progress?.failed ?? 0) > 0 ? EXIT.negative : EXIT.ok;
}

function startedText({ productIds, retried }: SyncStarted): string {
  return `${productIds.length} products are asked, ${retried} held or failed pieces of work are tried again.`;
}

export function operatorName(): string {
  return `${userInfo().username} (command line)`;
}

export function carriedOn(isServed: boolean): string {
  return isServed
    ? 'The running service carries it on: patchpress status'
    : 'No service works on this data folder now; it is carried on when one is started: npm start';
}
