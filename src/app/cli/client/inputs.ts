import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseMachine } from '../../../config/machine.js';
import { loadSettings } from '../../../config/settings.js';
import { PermanentError } from '../../../core/errors.js';
import type { Machine } from '../../../core/machine.js';
import type { ClientTrust } from '../../../verification/client.js';
import { contentAddress } from '../../../verification/wusp/content.js';
import { trustFrom } from '../../configure.js';
import { readCertificateBundle } from '../../pem.js';
import { readInput } from '../metadata/read.js';
import { statNamedFile } from '../named-file.js';
import type { OutputOptions } from '../output.js';

/** What `patchpress client` is given. */
export interface ClientOptions extends OutputOptions {
  readonly via: string;
  readonly machine: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly update?: string;
  readonly locale: string;
  readonly state?: string;
  readonly name?: string;
  readonly report: boolean;
  readonly trust?: string;
  readonly publishers?: string;
  readonly content?: string;
  readonly files?: string;
  readonly timeout: string;
}

/** The same, read and judged. */
export interface ClientInputs {
  /** What stands before `/ClientWebService`. */
  readonly base: string;
  readonly machine: Machine;
  readonly dnsName: string;
  readonly credentials: {
    readonly ca?: string;
    readonly client: { readonly certificate: string; readonly key: string } | null;
    readonly token?: string;
  };
  /** Lower case. */
  readonly updateId: string | null;
  readonly locale: string;
  readonly statePath: string | null;
  readonly isReported: boolean;
  readonly timeoutMs: number;
  readonly trust: ClientTrust;
  /** Where downloads stay; null: nowhere. */
  readonly filesFolder: string | null;
  addressOf(url: string): string;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SERVICE = /\/ClientWebService(?:\/client\.asmx)?\/?$/i;

/** PermanentError `configuration.invalid`, `not-found` or `payload.invalid` that names the option to correct. */
export function readInputs(options: ClientOptions): ClientInputs {
  const base = baseOf(options.via, '--via');
  const content = options.content === undefined ? null : baseOf(options.content, '--content');
  const text = (file: string) => readInput(file).toString('utf8');
  const token = options.token === undefined ? undefined : text(options.token).trim();
  if (token !== undefined) requireEncrypted(base);
  const seconds = Number(options.timeout);
  if (!(seconds >= 1 && seconds <= 3600)) throw wrong('--timeout', 'seconds, 1 to 3600', options.timeout);
  return {
    base,
    machine: parseMachine(text(options.machine), options.machine),
    dnsName: options.name ?? hostname(),
    credentials: {
      ...(options.ca === undefined ? {} : { ca: text(options.ca) }),
      client: clientOf(options),
      ...(token === undefined ? {} : { token }),
    },
    updateId: options.update === undefined ? null : guidOf(options.update),
    locale: options.locale,
    statePath: options.state ?? null,
    isReported: options.report,
    timeoutMs: seconds * 1000,
    trust: trustOf(options),
    filesFolder: options.files === undefined ? null : folderOf(options.files),
    addressOf: (url) => addressOf(url, content ?? (isProxied(base) ? base : null)),
  };
}

function folderOf(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (error) {
    throw wrong('--files', 'a folder that can be written to', String(error));
  }
}

/** The server's root, whichever of its addresses was named. */
function baseOf(address: string, option: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === null || !isWeb || `${url.search}${url.hash}${url.username}${url.password}` !== '') {
    throw wrong(option, 'http(s)://host[:port][/path] of the server or its gateway', address);
  }
  return `${url.origin}${url.pathname.replace(SERVICE, '').replace(/\/+$/, '')}`;
}

/** A client behind a gateway has no way to the server's own addresses. */
function isProxied(base: string): boolean {
  return /\/CCM_Proxy_\w+\//i.test(new URL(base).pathname);
}

/** What the server names, or the same path below the client's own way. PermanentError `protocol.violation`. */
function addressOf(url: string, below: string | null): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) {
    return below === null ? url : contentAddress(below, url);
  }
  throw new PermanentError('protocol.violation', 'the server names content at no address of the web', {
    expected: 'http(s)://...',
    found: url,
  });
}

function requireEncrypted(base: string): void {
  const { protocol, hostname: host } = new URL(base);
  if (protocol === 'https:' || /^(localhost|127\.[\d.]+|\[::1\])$/.test(host)) return;
  throw wrong('--token', 'https, so that nobody else reads the token', base);
}

function clientOf({ cert, key }: ClientOptions): ClientInputs['credentials']['client'] {
  if (cert === undefined && key === undefined) return null;
  const certificate = cert ?? key ?? '';
  // One file may hold both.
  const own = key ?? cert ?? '';
  statNamedFile(certificate);
  statNamedFile(own);
  return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(own, 'utf8') };
}

function guidOf(text: string): string {
  const id = text.toLowerCase().replace(/^\{|\}$/g, '');
  if (!GUID.test(id)) throw wrong('--update', 'an UpdateID (a GUID)', text);
  return id;
}

/**
 * The roots that were named, else those of the settings; without any no content is trusted. With `--publishers` the signer
 * must be one of them, as in the store Trusted Publishers of a computer.
 */
function trustOf({ trust, publishers }: ClientOptions): ClientTrust {
  const trusted =
    publishers === undefined ? null : readCertificateBundle(publishers, '--publishers').map(thumbprintOf);
  if (trust === undefined) return { anchors: trustFrom(loadSettings()), trustedPublishers: trusted };
  const roots = readCertificateBundle(trust, '--trust');
  return { anchors: { codeSigningRoots: roots, timestampRoots: roots }, trustedPublishers: trusted };
}

function wrong(option: string, expected: string, found: string): PermanentError {
  return new PermanentError('configuration.invalid', 'an option cannot be used', {
    where: option,
    expected,
    found,
    nextStep: 'patchpress client --help',
  });
}

/** SHA-1, upper case without colons. */
function thumbprintOf(der: Uint8Array): string {
  return new X509Certificate(der).fingerprint.replaceAll(':', '');
}
