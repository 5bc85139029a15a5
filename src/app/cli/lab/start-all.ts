import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectPath } from '../../../config/settings.js';
import { describeFault } from '../../../core/errors.js';
import { startLab } from '../../../lab/index.js';
import type { Started, StartOptions } from './start.js';

const FIXTURES = 'src/lab/vendor-site/fixtures';
const CATALOG = 'https://patchpress.lab/catalog/patchpress.cab';

/** Vendor site, timestamp authority, Software Update Point with its site, and gateway; what a client needs lies in files. */
export async function startAll(options: StartOptions): Promise<Started> {
  const folder = resolve(options.data ?? join('data', 'lab'));
  mkdirSync(folder, { recursive: true });
  const lab = await startLab({
    folder,
    fixturesFolder: projectPath(FIXTURES),
    catalogUrl: options.catalogUrl ?? CATALOG,
    now: () => new Date(),
    onFault: (error) => process.stderr.write(`lab: ${describeFault(error)}\n`),
  });
  const { gateway, softwareUpdatePoint, tlsCa, timestampUrl, clients } = lab.ready;
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const sup = new URL(softwareUpdatePoint.baseUrl).hostname;
  const told = {
    softwareUpdatePoint: `https://${sup}:${softwareUpdatePoint.port}`,
    adminService: `https://${sup}:${softwareUpdatePoint.port}/AdminService`,
    adminServiceToken: write('admin-service.token', softwareUpdatePoint.token),
    gateway: withPort(gateway.base, gateway.port),
    gatewayForTokens: withPort(gateway.tokenBase, gateway.port),
    ca: write('ca.pem', tlsCa),
    clientCertificate: write('client.pem', clients.current.certificate),
    clientKey: write('client.key', clients.current.key),
    clientToken: write('client.token', gateway.token),
    timestampAuthority: timestampUrl,
    hosts: `127.0.0.1 ${[...new Set([sup, new URL(gateway.base).hostname])].join(' ')}`,
    data: folder,
  };
  return { told, text: describe(told), close: () => lab.close() };
}

function withPort(base: string, port: number): string {
  const url = new URL(base);
  url.port = String(port);
  return url.href;
}

function describe(told: Readonly<Record<string, string>>): string {
  const rows = Object.entries(told).map(([name, value]) => `${name.padEnd(20)} ${value}`);
  return [
    ...rows,
    '',
    'Its names are its own: put the line `hosts` into /etc/hosts to reach them. Then, through the gateway:',
    `  patchpress client scan --via ${told.gateway} --ca ${told.ca} --cert ${told.clientCertificate} --key ${told.clientKey} --machine machine.json`,
    'Ctrl-C ends it.',
  ].join('\n');
}
