import { request } from 'node:https';

const TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 8 << 20;

/** One JSON call to the lab's update server; `body` null: none. */
export function callServer(
  server: {
    readonly host: string;
    readonly address: string;
    readonly port: number;
    readonly ca: string;
    readonly token: string;
  },
  { method, path, body }: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body: unknown },
): Promise<{ readonly status: number; readonly value: unknown }> {
  const text = Buffer.from(body === null ? '' : JSON.stringify(body), 'utf8');
  return new Promise((resolve, reject) => {
    const call = request({
      host: server.address,
      port: server.port,
      servername: server.host,
      ca: server.ca,
      path,
      method,
      agent: false,
      headers: {
        host: server.host,
        authorization: `Bearer ${server.token}`,
        'content-type': 'application/json',
        'content-length': text.length,
      },
    });
    call.setTimeout(TIMEOUT_MS, () => call.destroy(new Error('the update server did not answer in time')));
    call.once('error', reject);
    call.once('response', (response) => {
      const pieces: Buffer[] = [];
      let length = 0;
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length > MAX_ANSWER_BYTES) call.destroy(new Error('the answer is too large'));
      });
      response.once('error', reject);
      response.once('end', () => {
        const answer = Buffer.concat(pieces).toString('utf8');
        try {
          resolve({ status: response.statusCode ?? 0, value: JSON.parse(answer) });
        } catch {
          resolve({ status: response.statusCode ?? 0, value: null });
        }
      });
    });
    call.end(text);
  });
}
