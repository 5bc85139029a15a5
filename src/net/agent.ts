import { Agent, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { guardedLookup, refuseLiteral } from './addresses.js';

/** Where a name is answered instead of where the name service says: the lab, and our own fixed name. */
export type HostMap = Readonly<Record<string, { readonly address: string; readonly port: number }>>;

export interface GuardedAgentOptions {
  readonly hosts: HostMap;
  /** PEM: who issues the certificates of the mapped hosts. All others are held to the system's roots. */
  readonly ca: string | undefined;
}

type OnConnection = (error: Error | null, stream: Duplex) => void;

/**
 * Opens every connection of the client, also that of a redirect. A mapped host goes to its address and port while SNI
 * and the certificate check stay on the real name (design section 8); any other must be of the public Internet.
 */
export class GuardedAgent extends Agent {
  readonly #hosts: ReadonlyMap<string, HostMap[string]>;
  readonly #ca: string | undefined;
  readonly #lookup = guardedLookup();

  constructor({ hosts, ca }: GuardedAgentOptions) {
    super({ keepAlive: true, maxFreeSockets: 16, minVersion: 'TLSv1.2' });
    this.#hosts = new Map(Object.entries(hosts));
    this.#ca = ca;
  }

  override createConnection(options: RequestOptions, callback?: OnConnection): Duplex | null | undefined {
    const host = options.host ?? '';
    const place = this.#hosts.get(host);
    if (place !== undefined) {
      const mapped = { ...options, host: place.address, port: place.port, servername: host };
      return super.createConnection(this.#ca === undefined ? mapped : { ...mapped, ca: this.#ca }, callback);
    }
    const refused = refuseLiteral(host);
    if (refused !== null) {
      // Node passes no stream along with an error; the type of the callback does not say so.
      callback?.(refused, undefined as unknown as Duplex);
      return undefined;
    }
    const servername = isIP(host) === 0 ? host : '';
    return super.createConnection({ ...options, servername, lookup: this.#lookup }, callback);
  }
}
