import { obtainTimestamp } from '../../signing/timestamp/index.js';
import type { CatalogDefinition } from '../config/catalog.js';
import type { HttpClient, LedgerReader, Site } from '../core/ports.js';
import { contentWishOf, TARGETS } from '../core/publication.js';
import type { PublicationRecord } from '../core/records.js';
import type { createSiteConditions } from '../publishing/configuration-manager/conditions.js';
import { nextStepFor } from '../publishing/configuration-manager/next-steps.js';
import type { Bridge } from '../publishing/software-update-point/bridge.js';
import {
  lookAtTls,
  type PreflightSources,
  type SiteUpdate,
  type TlsService,
} from '../verification/preflight/index.js';
import type { HttpsTransportOptions } from '../verification/transport.js';
import { lazily } from './lazily.js';
import { type DistributedUpdate, type GatewayParts, openGateway } from './preflight-gateway.js';
import type { SettingsFile } from './settings-files.js';

const TIMEOUT_MS = 20_000;
const OUTSIDE = 'https://github.com/robots.txt';
const OUTSIDE_BYTES = 1 << 20;
/** How many of the distributed updates are looked at. */
const NEWEST = 3;

export interface PreflightParts {
  readonly now: () => Date;
  readonly settingsFiles: readonly SettingsFile[];
  readonly ledger: LedgerReader;
  readonly http: Pick<HttpClient, 'get'>;
  readonly catalog: Pick<CatalogDefinition, 'vendorName' | 'productName'>;
  readonly contentBaseUrl: string;
  /** PEM that others trust our content server by; absent: the roots that Node brings. */
  readonly contentCa?: string | undefined;
  readonly timestamps: { readonly urls: readonly string[]; readonly roots: readonly Uint8Array[] };
  readonly bridge: Bridge | null;
  readonly site: (Site & ReturnType<typeof createSiteConditions> & { readonly url: string }) | null;
  readonly updateServer: { readonly url: string; readonly ca?: string } | null;
  readonly gateway: GatewayParts | null;
  /** Where names are answered, as far as elsewhere; for the lab. */
  readonly hosts: HttpsTransportOptions['hosts'];
}

/** What the conditions of preflight look at; nothing is asked yet, and what cannot be opened spoils no other. */
export function openPreflight(parts: PreflightParts): PreflightSources {
  const { hosts } = parts;
  const service = (url: string, ca?: string): TlsService => ({ url, look: () => lookAt(url, hosts, ca) });
  return lazily<PreflightSources>({
    now: parts.now,
    settingsFiles: () => parts.settingsFiles,
    updateServer: () => parts.updateServer && service(parts.updateServer.url, parts.updateServer.ca),
    bridge: () => parts.bridge && once(probeOf(parts.bridge, parts.contentBaseUrl)),
    site: () => openSite(parts),
    contentServer: () => service(parts.contentBaseUrl, parts.contentCa),
    timestamp: () => openTimestamps(parts),
    gateway: () =>
      parts.gateway && {
        ...service(parts.gateway.url, parts.gateway.ca),
        ...openGateway(parts.gateway, { hosts, timeoutMs: TIMEOUT_MS, now: parts.now }, () =>
          newestDistributed(parts),
        ),
      },
    outbound: () => () => askOutside(parts.http),
    catalog: () => () => countPublished(parts),
  });
}

const probeOf = (bridge: Bridge, contentUrl: string) => () =>
  bridge.call({ verb: 'probe', contentUrl }, AbortSignal.timeout(TIMEOUT_MS));

function openTimestamps({ timestamps, now }: PreflightParts): PreflightSources['timestamp'] {
  return timestamps.urls.length === 0
    ? null
    : () => obtainTimestamp(Buffer.from('preflight'), { ...timestamps, now });
}

/** What several conditions look at is asked for once; each job of the bridge is a process. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask();
    return answer;
  };
}

function openSite({
  site,
  ledger,
  catalog: { vendorName, productName },
}: PreflightParts): PreflightSources['site'] {
  if (site === null) return null;
  return {
    url: site.url,
    product: () => site.product(vendorName, productName),
    syncFault: () => site.syncFault(),
    conditions: () => site.conditions(),
    thirdPartyCategories: once(() => site.thirdPartyCategories()),
    updates: once(async () => siteUpdates(site, await published(ledger))),
  };
}

async function siteUpdates(
  site: Site,
  publications: readonly PublicationRecord[],
): Promise<readonly SiteUpdate[]> {
  const states = await site.updates(publications.map(({ packageId }) => packageId));
  const wishes = new Map(publications.map((one) => [one.packageId, contentWishOf(one)]));
  return states.map((state) => {
    const isShown = state.revisedAt !== null || state.revision !== null;
    const { packageId, isDeployable, fault } = state;
    return {
      packageId,
      isShown,
      isTaken: isDeployable || (isShown && wishes.get(packageId) === 'metadata'),
      isDeployable,
      isOnCmg: state.isContentProvisioned,
      refusal: fault === null ? null : { found: fault, fix: nextStepFor(fault) },
    };
  });
}

/** What clients are told of: neither pending nor withdrawn. */
async function published(ledger: LedgerReader) {
  const all = (await Promise.all(TARGETS.map((target) => ledger.publications(target)))).flat();
  return all.filter(({ state }) => state !== 'pending' && state !== 'superseded' && state !== 'expired');
}

/** Without a site that says so nothing is distributed. */
async function newestDistributed({ ledger, site }: PreflightParts): Promise<readonly DistributedUpdate[]> {
  const reachedAt = (one: PublicationRecord) => Date.parse(one.reachedAt?.distributed ?? one.changedAt);
  const newest = (await published(ledger))
    .filter(({ state }) => state === 'distributed' || state === 'verified')
    .sort((a, b) => reachedAt(b) - reachedAt(a))
    .slice(0, NEWEST);
  const states = (await site?.updates(newest.map(({ packageId }) => packageId))) ?? [];
  return states.flatMap(({ packageId, revision }) => (revision === null ? [] : [{ packageId, revision }]));
}

async function countPublished({ ledger, catalog }: PreflightParts) {
  const updates = (await published(ledger)).length;
  return { updates, products: updates === 0 ? [] : [`${catalog.vendorName} > ${catalog.productName}`] };
}

function lookAt(url: string, hosts: PreflightParts['hosts'], ca?: string) {
  const { hostname, port } = new URL(url);
  const place = hosts[hostname] ?? { address: hostname, port: port === '' ? 443 : Number(port) };
  return lookAtTls({ name: hostname, ...place, ...(ca && { ca }), timeoutMs: TIMEOUT_MS });
}

async function askOutside(http: PreflightParts['http']): Promise<string> {
  const { status, finalUrl } = await http.get({
    url: OUTSIDE,
    maxBytes: OUTSIDE_BYTES,
    timeoutMs: TIMEOUT_MS,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return `${finalUrl} answered ${status}`;
}
