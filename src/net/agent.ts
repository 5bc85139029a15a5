import { Agent, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { guardedLookup, plainHost, refuseInsideName, refuseLiteral } from './addresses.js';
import { openTunnel, type HttpProxy, usesProxy } from './proxy.js';

/** Where a name is answered instead of where the name service says: the lab, and our own fixed name. */
export type HostMap = Readonly<Record<string, { readonly address: string; readonly port: number }>>;

export interface GuardedAgentOptions {
  readonly hosts?: HostMap;
  /** PEM: who issues the certificates of the mapped hosts. */
  readonly ca?: string;
  /** PEM: further roots beside those of the system, for all other hosts: a proxy that looks into TLS, an own authority. */
  readonly extraCa?: string;
  readonly proxy?: HttpProxy;
  /** Names that may lead to private addresses, because the configuration says so. */
  readonly privateHosts?: readonly string[];
  /** Instead of the system's, for tests. Its answers are guarded as any. */
  readonly lookup?: LookupFunction;
}

type OnConnection = (error: Error | null, stream: Duplex) => void;
type Options = RequestOptions & { readonly secureContext?: SecureContext; readonly socket?: Duplex };

const TLS = { minVersion: 'TLSv1.2' } as const;

/**
 * Opens every connection of the client, also that of a redirect. A mapped host goes to its address and port while SNI
 * and the certificate check stay on the real name (design section 8); any other must be of the public Internet.
 */
export class GuardedAgent extends Agent {
  readonly #hosts: ReadonlyMap<string, HostMap[string]>;
  readonly #mappedContext: SecureContext | undefined;
  readonly #context: SecureContext | undefined;
  readonly #proxy: HttpProxy | undefined;
  readonly #privateHosts: ReadonlySet<string>;
  readonly #lookup: LookupFunction;

  constructor({ hosts, ca, extraCa, proxy, privateHosts, lookup }: GuardedAgentOptions) {
    super({ keepAlive: true, maxFreeSockets: 16, ...TLS });
    this.#hosts = new Map(Object.entries(hosts ?? {}));
    // Made once: reading all roots anew for each connection costs milliseconds.
    this.#mappedContext = ca === undefined ? undefined : createSecureContext({ ...TLS, ca });
    this.#context =
      extraCa === undefined ? undefined : createSecureContext({ ...TLS, ca: [...rootCertificates, extraCa] });
    this.#proxy = proxy;
    this.#privateHosts = new Set((privateHosts ?? []).map(plainHost));
    this.#lookup = guardedLookup(lookup);
  }

  override createConnection(options: Options, callback?: OnConnection): Duplex | null | undefined {
    const host = options.host ?? '';
    const servername = isIP(plainHost(host)) === 0 ? plainHost(host) : '';
    const place = this.#hosts.get(host);
    if (place !== undefined) {
      const mapped = { ...options, host: place.address, port: place.port, servername: host };
      return super.createConnection(withContext(mapped, this.#mappedContext), callback);
    }
    const isPrivate = this.#privateHosts.has(plainHost(host));
    const secure = withContext({ ...options, servername }, this.#context);
    if (usesProxy(this.#proxy, host)) {
      const refused = isPrivate ? null : (refuseLiteral(host) ?? refuseInsideName(host));
      if (refused !== null) return refuse(refused, callback);
      this.#connectThrough(this.#proxy, secure, callback);
      return undefined;
    }
    if (isPrivate) return super.createConnection(secure, callback);
    const refused = refuseLiteral(host);
    if (refused !== null) return refuse(refused, callback);
    return super.createConnection({ ...secure, lookup: this.#lookup }, callback);
  }

  #connectThrough(proxy: HttpProxy, options: Options, callback?: OnConnection): void {
    openTunnel(proxy, options.host ?? '', Number(options.port)).then(
      (socket) => {
        const tunnelled: Options = { ...options, socket };
        const stream = super.createConnection(tunnelled);
        callback?.(null, stream as Duplex);
      },
      (error: Error) => refuse(error, callback),
    );
  }
}

function withContext(options: Options, secureContext: SecureContext | undefined): Options {
  return secureContext === undefined ? options : { ...options, secureContext };
}

function refuse(error: Error, callback: OnConnection | undefined): undefined {
  // Node passes no stream along with an error; the type of the callback does not say so.
  callback?.(error, undefined as unknown as Duplex);
  return undefined;
}
