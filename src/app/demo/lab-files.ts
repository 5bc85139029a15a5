import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANARY_ROLES } from '../../core/publication.js';
import type { LabReady } from '../../lab/index.js';
import { pemOf } from '../pem.js';

/** How other programs reach the running lab: addresses on loopback, and what they need as PEM files. */
export interface LabAccess {
  readonly gateway: {
    readonly url: string;
    readonly ca: string;
    readonly clientCertificate: string;
    readonly clientKey: string;
    /** The same for a client that has a token and no certificate. */
    readonly tokenUrl: string;
    readonly tokenFile: string;
  };
  readonly softwareUpdatePoint: { readonly url: string; readonly ca: string; readonly tokenFile: string };
  readonly timestampAuthority: { readonly url: string };
  readonly trust: {
    readonly vendorRoots: string;
    readonly timestampRoots: string;
    readonly catalogCertificate: string;
    readonly contentCertificate: string;
  };
}

export function writeLabFiles(folder: string, lab: LabReady, catalogCertificate: Uint8Array): LabAccess {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  for (const role of CANARY_ROLES) {
    write(`client-${role}.crt.pem`, lab.clients[role].certificate);
    write(`client-${role}.key.pem`, lab.clients[role].key);
  }
  const ca = write('tls-ca.crt.pem', lab.tlsCa);
  const gateway = `https://127.0.0.1:${lab.gateway.port}`;
  return {
    gateway: {
      url: `${gateway}${new URL(lab.gateway.base).pathname}`,
      ca,
      clientCertificate: join(folder, 'client-older.crt.pem'),
      clientKey: join(folder, 'client-older.key.pem'),
      tokenUrl: `${gateway}${new URL(lab.gateway.tokenBase).pathname}`,
      tokenFile: write('client-token', lab.gateway.token),
    },
    softwareUpdatePoint: {
      url: `https://127.0.0.1:${lab.softwareUpdatePoint.port}`,
      ca,
      tokenFile: write('site-token', lab.softwareUpdatePoint.token),
    },
    timestampAuthority: { url: lab.timestampUrl },
    trust: {
      vendorRoots: write('vendor-roots.pem', lab.trust.codeSigningRoots.map(pemOf).join('')),
      timestampRoots: write('timestamp-roots.pem', lab.trust.timestampRoots.map(pemOf).join('')),
      catalogCertificate: write('catalog.crt.pem', pemOf(catalogCertificate)),
      contentCertificate: write(
        'content.crt.pem',
        lab.clientTrust.anchors.codeSigningRoots.map(pemOf).join(''),
      ),
    },
  };
}
