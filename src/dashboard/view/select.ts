import { z } from 'zod';
import type { OverviewRow } from '../../operations/overview.js';

/** The rows a person looks for, as the address of the page says it. */
export interface View {
  readonly text: string;
  readonly show: Group | 'all';
  /** From 1. */
  readonly page: number;
  /** What was just asked for: a sync, or the republish of an update that stood at `from`. */
  readonly asked: string | null;
  readonly from: number;
}

export const GROUPS = ['attention', 'working', 'verified', 'quiet'] as const;
export type Group = (typeof GROUPS)[number];

const Query = z.object({
  q: z.string().max(200).catch(''),
  show: z.enum(['all', ...GROUPS]).catch('all'),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
  asked: z
    .union([z.literal('sync'), z.guid()])
    .nullable()
    .catch(null),
  from: z.coerce.number().int().min(0).catch(0),
});

/** A query string cannot be wrong: what is not understood is left out. */
export function parseView(query: unknown): View {
  const { q, show, page, asked, from } = Query.parse(query ?? {});
  return { text: q, show, page, asked, from };
}

export function groupOf({ state }: OverviewRow): Group {
  if (state === 'failed' || state === 'held') return 'attention';
  if (state === 'verified') return 'verified';
  return state === 'known' || state === 'superseded' || state === 'expired' ? 'quiet' : 'working';
}

export function countGroups(rows: readonly OverviewRow[]): Readonly<Record<Group, number>> {
  const counts = { attention: 0, working: 0, verified: 0, quiet: 0 };
  for (const row of rows) counts[groupOf(row)] += 1;
  return counts;
}

/** What needs a person comes first; otherwise the order of the catalog. */
export function selectRows(rows: readonly OverviewRow[], { text, show }: View): readonly OverviewRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = rows.filter(
    (row) => (show === 'all' || groupOf(row) === show) && words.every((word) => textOf(row).includes(word)),
  );
  const first = wanted.filter((row) => groupOf(row) === 'attention');
  return [...first, ...wanted.filter((row) => groupOf(row) !== 'attention')];
}

/** One page of what was found; a page beyond the last is the last. */
export interface Page {
  readonly rows: readonly OverviewRow[];
  readonly number: number;
  readonly pages: number;
  /** Place of its first row among all that were found, from 1. */
  readonly first: number;
}

export const ROWS_ON_PAGE = 100;

export function pageOf(found: readonly OverviewRow[], wanted: number): Page {
  const pages = Math.max(1, Math.ceil(found.length / ROWS_ON_PAGE));
  const number = Math.min(wanted, pages);
  const first = (number - 1) * ROWS_ON_PAGE;
  return { rows: found.slice(first, first + ROWS_ON_PAGE), number, pages, first: first + 1 };
}

/** The address of these rows. */
export function addressOf({ text, show, page }: Pick<View, 'text' | 'show' | 'page'>): string {
  const query = new URLSearchParams({
    ...(text === '' ? {} : { q: text }),
    show,
    ...(page === 1 ? {} : { page: String(page) }),
  });
  return `/?${query.toString()}`;
}

function textOf(row: OverviewRow): string {
  const { productId, productName, version, variant, packageId, state, code, reason } = row;
  return [productId, productName, version, variant, packageId, state, code, reason].join('\n').toLowerCase();
}
