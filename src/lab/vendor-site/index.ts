import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import {
  addressOf,
  type Handler,
  listen,
  RequestRefused,
  type ServerIdentity,
  send,
} from '../software-update-point/http.js';
import { MAINTENANCE_PAGE, RETRY_AFTER_SECONDS, type VendorFault } from './faults.js';
import { type Fixtures, missing, newestOf } from './fixtures.js';
import { openReleases, type Releases } from './releases.js';
import { sendFeed, sendInstaller } from './respond.js';
import { shelfOf } from './shelf.js';
import type { VendorAnswer, VendorRequest } from './vendor.js';
import { vendors } from './vendors/index.js';

export { VENDOR_FAULTS, type VendorFault } from './faults.js';
export { type Fixture, type Fixtures, joinFixtures, loadFixtures } from './fixtures.js';

export interface VendorSiteOptions {
  /** 0: any free port of the loopback address. */
  readonly port: number;
  /** One certificate for all names of `VENDOR_HOSTS`. */
  readonly identity: ServerIdentity;
  readonly fixtures: Fixtures;
  /** What was released is kept here over restarts; without it, until the site closes. */
  readonly stateFile?: string;
}

export interface VendorSite {
  readonly port: number;
  readonly hosts: readonly string[];
  /** Answers as the server does, for another server of the same names. */
  readonly answer: Handler;
  /** What goes wrong at this product's vendor from now on; null: nothing. */
  setFault(productId: string, fault: VendorFault | null): void;
  /**
   * The vendor releases its next version, for good; twice does nothing new. PermanentError `not-found` where the fixtures
   * have none.
   */
  release(productId: string): void;
  /** Products whose next version is released. */
  released(): readonly string[];
  /** Requests so far by `host/path`. */
  requests(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Every name that the vendor site answers for. */
export const VENDOR_HOSTS: readonly string[] = [...new Set(vendors.flatMap((vendor) => vendor.hosts))].sort();

/** The vendors' real addresses on one HTTPS server, told apart by name: feeds in the vendors' shapes, real files. */
export async function startVendorSite(options: VendorSiteOptions): Promise<VendorSite> {
  const faults = new Map<string, VendorFault>();
  const releases = openReleases(options.fixtures, options.stateFile);
  const counts = new Map<string, number>();
  const handler: Handler = async (request, response) => {
    const asked = vendorRequest(request);
    const name = `${asked.host}${asked.path}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const { answer, fault } = findAnswer(options.fixtures, faults, releases, asked);
    await respond(answer, fault, request, response);
  };
  const server = await listen(handler, options.identity, options.port);
  return {
    port: server.port,
    hosts: VENDOR_HOSTS,
    answer: handler,
    setFault(productId, fault) {
      if (!vendors.some((vendor) => vendor.productId === productId)) throw missing(productId);
      requireSigned(options.fixtures, productId, fault);
      if (fault === null) faults.delete(productId);
      else faults.set(productId, fault);
    },
    release: releases.add,
    released: releases.all,
    requests: () => Object.fromEntries(counts),
    close: server.close,
  };
}

/** A vendor who never signs cannot stop to, or let someone else do it. */
function requireSigned(fixtures: Fixtures, productId: string, fault: VendorFault | null): void {
  if (fault !== 'unsigned' && fault !== 'changed-signer') return;
  const isSigned = newestOf(fixtures, productId).every(({ signer }) => signer !== null);
  if (!isSigned) throw missing(`${productId}, ${fault}, whose vendor does not sign`);
}

/** The name in `Host` decides, and the handshake must have been for it ([RFC 9110] 15.5.20). */
function vendorRequest(request: IncomingMessage): VendorRequest {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new RequestRefused(405, 'GET or HEAD');
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!VENDOR_HOSTS.includes(host)) throw new RequestRefused(404, 'no such host');
  if ((request.socket as TLSSocket).servername !== host) throw new RequestRefused(421, 'another host');
  const { pathname, searchParams } = addressOf(request);
  return { host, path: decodePath(pathname), query: searchParams, headers: request.headers };
}

/** `%2B` in a file's name is the same address as `+`. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RequestRefused(400, 'the address of the request is malformed');
  }
}

function findAnswer(
  fixtures: Fixtures,
  faults: ReadonlyMap<string, VendorFault>,
  releases: Releases,
  request: VendorRequest,
): { readonly answer: VendorAnswer; readonly fault: VendorFault | null } {
  for (const vendor of vendors) {
    if (!vendor.hosts.includes(request.host)) continue;
    const fault = faults.get(vendor.productId) ?? null;
    const released = releases.has(vendor.productId);
    const answer = vendor.answer(request, shelfOf(fixtures, vendor.productId, fault, released));
    if (answer !== null) return { answer, fault: vendor.isSecondVantage === true ? null : fault };
  }
  throw new RequestRefused(404, 'Not Found');
}

async function respond(
  answer: VendorAnswer,
  fault: VendorFault | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const failure = failureOf(answer, fault);
  if (failure !== null) send(response, failure);
  else if (answer.kind === 'feed') sendFeed(answer, request, response);
  else if (answer.kind === 'file') {
    await sendInstaller(
      answer,
      fault === 'truncated' || fault === 'slow' ? fault : 'whole',
      request,
      response,
    );
  } else if (answer.kind === 'redirect') {
    send(response, { status: 302, headers: { location: answer.location }, body: '' });
  } else {
    send(response, { status: answer.status, headers: { 'content-type': 'text/html' }, body: answer.body });
  }
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** The answer that a fault puts in place of the vendor's, or null. */
function failureOf(answer: VendorAnswer, fault: VendorFault | null) {
  if (fault === 'busy') {
    const headers = { ...TEXT, 'retry-after': String(RETRY_AFTER_SECONDS) };
    return { status: 429, headers, body: 'Too Many Requests\n' };
  }
  if (fault === 'feed-html' && answer.kind === 'feed') {
    return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: MAINTENANCE_PAGE };
  }
  // A file is missing where people ask for it: at GitHub that is the address that redirects.
  if (fault === 'not-found' && answer.kind !== 'feed')
    return { status: 404, headers: TEXT, body: 'Not Found\n' };
  return null;
}
