import { randomUUID, X509Certificate } from 'node:crypto';
import type { Site } from '../core/ports.js';
import type { PublicationRecord } from '../core/records.js';
import type { ContentLook, GatewayReads, GatewayWay } from '../verification/preflight/index.js';
import { toldFiles } from '../verification/told-files.js';
import {
  createHttpsTransport,
  type HttpsTransport,
  type HttpsTransportOptions,
} from '../verification/transport.js';
import {
  ContentUnavailable,
  contentAddress,
  DigestMismatch,
  downloadRange,
} from '../verification/wusp/content.js';
import { callService, elements, SERVICES } from '../verification/wusp/soap.js';

export interface GatewayParts {
  readonly url: string;
  readonly ca?: string;
  readonly client: { readonly certificate: string; readonly key: string } | null;
  readonly token: { readonly url: string; readonly text: string } | null;
  /** True for the lab, whose content is below the gateway's own path; no public page gives the form of a real one. */
  readonly isLab: boolean;
}

type Hosts = HttpsTransportOptions['hosts'];

interface Way extends Pick<GatewayWay, 'kind' | 'notAfter'> {
  readonly base: string;
  readonly options: HttpsTransportOptions;
}

/** How many of the distributed updates are looked at. */
const NEWEST = 3;
const HEAD_BYTES = 4096;

/** The ways to the gateway that are configured, and what is asked on them; nothing is asked yet. */
export function openGateway(
  gateway: GatewayParts,
  at: { readonly hosts: Hosts; readonly timeoutMs: number; readonly now: () => Date },
  { published, site }: Pick<ContentDeps, 'published'> & { readonly site: ContentDeps['site'] | null },
): Pick<GatewayReads, 'ways' | 'content'> {
  const ways = waysOf(gateway, at.hosts, at.timeoutMs);
  const [way] = ways;
  const isKnown = gateway.isLab && site !== null && way !== undefined;
  return {
    ways: ways.map(({ kind, notAfter, base, options }) => ({
      kind,
      notAfter,
      ask: () => using(options, (transport) => askConfig(transport, base)),
    })),
    content: isKnown
      ? () =>
          using(way.options, (transport) => lookAtContent({ published, site, now: at.now, transport }, way))
      : null,
  };
}

function waysOf({ url, ca, client, token }: GatewayParts, hosts: Hosts, timeoutMs: number): readonly Way[] {
  const common = { hosts, timeoutMs, ...(ca && { ca }) };
  const ways: Way[] = [];
  if (client !== null) {
    const notAfter = new Date(new X509Certificate(client.certificate).validTo).toISOString();
    ways.push({ kind: 'certificate', notAfter, base: url, options: { ...common, client } });
  }
  if (token !== null) {
    const options = { ...common, client: null, token: token.text };
    ways.push({ kind: 'token', notAfter: endOf(token.text), base: token.url, options });
  }
  return ways;
}

async function using<T>(
  options: HttpsTransportOptions,
  body: (transport: HttpsTransport) => Promise<T>,
): Promise<T> {
  const transport = createHttpsTransport(options);
  try {
    return await body(transport);
  } finally {
    transport.close();
  }
}

/** The first call of a client ([MS-WUSP] 3.1.4.2); what it answers does not matter here. */
async function askConfig(transport: HttpsTransport, base: string): Promise<void> {
  const version = elements(SERVICES.client)('protocolVersion', '2.90');
  await callService(transport, base, SERVICES.client, 'GetConfig', [version]);
}

interface ContentDeps {
  /** Those that clients are told of. */
  readonly published: () => Promise<readonly PublicationRecord[]>;
  readonly site: Pick<Site, 'updates'>;
  readonly transport: HttpsTransport;
  readonly now: () => Date;
}

async function lookAtContent(deps: ContentDeps, way: Way): Promise<readonly ContentLook[]> {
  const newest = newestDistributed(await deps.published());
  const states = await deps.site.updates(newest.map(({ packageId }) => packageId));
  const looks: ContentLook[] = [];
  for (const { packageId, revision } of states) {
    if (revision === null) continue;
    looks.push({ packageId, refusal: await refusalOf(deps, way, { packageId, revision }) });
  }
  return looks;
}

function newestDistributed(published: readonly PublicationRecord[]): readonly PublicationRecord[] {
  const reachedAt = (one: PublicationRecord) => Date.parse(one.reachedAt?.distributed ?? one.changedAt);
  return published
    .filter(({ state }) => state === 'distributed' || state === 'verified')
    .sort((a, b) => reachedAt(b) - reachedAt(a))
    .slice(0, NEWEST);
}

/** What a client would download, of it the head. */
async function refusalOf(
  { transport, now }: ContentDeps,
  { base }: Way,
  identity: { readonly packageId: string; readonly revision: number },
): Promise<string | null> {
  const computer = { clientId: randomUUID(), dnsName: 'preflight' };
  const [told] = await toldFiles({ transport, base, computer, now }, identity);
  if (told === undefined) return 'the update services do not tell clients of it';
  const { sizeBytes } = told.file;
  try {
    const end = Math.min(HEAD_BYTES, sizeBytes) - 1;
    await downloadRange(transport, contentAddress(base, told.url), 0, end, sizeBytes);
    return null;
  } catch (error) {
    if (error instanceof ContentUnavailable || error instanceof DigestMismatch) return error.message;
    throw error;
  }
}

/** `exp` of a JWT ([RFC 7519] 4.1.4); null for another form of token. Nothing is trusted by it. */
function endOf(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const exp = (claims as { exp?: unknown }).exp;
    return typeof exp === 'number' && exp < 1e11 ? new Date(exp * 1000).toISOString() : null;
  } catch {
    return null;
  }
}
