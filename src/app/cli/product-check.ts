import { loadSettings } from '../../config/settings.js';
import { printable } from '../../core/errors.js';
import type { ProductCatalog } from '../../core/ports.js';
import type { ProductDefinition } from '../../core/product.js';
import { productsFrom, productsIn } from '../configure.js';
import { table } from '../table.js';
import { EXIT, type OutputOptions, show } from './output.js';
import { type Answer, askProducts, vendorsClient } from './product-ask.js';

export interface CheckOptions extends OutputOptions {
  /** A folder of definitions instead of the shipped ones and those of the settings. */
  readonly products?: string;
  readonly feeds?: boolean;
  readonly urls?: boolean;
}

/** `patchpress product check [id...]`: which definitions are good, how far they reach, and what the others lack. */
export async function checkProducts(ids: readonly string[], options: CheckOptions): Promise<number> {
  const catalog = catalogOf(options.products);
  const wanted = new Set(ids.map((id) => id.toLowerCase()));
  const isWanted = (id: string): boolean => wanted.size === 0 || wanted.has(id.toLowerCase());
  const good = catalog.all().filter(({ id }) => isWanted(id));
  const faults = catalog.faults().filter(({ message }) => isWanted(message.split(':')[0] ?? ''));
  const unknown = ids.filter((id) => {
    const isThis = (other: string): boolean => other.toLowerCase() === id.toLowerCase();
    return (
      !good.some((one) => isThis(one.id)) &&
      !faults.some(({ message }) => isThis(message.split(':')[0] ?? ''))
    );
  });
  const answers = await answersOf(good, options);
  const counts = countsOf(good);
  const lacks = lacksOf(good);
  show(options, { good: good.map(({ id }) => id), faults, unknown, counts, lacks, answers }, () =>
    [
      ...faults.map(({ path, message }) => printable(`${path}: ${message}`, 1000)),
      ...unknown.map((id) => printable(`${id}: no definition has this id`, 200)),
      ...(wanted.size === 0 ? [countTable(counts), lackTable(lacks)] : good.map(describe)),
      ...(answers.length === 0 ? [] : [answerTable(answers)]),
      `${good.length} definitions are good, ${faults.length} are set aside.`,
    ].join('\n\n'),
  );
  const isGood =
    faults.length === 0 &&
    unknown.length === 0 &&
    good.length > 0 &&
    answers.every(({ error }) => error === null);
  return isGood ? EXIT.ok : EXIT.negative;
}

async function answersOf(
  products: readonly ProductDefinition[],
  options: CheckOptions,
): Promise<readonly Answer[]> {
  if (options.feeds !== true && options.urls !== true) return [];
  const http = vendorsClient();
  return askProducts(http, products, options).finally(() => http.close());
}

function catalogOf(folder: string | undefined): ProductCatalog {
  return folder === undefined ? productsFrom(loadSettings().productDirs) : productsIn([folder]);
}

type Counts = Readonly<
  Record<'tier' | 'feed' | 'technology' | 'architecture', Readonly<Record<string, number>>>
>;

/** Of products by tier and by the type of their first feed; of installers by technology and by architecture. */
function countsOf(products: readonly ProductDefinition[]): Counts {
  const installers = products.flatMap((product) => product.installers);
  return {
    tier: tally(products.map(({ tier }) => tier)),
    feed: tally(products.map(({ feeds }) => feeds[0]?.type ?? 'none')),
    technology: tally(installers.map(({ technology }) => technology)),
    architecture: tally(installers.map(({ architecture }) => architecture)),
  };
}

interface Lack {
  readonly tier: string;
  readonly lacks: string;
  readonly count: number;
}

/** What B and C lack, the most frequent first. Numbers in the words are set aside, so that the same is counted as one. */
function lacksOf(products: readonly ProductDefinition[]): readonly Lack[] {
  const grouped = tally(
    products.flatMap(({ tier, lacks = [] }) =>
      tier === 'A'
        ? []
        : lacks.map((one) => `${tier}\n${/^Apps shows/.test(one) ? 'Apps shows another version' : one}`),
    ),
  );
  return Object.entries(grouped).map(([group, count]) => {
    const [tier = '', lacks = ''] = group.split('\n');
    return { tier, lacks, count };
  });
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

function countTable(counts: Counts): string {
  const rows = Object.entries(counts).flatMap(([what, numbers]) =>
    Object.entries(numbers).map(([word, number]) => [what, word, String(number)]),
  );
  return table(['by', 'what', 'number'], rows);
}

function lackTable(lacks: readonly Lack[]): string {
  return table(
    ['tier', 'number', 'lacks'],
    lacks.map(({ tier, count, lacks: words }) => [tier, String(count), printable(words, 120)]),
  );
}

function describe({ id, tier, feeds, installers, lacks = [] }: ProductDefinition): string {
  const lines = [
    `${id}: tier ${tier}`,
    ...lacks.map((one) => `lacks: ${one}`),
    `feeds: ${feeds.map(({ type }) => type).join(', ') || 'none'}`,
    ...installers.map(({ architecture, technology }) => `installer: ${architecture} ${technology}`),
  ];
  return lines.map((line) => printable(line, 300)).join('\n  ');
}

function answerTable(answers: readonly Answer[]): string {
  return table(
    ['product', 'asked', 'answer'],
    answers.map(({ productId, asked, answer, error }) => [productId, asked, printable(error ?? answer, 200)]),
  );
}
