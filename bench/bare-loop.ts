import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import got from 'got';
import type { FeedRequest } from '../src/core/ports.js';
import type { FarmReady } from './farm-process.js';
import { measurePass, type Pass } from './pass.js';

/** What the publisher is measured against: got alone, asking the same addresses with the same concurrency. */
export interface BareLoop {
  /** Conditional from the second time on. */
  pass(): Promise<Pass>;
  close(): void;
}

class FarmAgent extends Agent {
  readonly #port: number;

  constructor({ port, ca }: FarmReady) {
    super({ keepAlive: true, ca });
    this.#port = port;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const place = { host: '127.0.0.1', port: this.#port, servername: options.host };
    return super.createConnection({ ...options, ...place } as RequestOptions, callback);
  }
}

export function createBareLoop(
  farm: FarmReady,
  requests: readonly FeedRequest[],
  concurrency: number,
): BareLoop {
  const agent = new FarmAgent(farm);
  const client = got.extend({ agent: { https: agent }, retry: { limit: 0 }, throwHttpErrors: false });
  const tags = new Map<number, string>();
  const ask = async (place: number): Promise<boolean> => {
    const { url, headers, body } = requests[place] ?? { url: '', headers: {} };
    const tag = tags.get(place);
    const conditional = tag === undefined ? {} : { 'if-none-match': tag };
    const options = { headers: { ...headers, ...conditional }, responseType: 'buffer' } as const;
    const answer =
      body === undefined ? await client(url, options) : await client.post(url, { ...options, body });
    if (answer.headers.etag !== undefined) tags.set(place, answer.headers.etag);
    return answer.statusCode < 400;
  };
  return {
    pass: () =>
      measurePass(requests.length, async () => {
        let next = 0;
        let failed = 0;
        const lane = async (): Promise<void> => {
          for (let place = next++; place < requests.length; place = next++)
            if (!(await ask(place).catch(() => false))) failed += 1;
        };
        await Promise.all(Array.from({ length: concurrency }, lane));
        return failed;
      }),
    close: () => agent.destroy(),
  };
}
