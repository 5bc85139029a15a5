import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface VendorAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** False: the connection ended before the stated length. */
  readonly complete: boolean;
}

export interface VendorClient {
  get(
    address: string,
    headers?: Readonly<Record<string, string>>,
    options?: { readonly servername?: string; readonly method?: string },
  ): Promise<VendorAnswer>;
  /** Follows redirects: GitHub's to its store, SourceForge's two to a mirror. */
  follow(address: string): Promise<VendorAnswer>;
}

/** Asks for the vendors' real addresses at the site's port; certificate and name are checked. */
export function createVendorClient(port: number, ca: string): VendorClient {
  const get: VendorClient['get'] = (address, headers = {}, options = {}) => {
    const url = new URL(address);
    return new Promise((resolve, reject) => {
      const call = request(
        {
          host: '127.0.0.1',
          port,
          servername: options.servername ?? url.hostname,
          method: options.method ?? 'GET',
          path: `${url.pathname}${url.search}`,
          headers: { host: url.host, 'user-agent': 'test', ...headers },
          ca,
          agent: false,
        },
        (response) => {
          const pieces: Buffer[] = [];
          const { statusCode: status = 0, headers: answered } = response;
          const finish = (complete: boolean) =>
            resolve({ status, headers: answered, body: Buffer.concat(pieces), complete });
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('end', () => finish(true));
          response.on('error', () => finish(false));
        },
      );
      call.on('error', reject);
      call.end();
    });
  };
  return {
    get,
    async follow(address) {
      let answer = await get(address);
      for (let left = 3; left > 0 && answer.status === 302; left--) {
        answer = await get(String(answer.headers.location));
      }
      return answer;
    },
  };
}
