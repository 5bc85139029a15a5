import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { type CertifiedKey, issueCertificate } from '../../../signing/certificates/index.js';
import {
  type Handler,
  type ListeningServer,
  listen,
  RequestRefused,
  readBody,
  send,
} from '../software-update-point/http.js';
import { sendFeed } from '../vendor-site/respond.js';
import { type HostileMode, misbehave } from './hostile.js';
import { createMeter, type Meter } from './meter.js';
import { type FarmFeed, planAddress, type Shown } from './plan.js';
import { drawShare } from './seed.js';

export type { FarmAnswer, FarmAsset } from './answer.js';
export { HOSTILE_MODES, type HostileMode } from './hostile.js';
export type { HostTraffic, PolitenessLimits } from './meter.js';
export { answerWith, type FarmFeed, planAddress, planAnswer } from './plan.js';
export { drawShare } from './seed.js';
export { answerWriters } from './writers/index.js';
export { STAND_IN_FILE } from './writers/redirect.js';

export interface VendorFarmOptions {
  readonly feeds: readonly FarmFeed[];
  /** Who issues the certificates of the hosts. */
  readonly authority: CertifiedKey;
  /** The bytes of a file at an address that is no feed; null: there is none. Its host must be one of `fileHosts`. */
  readonly installerAt?: (url: string) => Buffer | null;
  readonly fileHosts?: readonly string[];
  /** Who answers for an address of these hosts that is not the farm's; absent: nobody. */
  readonly otherwise?: Handler;
  readonly now: () => Date;
}

/** Stand-in vendors for any number of products: their real host names and addresses on one HTTPS server. */
export interface VendorFarm {
  readonly port: number;
  readonly hosts: readonly string[];
  /** Products whose version no answer of their feed shows: they are not in the farm. */
  readonly leftOut: readonly string[];
  /** The version that the product's feed shows now; null where it is left out. */
  versionOf(productId: string): string | null;
  /** A seeded share of the addresses releases the next version; returns the products whose version changed. */
  release(share: number, seed: string): readonly string[];
  /** How long answers are under way from now on; 0 at first. */
  setLatency(latencyMs: number): void;
  /** What the hosts do instead of answering; those that are not named answer. */
  setHostile(modes: Readonly<Record<string, HostileMode>>): void;
  readonly meter: Meter;
  close(): Promise<void>;
}

interface Address {
  readonly feeds: readonly FarmFeed[];
  step: number;
  shown: Shown | null;
}

export async function createVendorFarm(options: VendorFarmOptions): Promise<VendorFarm> {
  const addresses = planAddresses(options.feeds);
  const hosts = hostsOf(addresses, options.fileHosts ?? []);
  const meter = createMeter();
  let hostile: Readonly<Record<string, HostileMode>> = {};
  let latencyMs = 0;
  const server = await listenFor(hosts, options, async (request, response) => {
    const host = hostOf(request);
    const end = meter.begin(host);
    response.once('close', end);
    if (latencyMs > 0) await delay(latencyMs);
    const mode = hostile[host];
    if (mode === undefined)
      await answer(addresses, options, `https://${host}${request.url}`, request, response);
    else await misbehave[mode](request, response);
  });
  const versionOf = (productId: string) =>
    [...addresses.values()]
      .find(({ shown }) => shown?.versions.has(productId))
      ?.shown?.versions.get(productId) ?? null;
  const shownIds = new Set(
    [...addresses.values()].flatMap(({ shown }) => [...(shown?.versions.keys() ?? [])]),
  );
  return {
    port: server.port,
    hosts,
    leftOut: options.feeds.map(({ productId }) => productId).filter((id) => !shownIds.has(id)),
    versionOf,
    release: (share, seed) =>
      drawShare([...addresses.keys()], share, seed).flatMap((key) => releaseNext(addresses.get(key))),
    setLatency(ms) {
      latencyMs = ms;
    },
    setHostile(modes) {
      hostile = modes;
    },
    meter,
    close: server.close,
  };
}

/** By address, and by what is posted there. */
function planAddresses(feeds: readonly FarmFeed[]): Map<string, Address> {
  const grouped = new Map<string, FarmFeed[]>();
  for (const one of feeds) {
    const key = keyOf(new URL(one.url).href, one.body);
    grouped.set(key, [...(grouped.get(key) ?? []), one]);
  }
  return new Map(
    [...grouped].map(([key, group]) => [key, { feeds: group, step: 0, shown: planAddress(group, 0) }]),
  );
}

