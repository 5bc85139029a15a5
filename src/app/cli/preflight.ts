import { loadSettings, projectPath } from '../../config/settings.js';
import { PermanentError, printable } from '../../core/errors.js';
import { CONDITIONS, type PreflightRow, runPreflight } from '../../verification/preflight/index.js';
import { openStores } from '../foundation.js';
import { preflightParts } from '../preflight-parts.js';
import { openPreflight } from '../preflight-sources.js';
import { EXIT, type OutputOptions, show } from './output.js';

export interface PreflightOptions extends OutputOptions {
  readonly only?: readonly string[];
}

/** For each condition, above the times of what it asks. */
const TIMEOUT_MS = 60_000;

/** `patchpress preflight`: one row per condition; nothing is changed anywhere. */
export async function preflight({ only, ...output }: PreflightOptions): Promise<number> {
  const conditions = chosen(only);
  const settings = loadSettings();
  const dataDir = projectPath(settings.dataDir);
  const stores = await openStores({ ...settings, dataDir, siteId: settings.siteId ?? null });
  const parts = preflightParts(settings, dataDir, stores.ledger);
  try {
    const rows = await runPreflight(conditions, openPreflight(parts), TIMEOUT_MS);
    show(output, { rows, ...countStates(rows) }, () => preflightText(rows));
    return rows.some(({ state }) => state === 'failed') ? EXIT.negative : EXIT.ok;
  } finally {
    parts.close();
    await stores.close();
  }
}

function chosen(only: readonly string[] | undefined) {
  const known = CONDITIONS.map(({ id }) => id);
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new PermanentError('not-found', 'there is no such condition', {
      where: '--only',
      expected: known.join(', '),
      found: unknown,
    });
  }
  return CONDITIONS.filter(({ id }) => only === undefined || only.includes(id));
}

function countStates(rows: readonly PreflightRow[]) {
  const count = (wanted: PreflightRow['state']) => rows.filter(({ state }) => state === wanted).length;
  return { ok: count('ok'), warnings: count('warning'), failed: count('failed'), unknown: count('unknown') };
}

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ', unknown: '?      ' } as const;

export function preflightText(rows: readonly PreflightRow[]): string {
  const lines: string[] = [];
  let area = '';
  for (const row of rows) {
    if (row.area !== area) lines.push(...(area === '' ? [] : ['']), row.area);
    area = row.area;
    lines.push(...rowLines(row));
  }
  const { ok, warnings, failed, unknown } = countStates(rows);
  lines.push(
    '',
    `${ok} ok, ${warnings} to be watched, ${failed} failed, ${unknown} not to be told from here.`,
  );
  return lines.map((line) => printable(line, 2000)).join('\n');
}

function rowLines({ id, checked, expected, found, state, fix }: PreflightRow): readonly string[] {
  if (state === 'ok') return [`  ${MARKS[state]} ${checked}: ${found}`];
  return [
    `  ${MARKS[state]} ${checked} [${id}]`,
    `            expected: ${expected}`,
    `            found:    ${found}`,
    ...(fix === null ? [] : [`            next:     ${fix}`]),
  ];
}
