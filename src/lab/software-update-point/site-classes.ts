import type { IncomingMessage } from 'node:http';
import { addressOf, RequestRefused } from './http.js';
import { productRow } from './site-products.js';
import type { World } from './world.js';

type Row = Readonly<Record<string, unknown>>;

/** The part of OData that finds rows: `Name eq 'value'` joined by `and`. */
export function categoryRows(world: World, request: IncomingMessage): unknown {
  const rows = Object.values(world.state.products).map((product) => productRow(world.state, product));
  return answer('SMS_UpdateCategoryInstance', matching(request, rows));
}

function matching(request: IncomingMessage, rows: readonly Row[]): readonly Row[] {
  const filter = addressOf(request).searchParams.get('$filter');
  const terms = filter === null ? [] : filter.split(/ and /i).map(termOf);
  return rows.filter((row) => terms.every(({ name, value }) => String(row[name]) === value));
}

function termOf(term: string): { readonly name: string; readonly value: string } {
  const match = /^\s*(\w+) eq '((?:[^']|'')*)'\s*$/.exec(term);
  if (match === null) throw new RequestRefused(400, "$filter takes Name eq '...' joined by and");
  return { name: match[1] ?? '', value: (match[2] ?? '').replaceAll("''", "'") };
}

export const RULE_ID = 16777217;

/** The lab's one rule; it comes due whenever someone looks. */
export function deploymentRuleRows({ options }: World, request: IncomingMessage): unknown {
  const row = {
    AutoDeploymentID: RULE_ID,
    Name: 'Patchpress',
    AutoDeploymentEnabled: options.faults?.distribution !== 'not-distributed',
    LastRunTime: options.now().toISOString(),
    LastErrorCode: 0,
  };
  return answer('SMS_AutoDeployment', matching(request, [row]));
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
