import { z } from 'zod';
import type { OverviewRow } from '../../operations/overview.js';

/** The rows a person looks for, as the address of the page says it. */
export interface View {
  readonly text: string;
  readonly show: Group | 'all';
  /** What was just asked for: a sync, or the republish of an update that stood at `from`. */
  readonly asked: string | null;
  readonly from: number;
}

export const GROUPS = ['attention', 'working', 'verified', 'quiet'] as const;
export type Group = (typeof GROUPS)[number];

const Query = z.object({
  q: z.string().max(200).catch(''),
  show: z.enum(['all', ...GROUPS]).catch('all'),
  asked: z
    .union([z.literal('sync'), z.guid()])
    .nullable()
    .catch(null),
  from: z.coerce.number().int().min(0).catch(0),
});

/** A query string cannot be wrong: what is not understood is left out. */
export function parseView(query: unknown): View {
  const { q, show, asked, from } = Query.parse(query ?? {});
  return { text: q, show, asked, from };
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

function textOf(row: OverviewRow): string {
  const { productId, productName, version, variant, packageId, state, code, reason } = row;
  return [productId, productName, version, variant, packageId, state, code, reason].join('\n').toLowerCase();
}
