import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { PermanentError } from '../../src/core/errors.js';

/** A token with all certificates has a few thousand bytes. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * RFC 3161 3.4 over HTTP: one POST, one bounded answer. Plain HTTP is usual and enough, the token is signed. Redirects
 * are not followed. Errors of the network pass through; PermanentError `protocol.violation` for any other answer.
 */
export function postTimestampQuery(url: string, query: Buffer, timeoutMs: number): Promise<Buffer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      agent: false,
      // The whole exchange, however slowly bytes drip.
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/timestamp-query',
        accept: 'application/timestamp-reply',
        'content-length': query.length,
      },
    });
    call.once('error', reject);
    call.once('response', (response) => {
      const pieces: Buffer[] = [];
      let length = 0;
      response.once('error', reject);
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length > MAX_ANSWER_BYTES) {
          call.destroy(violation(`at most ${MAX_ANSWER_BYTES} bytes`, 'more'));
        }
      });
      response.once('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(pieces));
        else reject(violation('HTTP status 200', `${response.statusCode}`));
      });
    });
    call.end(query);
  });
}

function violation(expected: string, found: string): PermanentError {
  return new PermanentError('protocol.violation', 'the timestamp authority does not answer as asked', {
    expected,
    found,
  });
}
