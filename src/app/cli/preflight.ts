import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings, projectPath, type Settings } from '../../config/settings.js';
import { PermanentError, printable } from '../../core/errors.js';
import { createHttpClient } from '../../net/index.js';
import { createSiteConditions } from '../../publishing/configuration-manager/conditions.js';
import { createAdminServiceSite } from '../../publishing/configuration-manager/site.js';
import { CONDITIONS, type PreflightRow, runPreflight } from '../../verification/preflight/index.js';
import { siteOptionsFrom } from '../configure.js';
import { openStores } from '../foundation.js';
import { openPreflight, type PreflightParts } from '../preflight-sources.js';
import { lineOptions } from '../service-options.js';
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
  const { outside, ...line } = lineOptions(settings, dataDir);
  const http = createHttpClient({ ...outside, userAgent: 'patchpress-preflight' });
  try {
    const sources = openPreflight({
      ...line,
      now: () => new Date(),
      ledger: stores.ledger,
      http,
      timestamps: { urls: settings.signer.timestampUrls, roots: line.trust.timestampRoots },
      ...contentCa(settings, dataDir),
      site: siteParts(settings),
      updateServer: updateServerOf(settings),
      gateway: gatewayOf(settings),
      hosts: {},
    });
    const rows = await runPreflight(conditions, sources, TIMEOUT_MS);
    show(output, { rows, ...countStates(rows) }, () => preflightText(rows));
    return rows.some(({ state }) => state === 'failed') ? EXIT.negative : EXIT.ok;
  } finally {
    http.close();
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

/** A certificate of our own is trusted by those who import its authority: here it is. */
function contentCa({ content }: Settings, dataDir: string): { readonly contentCa?: string } {
  const authority = join(dataDir, 'tls', 'authority.pem');
  const isOwn = content.tlsCertificateFile === undefined && existsSync(authority);
  return isOwn ? { contentCa: readFileSync(authority, 'utf8') } : {};
}

function siteParts(settings: Settings): PreflightParts['site'] {
  const options = siteOptionsFrom(settings);
  return (
    options && { ...createAdminServiceSite(options), ...createSiteConditions(options), url: options.baseUrl }
  );
}

function updateServerOf({ softwareUpdatePoint: server }: Settings): PreflightParts['updateServer'] {
  return server?.url === undefined ? null : { url: server.url, ...pem('ca', server.caFile) };
}

function gatewayOf({ gateway }: Settings): PreflightParts['gateway'] {
  if (gateway === undefined) return null;
  const { url, caFile, clientCertificateFile, clientKeyFile, tokenFile, tokenUrl } = gateway;
  return {
    url,
    ...pem('ca', caFile),
    client:
      clientCertificateFile === undefined || clientKeyFile === undefined
        ? null
        : { certificate: read(clientCertificateFile), key: read(clientKeyFile) },
    token: tokenFile === undefined ? null : { url: tokenUrl ?? url, text: read(tokenFile).trim() },
    isLab: false,
  };
}

function pem<Name extends string>(name: Name, file: string | undefined): { readonly [N in Name]?: string } {
  return (file === undefined ? {} : { [name]: read(file) }) as { readonly [N in Name]?: string };
}

function read(file: string): string {
  const path = projectPath(file);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PermanentError('configuration.invalid', 'a file that the settings name cannot be read', {
      where: path,
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: 'correct the settings',
      cause,
    });
  }
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
