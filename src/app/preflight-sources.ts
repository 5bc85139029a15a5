import { obtainTimestamp } from '../../signing/timestamp/index.js';
import type { HttpClient, LedgerReader, Site } from '../core/ports.js';
import { TARGETS } from '../core/publication.js';
import type { createSiteConditions } from '../publishing/configuration-manager/conditions.js';
import { nextStepFor } from '../publishing/configuration-manager/next-steps.js';
import type { Bridge } from '../publishing/software-update-point/bridge.js';
import { lookAtTls, type PreflightSources, type TlsService } from '../verification/preflight/index.js';
import type { HttpsTransportOptions } from '../verification/transport.js';
import type { LineOptions } from './open-stages.js';
import { type GatewayParts, openGateway } from './preflight-gateway.js';

const TIMEOUT_MS = 20_000;
const OUTSIDE = 'https://github.com/robots.txt';
const OUTSIDE_BYTES = 1 << 20;

export interface PreflightParts {
  readonly now: () => Date;
  readonly ledger: LedgerReader;
  readonly http: Pick<HttpClient, 'get'>;
  readonly catalog: Pick<LineOptions['catalog'], 'vendorName' | 'productName'>;
  readonly contentBaseUrl: string;
  /** PEM that others trust our content server by; absent: the roots that Node brings. */
  readonly contentCa?: string;
  readonly timestamps: { readonly urls: readonly string[]; readonly roots: readonly Uint8Array[] };
  readonly bridge: Bridge | null;
  readonly site: (Site & ReturnType<typeof createSiteConditions> & { readonly url: string }) | null;
  readonly updateServer: { readonly url: string; readonly ca?: string } | null;
  readonly gateway: GatewayParts | null;
  /** Where names are answered, as far as elsewhere; for the lab. */
  readonly hosts: HttpsTransportOptions['hosts'];
}

/** What the conditions of preflight look at; nothing is asked yet. */
export function openPreflight(parts: PreflightParts): PreflightSources {
  const { bridge, timestamps, hosts, contentBaseUrl } = parts;
  const service = (url: string, ca?: string): TlsService => ({ url, look: () => lookAt(url, hosts, ca) });
  return {
    now: parts.now(),
    updateServer: parts.updateServer && service(parts.updateServer.url, parts.updateServer.ca),
    bridge:
      bridge &&
      once(() => bridge.call({ verb: 'probe', contentUrl: contentBaseUrl }, AbortSignal.timeout(TIMEOUT_MS))),
    site: openSite(parts),
    contentServer: service(contentBaseUrl, parts.contentCa),
    timestamp:
      timestamps.urls.length === 0
        ? null
        : () => obtainTimestamp(Buffer.from('preflight'), { ...timestamps, now: parts.now }),
    gateway: parts.gateway && {
      ...service(parts.gateway.url, parts.gateway.ca),
      ...openGateway(
        parts.gateway,
        { hosts, timeoutMs: TIMEOUT_MS, now: parts.now },
        { site: parts.site, published: () => published(parts.ledger) },
      ),
    },
    outbound: () => askOutside(parts.http),
    catalog: () => countPublished(parts),
  };
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
    thirdPartyProducts: () => site.thirdPartyProducts(),
    updates: once(async () => {
      const states = await site.updates((await published(ledger)).map(({ packageId }) => packageId));
      return states.map((state) => ({
        packageId: state.packageId,
        isShown: state.revisedAt !== null || state.revision !== null,
        isDeployable: state.isDeployable,
        isOnCmg: state.isContentProvisioned,
        refusal: state.fault === null ? null : { found: state.fault, fix: nextStepFor(state.fault) },
      }));
    }),
  };
}

/** What clients are told of: neither pending nor withdrawn. */
async function published(ledger: LedgerReader) {
  const all = (await Promise.all(TARGETS.map((target) => ledger.publications(target)))).flat();
  return all.filter(({ state }) => state !== 'pending' && state !== 'superseded' && state !== 'expired');
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
