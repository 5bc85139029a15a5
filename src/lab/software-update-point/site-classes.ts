import type { IncomingMessage } from 'node:http';
import { addressOf, RequestRefused } from './http.js';
import { productRow } from './site-products.js';
import type { World } from './world.js';

type Row = Readonly<Record<string, unknown>>;

/** The part of OData that finds categories: `Name eq 'value'` joined by `and`. */
export function categoryRows(world: World, request: IncomingMessage): unknown {
  const filter = addressOf(request).searchParams.get('$filter');
  const terms = filter === null ? [] : filter.split(/ and /i).map(termOf);
  const rows = Object.values(world.state.products)
    .map((product) => productRow(world.state, product))
    .filter((row) => terms.every(({ name, value }) => String(row[name]) === value));
  return answer('SMS_UpdateCategoryInstance', rows);
}

function termOf(term: string): { readonly name: string; readonly value: string } {
  const match = /^\s*(\w+) eq '((?:[^']|'')*)'\s*$/.exec(term);
  if (match === null) throw new RequestRefused(400, "$filter takes Name eq '...' joined by and");
  return { name: match[1] ?? '', value: (match[2] ?? '').replaceAll("''", "'") };
}

/** One row: the lab has one software update point. Its values are those of the class's page. */
export function syncStatusRows({ state, options }: World): unknown {
  const sync = state.siteSync;
  const row = {
    WSUSServerName: options.hostName,
    SiteCode: 'LAB',
    LastSyncState: sync === null ? null : sync.errorCode === 0 ? 6702 : 6703,
    LastSyncErrorCode: sync?.errorCode ?? 0,
    LastSyncStateTime: sync?.at ?? null,
    LastSuccessfulSyncTime: sync?.successAt ?? null,
  };
  return answer('SMS_SUPSyncStatus', [row]);
}

function answer(name: string, value: readonly Row[]): unknown {
  return { '@odata.context': `$metadata#${name}`, value };
}
