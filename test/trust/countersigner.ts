import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { bundle, run } from './pki.js';
import { unsignedFile, type World } from './world.js';

const execute = promisify(execFile);

/**
 * A timestamp authority of the time before RFC 3161: it is sent base64 of SEQUENCE { OID, SEQUENCE { OID, [0] OCTET
 * STRING signature } } and answers base64 of a SignedData over those octets, which openssl makes.
 */
export async function openCountersigner(world: World): Promise<{ readonly url: string; close(): void }> {
  const { folder, timestampAuthority: authority, timestampRoot } = world;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const asked = Buffer.from(Buffer.concat(parts).toString('latin1'), 'base64');
    // An RSA-2048 signature is the last thing in the request.
    writeFileSync(join(folder, 'octets'), asked.subarray(asked.length - 256));
    const by = [
      '-signer',
      authority.certificate,
      '-inkey',
      authority.key,
      '-certfile',
      timestampRoot.certificate,
    ];
    const form = ['-binary', '-nodetach', '-nosmimecap', '-md', 'sha256', '-outform', 'DER'];
    run(folder, 'openssl', ['cms', '-sign', '-in', 'octets', '-out', 'countersigned', ...form, ...by]);
    response.setHeader('content-type', 'application/octet-stream');
    response.end(readFileSync(join(folder, 'countersigned')).toString('base64'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** osslsigncode asks while it signs, so that this process must be free to answer. */
export async function signOnline(t: TestContext, world: World, url: string): Promise<string> {
  const { folder, vendor, issuing } = world;
  const output = join(folder, 'countersigned.exe');
  const certificates = bundle(folder, 'online.pem', [vendor, issuing]);
  const by = ['-certs', certificates, '-key', vendor.key, '-t', url];
  const files = ['-in', unsignedFile(t, world, 'exe'), '-out', output];
  await execute('osslsigncode', ['sign', '-h', 'sha256', ...by, ...files], { cwd: folder });
  return output;
}
