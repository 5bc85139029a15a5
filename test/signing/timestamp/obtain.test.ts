import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { certificateDer, createAuthority, issueCertificate } from '../../../signing/certificates/index.js';
import { obtainTimestamp } from '../../../signing/timestamp/index.js';
import { RetryableError } from '../../../src/core/errors.js';
import { startTimestampAuthority, type TimestampFault } from '../../../src/lab/timestamp-authority/index.js';

const NOW = new Date('2026-11-24T12:00:00Z');
const root = createAuthority('TSA Root', { now: NOW });
const identity = issueCertificate(root, { subject: 'TSA', usage: 'timeStamping', days: 30, now: NOW });
const roots = [certificateDer(root.certificate)];
const signature = Buffer.from('the octets of a signature');

async function authority(t: TestContext, fault: TimestampFault | null = null, now = NOW): Promise<string> {
  const started = await startTimestampAuthority({ port: 0, identity, now: () => now, fault: () => fault });
  t.after(() => started.close());
  return started.url;
}

async function server(t: TestContext, listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    started.close();
    started.closeAllConnections();
  });
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/`;
}

const obtain = (urls: readonly string[], trusted: readonly Uint8Array[] = roots) =>
  obtainTimestamp(signature, { urls, roots: trusted, timeoutMs: 2000, now: () => NOW });

/** It must fail with that in its reason, and a second authority must help. */
async function failsOver(t: TestContext, url: string, reason: RegExp): Promise<void> {
  await assert.rejects(obtain([url]), (error: unknown) => {
    assert.ok(error instanceof RetryableError);
    assert.equal(error.code, 'timestamp.unreachable');
    assert.match(error.found ?? '', reason);
    return true;
  });
  const { time } = await obtain([url, await authority(t)]);
  assert.equal(time, '2026-11-24T12:00:00.000Z');
}

describe('obtaining a timestamp', () => {
  test('a checked token with its time and authority', async (t) => {
    const { token, time, authority: name } = await obtain([await authority(t)]);
    assert.equal(time, '2026-11-24T12:00:00.000Z');
    assert.equal(name, 'CN=TSA');
    assert.equal(token[0], 0x30);
  });

  test('an authority that refuses', async (t) =>
    failsOver(t, await authority(t, 'refuse'), /status 02, systemFailure, the authority is told to refuse/));
  test('an answer to another request', async (t) =>
    failsOver(t, await authority(t, 'wrong-nonce'), /the request's nonce; found: another one/));
  test('a connection that breaks', async (t) => failsOver(t, await authority(t, 'down'), /socket hang up/));
  test('nobody there', async (t) => failsOver(t, 'http://127.0.0.1:9/', /ECONNREFUSED/));
  test('an address that is none', async (t) => failsOver(t, 'nonsense', /Invalid URL/));
  test('a clock that is far ahead', async (t) =>
    failsOver(t, await authority(t, null, new Date('2026-11-24T13:00:00Z')), /from the future/));

  test('a page instead of a token', async (t) =>
    failsOver(
      t,
      await server(t, (_request, response) => response.end('<html>log in</html>')),
      /is not DER of its form/,
    ));
  test('an error status', async (t) =>
    failsOver(
      t,
      await server(t, (_request, response) => response.writeHead(503).end()),
      /HTTP status 200; found: 503/,
    ));
  test('an endless answer', async (t) =>
    failsOver(
      t,
      await server(t, (_request, response) => response.end(Buffer.alloc(300 * 1024))),
      /at most 262144 bytes/,
    ));
  test('no answer in time', async (t) => {
    const url = await server(t, () => undefined);
    const options = { urls: [url], roots, timeoutMs: 50, now: () => NOW };
    await assert.rejects(obtainTimestamp(signature, options), { code: 'timestamp.unreachable' });
  });

  test('an authority that nobody trusts gives no timestamp', async (t) => {
    const url = await authority(t);
    await assert.rejects(obtain([url], []), { code: 'timestamp.unreachable' });
    const stranger = createAuthority('TSA Root', { now: NOW });
    await assert.rejects(obtain([url], [certificateDer(stranger.certificate)]), {
      code: 'timestamp.unreachable',
    });
  });

  test('without an authority nothing is signed', async () => {
    await assert.rejects(obtain([]), { code: 'configuration.invalid' });
  });
});
