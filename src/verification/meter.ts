import type { WuspTransport } from './wusp/transport.js';

/** What went over a transport. */
export interface Traffic {
  requests: number;
  sentBytes: number;
  receivedBytes: number;
}

/** The transport, and what goes over it from now on; bodies only, as they come off the wire. */
export function metered(transport: WuspTransport): {
  readonly transport: WuspTransport;
  readonly traffic: Traffic;
} {
  const traffic: Traffic = { requests: 0, sentBytes: 0, receivedBytes: 0 };
  const count = async (sentBytes: number, answer: ReturnType<WuspTransport['post']>) => {
    traffic.requests += 1;
    traffic.sentBytes += sentBytes;
    const { body } = await answer;
    traffic.receivedBytes += body.length;
    return answer;
  };
  return {
    traffic,
    transport: {
      post: (address, headers, body) =>
        count(Buffer.byteLength(body), transport.post(address, headers, body)),
      get: (address, headers, maxBytes) => count(0, transport.get(address, headers, maxBytes)),
    },
  };
}
