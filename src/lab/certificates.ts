import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type CertifiedKey,
  createAuthority,
  createSelfSignedCodeSigning,
  issueCertificate,
} from '../../signing/certificates/index.js';
import { CANARY_ROLES } from '../core/publication.js';
import type { ServerIdentity } from './software-update-point/http.js';
import { replaceFile } from './software-update-point/state.js';

function newToken(): string {
  return randomBytes(24).toString('base64url');
}

const Key = z.object({ certificate: z.string(), key: z.string(), chain: z.array(z.string()) });

const Certificates = z.object({
  /** Who issues the certificates of all servers of the lab, vendors and our own content server among them. */
  tlsAuthority: Key,
  vendorSite: Key,
  contentServer: Key,
  softwareUpdatePoint: Key,
  gateway: Key,
  /** Who issues the certificates of client computers. */
  clientAuthority: Key,
  clients: z.object({ missing: Key, older: Key, current: Key }),
  /** The WSUS signing certificate, its own root. */
  wsusSigning: Key,
  timestampRoot: Key,
  timestampAuthority: Key,
  /** The bearer token of the site's REST calls. */
  controlToken: z.string(),
  /** The bearer token of the far side of the Windows bridge; a lab of an earlier release gets one at each start. */
  bridgeToken: z.string().default(newToken),
});
export type LabCertificates = z.infer<typeof Certificates>;

/** The names of the lab's servers. */
export interface LabHostNames {
  readonly vendors: readonly string[];
  readonly contentServer: string;
  readonly softwareUpdatePoint: string;
  readonly gateway: string;
}

/** For programs that cannot be told where the lab's names are answered. */
const LOOPBACK = ['localhost', '127.0.0.1'];

/** Ten years: a lab that was left alone starts again. */
const DAYS = 3650;

/**
 * The keys of the lab, made at its first start and kept, so that what a site or a client trusts stays trusted. All are
 * in one file that is replaced as a whole: after a kill there are all of them or none.
 */
export function openLabCertificates(folder: string, names: LabHostNames, now: Date): LabCertificates {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'certificates.json');
  const known = existsSync(path)
    ? Certificates.parse(JSON.parse(readFileSync(path, 'utf8')))
    : makeCertificates(names, now);
  const certificates = withServerNames(known, names, now);
  if (certificates !== known || !existsSync(path)) replaceFile(path, JSON.stringify(certificates));
  return certificates;
}

function makeCertificates(names: LabHostNames, now: Date): LabCertificates {
  const authority = (name: string) => createAuthority(labSubject(name), { now });
  const tlsAuthority = authority('Patchpress Lab TLS CA');
  const clientAuthority = authority('Patchpress Lab Client CA');
  const timestampRoot = authority('Patchpress Lab Timestamp CA');
  const [missing, older, current] = CANARY_ROLES.map((role) =>
    issueCertificate(clientAuthority, {
      subject: labSubject(`${role}.canary.lab`),
      usage: 'clientAuth',
      hosts: [`${role}.canary.lab`],
      days: DAYS,
      now,
    }),
  ) as [CertifiedKey, CertifiedKey, CertifiedKey];
  return Certificates.parse({
    tlsAuthority,
    ...serverCertificates(tlsAuthority, names, now),
    clientAuthority,
    clients: { missing, older, current },
    wsusSigning: createSelfSignedCodeSigning({
      subject: labSubject('WSUS Publishers Self-signed'),
      days: DAYS,
      now,
    }),
    timestampRoot,
    timestampAuthority: issueCertificate(timestampRoot, {
      subject: labSubject('Patchpress Lab Timestamp Authority'),
      usage: 'timeStamping',
      days: DAYS,
      now,
    }),
    controlToken: newToken(),
    bridgeToken: newToken(),
  });
}

function labSubject(commonName: string): string {
  return `CN=${commonName}, O=Patchpress Lab`;
}

function serverCertificates(authority: CertifiedKey, names: LabHostNames, now: Date) {
  const server = (name: string, hosts: readonly string[]) =>
    issueCertificate(authority, { subject: labSubject(name), usage: 'serverAuth', hosts, days: DAYS, now });
  return {
    vendorSite: server('Vendors', names.vendors),
    contentServer: server(names.contentServer, [names.contentServer, ...LOOPBACK]),
    softwareUpdatePoint: server(names.softwareUpdatePoint, [names.softwareUpdatePoint, ...LOOPBACK]),
    gateway: server(names.gateway, [names.gateway, ...LOOPBACK]),
  };
}

/** A later release may serve more vendors, or another name: the servers get new certificates from the same authority. */
function withServerNames(known: LabCertificates, names: LabHostNames, now: Date): LabCertificates {
  const covers = ({ certificate }: CertifiedKey, hosts: readonly string[]) => {
    const parsed = new X509Certificate(certificate);
    return hosts.every((host) => parsed.checkHost(host) !== undefined);
  };
  const isCurrent =
    covers(known.vendorSite, names.vendors) &&
    covers(known.contentServer, [names.contentServer]) &&
    covers(known.softwareUpdatePoint, [names.softwareUpdatePoint]) &&
    covers(known.gateway, [names.gateway]);
  if (isCurrent) return known;
  return Certificates.parse({ ...known, ...serverCertificates(known.tlsAuthority, names, now) });
}

/** What a server sends in its handshake: its own certificate; clients have the root. */
export function serverIdentity({ certificate, key }: CertifiedKey): ServerIdentity {
  return { certificate, key };
}