function keyOf(url: string, body = ''): string {
  return body === '' ? url : `${url}\n${body}`;
}

function releaseNext(address: Address | undefined): readonly string[] {
  const next = address && planAddress(address.feeds, address.step + 1);
  if (address === undefined || next === null || next === undefined) return [];
  const changed = [...next.versions].filter(([id, version]) => address.shown?.versions.get(id) !== version);
  address.step += 1;
  address.shown = next;
  return changed.map(([id]) => id);
}

function hostsOf(addresses: ReadonlyMap<string, Address>, fileHosts: readonly string[]): readonly string[] {
  const asked = [...addresses.values()].flatMap(({ feeds, shown }) => [
    ...feeds.map(({ url }) => new URL(url).hostname),
    ...(shown?.answer.kind === 'redirect' ? [new URL(shown.answer.location).hostname] : []),
  ]);
  return [...new Set([...asked, ...fileHosts])].sort();
}

/** The name in `Host` decides, and the handshake must have been for it ([RFC 9110] 15.5.20). */
function hostOf(request: IncomingMessage): string {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if ((request.socket as TLSSocket).servername !== host) throw new RequestRefused(421, 'another host');
  return host;
}

const MOST_BODY_BYTES = 64 * 1024;

async function answer(
  addresses: ReadonlyMap<string, Address>,
  { installerAt, otherwise }: VendorFarmOptions,
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = request.method === 'POST' ? (await readBody(request, MOST_BODY_BYTES)).toString('utf8') : '';
  const address = addresses.get(keyOf(new URL(url).href, body));
  const shown = address?.shown ?? null;
  if (address === undefined || shown === null) {
    const file = installerAt?.(url) ?? null;
    if (file !== null || isLedTo(addresses, url)) sendFile(file, response);
    else if (otherwise !== undefined) await otherwise(request, response);
    else throw new RequestRefused(404, 'Not Found');
  } else if (shown.answer.kind === 'redirect')
    response.writeHead(302, { location: shown.answer.location }).end();
  else sendFeed({ ...shown.answer, modified: modifiedAt(address.step) }, request, response);
}

function modifiedAt(step: number): Date {
  return new Date(Date.UTC(2026, 0, 5 + step));
}

function isLedTo(addresses: ReadonlyMap<string, Address>, url: string): boolean {
  return [...addresses.values()].some(
    ({ shown }) => shown?.answer.kind === 'redirect' && shown.answer.location === url,
  );
}

/** A file, or the end of a redirect, of which nobody needs the content. */
function sendFile(file: Buffer | null, response: ServerResponse): void {
  const headers = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' };
  send(response, { status: 200, headers, body: file ?? 'MZ' });
}

const NAMES_PER_CERTIFICATE = 100;
const CERTIFICATE_DAYS = 3650;

/** Few certificates with many names each: a handshake stays small, and starting needs few keys. */
function listenFor(
  hosts: readonly string[],
  { authority, now }: VendorFarmOptions,
  handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<ListeningServer> {
  const contexts = new Map<string, SecureContext>();
  const groups = Array.from({ length: Math.ceil(hosts.length / NAMES_PER_CERTIFICATE) }, (_, place) =>
    hosts.slice(place * NAMES_PER_CERTIFICATE, (place + 1) * NAMES_PER_CERTIFICATE),
  );
  const issued = groups.map((names) => {
    const subject = 'CN=Vendor farm, O=Patchpress Lab';
    const { certificate, key } = issueCertificate(authority, {
      subject,
      usage: 'serverAuth',
      hosts: names,
      days: CERTIFICATE_DAYS,
      now: now(),
    });
    const context = createSecureContext({ cert: certificate, key });
    for (const name of names) contexts.set(name, context);
    return { certificate, key };
  });
  const [identity] = issued;
  if (identity === undefined) throw new Error('a farm without a host');
  const SNICallback = (name: string, done: (error: Error | null, context?: SecureContext) => void): void =>
    done(null, contexts.get(name.toLowerCase()));
  return listen(handler, { ...identity, SNICallback }, 0);
}
