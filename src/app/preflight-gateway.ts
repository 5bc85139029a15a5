import { randomUUID, X509Certificate } from 'node:crypto';
import type { ContentLook, GatewayReads, GatewayWay } from '../verification/preflight/index.js';
import { type ToldFile, toldFiles } from '../verification/told-files.js';
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

/** What is read of a file that may not be there is read when it is asked for. */
export interface GatewayParts {
  readonly url: string;
  readonly ca?: string;
  readonly client: (() => { readonly certificate: string; readonly key: string }) | null;
  readonly token: { readonly url: string; readonly text: () => string } | null;
  /** True for the lab, whose content is below the gateway's own path; no public page gives the form of a real one. */
  readonly isLab: boolean;
}

/** One revision as the update services count it. */
export interface DistributedUpdate {
  readonly packageId: string;
  readonly revision: number;
}

interface Way extends Omit<GatewayWay, 'ask'> {
  readonly base: string;
  options(): HttpsTransportOptions;
}

const HEAD_BYTES = 4096;

/** The ways to the gateway that are configured, and what is asked on them; nothing is asked yet. */
export function openGateway(
  gateway: GatewayParts,
  at: Pick<HttpsTransportOptions, 'hosts' | 'timeoutMs'> & { readonly now: () => Date },
  distributed: () => Promise<readonly DistributedUpdate[]>,
): Pick<GatewayReads, 'ways' | 'content'> {
  const ways = waysOf(gateway, at);
  const [way] = ways;
  return {
    ways: ways.map((one) => ({
      ...one,
      ask: async () => using(one.options(), (transport) => askConfig(transport, one.base)),
    })),
    content:
      gateway.isLab && way !== undefined
        ? async () => using(way.options(), (transport) => lookAtContent(transport, way, distributed, at.now))
        : null,
  };
}

function waysOf(
  { url, ca, client, token }: GatewayParts,
  { hosts, timeoutMs }: Pick<HttpsTransportOptions, 'hosts' | 'timeoutMs'>,
): readonly Way[] {
  const common = { hosts, timeoutMs, ...(ca && { ca }) };
  const ways: Way[] = [];
  if (client !== null) {
    ways.push({
      kind: 'certificate',
      notAfter: () => new Date(new X509Certificate(client().certificate).validTo).toISOString(),
      base: url,
      options: () => ({ ...common, client: client() }),
    });
  }
  if (token !== null) {
    ways.push({
      kind: 'token',
      notAfter: () => endOf(token.text()),
      base: token.url,
      options: () => ({ ...common, client: null, token: token.text() }),
    });
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

async function lookAtContent(
  transport: HttpsTransport,
  { base }: Way,
  distributed: () => Promise<readonly DistributedUpdate[]>,
  now: () => Date,
): Promise<readonly ContentLook[]> {
  const looks: ContentLook[] = [];
  for (const update of await distributed()) {
    const computer = { clientId: randomUUID(), dnsName: 'preflight' };
    const [told] = await toldFiles({ transport, base, computer, now }, update);
    const refusal =
      told === undefined
        ? 'the update services do not tell clients of it'
        : await refusalOf(transport, base, told);
    looks.push({ packageId: update.packageId, refusal });
  }
  return looks;
}

/** The head of what a client would download. */
async function refusalOf(
  transport: HttpsTransport,
  base: string,
  { file: { sizeBytes }, url }: ToldFile,
): Promise<string | null> {
  try {
    const end = Math.min(HEAD_BYTES, sizeBytes) - 1;
    await downloadRange(transport, contentAddress(base, url), 0, end, sizeBytes);
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
