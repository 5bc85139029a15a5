import { certificateDer, thumbprintOf } from '../../signing/certificates/index.js';
import type { TrustAnchors } from '../core/ports.js';
import type { CanaryRole } from '../core/publication.js';
import { type LabCertificates, serverIdentity } from './certificates.js';
import { issueClientToken } from './cloud-management-gateway/index.js';
import type { HostMap, ServerIdentity } from './software-update-point/index.js';
import type { Fixtures } from './vendor-site/index.js';

export const SOFTWARE_UPDATE_POINT = 'sup.patchpress.lab';
export const GATEWAY = 'cmg.patchpress.lab';
/** As long as bulk registration tokens may live. */
const TOKEN_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** Everything that the service and the canary need to know; plain data, so that it crosses to another process. */
export interface LabReady {
  /** Where each name of the lab is answered: vendors, software update point, gateway. */
  readonly hosts: HostMap;
  /** PEM: the root of every server's certificate. */
  readonly tlsCa: string;
  readonly timestampUrl: string;
  /** What a publisher trusts: the vendors' roots, and the roots of their timestamps and of the lab's authority. */
  readonly trust: TrustAnchors;
  /** Who signs each product, as a policy accepts it. */
  readonly vendorSigners: readonly { readonly product: string; readonly subject: string }[];
  /** The certificate of our own content server. */
  readonly contentServer: ServerIdentity;
  readonly softwareUpdatePoint: {
    /** `https://<name>`, to be reached through `hosts`. */
    readonly baseUrl: string;
    /** For `Authorization: Bearer`. */
    readonly token: string;
    /** The same for the far side of the Windows bridge. */
    readonly bridgeToken: string;
    readonly port: number;
  };
  readonly gateway: {
    /** What stands before `/ClientWebService`. */
    readonly base: string;
    /** The same for a computer that has a token and no certificate. */
    readonly tokenBase: string;
    /** Of the computer `older`. */
    readonly token: string;
    /** Of the same computer, from some time ago. */
    readonly expiredToken: string;
    readonly port: number;
  };
  /** PEM. */
  readonly clients: Readonly<Record<CanaryRole, ServerIdentity>>;
  /** What a client computer has in Trusted Root and Trusted Publishers. */
  readonly clientTrust: { readonly anchors: TrustAnchors; readonly trustedPublishers: readonly string[] };
}

/** What was started, as far as others are told of it. */
export interface LabParts {
  readonly vendors: { readonly port: number; readonly hosts: readonly string[] };
  /** Stand-ins for other vendors; their names are answered there, also those that `vendors` has too. */
  readonly farm: { readonly port: number; readonly hosts: readonly string[] } | null;
  readonly timestamps: { readonly url: string };
  readonly softwareUpdatePoint: { readonly port: number };
  readonly gateway: { readonly port: number; readonly proxyPath: string; readonly tokenPath: string };
}

export function describeReady(
  keys: LabCertificates,
  fixtures: Fixtures,
  parts: LabParts,
  now: Date,
): LabReady {
  const { vendors, farm, softwareUpdatePoint, gateway } = parts;
  const trust = wsusTrust(keys);
  return {
    hosts: {
      ...hostMap(vendors.hosts, vendors.port),
      ...(farm && hostMap(farm.hosts, farm.port)),
      ...hostMap([SOFTWARE_UPDATE_POINT], softwareUpdatePoint.port),
      ...hostMap([GATEWAY], gateway.port),
    },
    tlsCa: keys.tlsAuthority.certificate,
    timestampUrl: parts.timestamps.url,
    trust: publisherTrust(keys, fixtures),
    vendorSigners: signersOf(fixtures),
    contentServer: serverIdentity(keys.contentServer),
    softwareUpdatePoint: {
      baseUrl: `https://${SOFTWARE_UPDATE_POINT}`,
      token: keys.controlToken,
      bridgeToken: keys.bridgeToken,
      port: softwareUpdatePoint.port,
    },
    gateway: {
      base: `https://${GATEWAY}${gateway.proxyPath}`,
      tokenBase: `https://${GATEWAY}${gateway.tokenPath}`,
      token: tokenUntil(keys, new Date(now.getTime() + TOKEN_LIFETIME_MS)),
      expiredToken: tokenUntil(keys, new Date(now.getTime() - TOKEN_LIFETIME_MS)),
      port: gateway.port,
    },
    clients: {
      missing: serverIdentity(keys.clients.missing),
      older: serverIdentity(keys.clients.older),
      current: serverIdentity(keys.clients.current),
    },
    clientTrust: { anchors: trust, trustedPublishers: trust.codeSigningRoots.map(thumbprintOf) },
  };
}

function tokenUntil(keys: LabCertificates, expiresAt: Date): string {
  return issueClientToken(keys.clientAuthority, {
    computer: 'older.canary.lab',
    gateway: GATEWAY,
    expiresAt,
  });
}

/** All names at one port of the loopback address. */
export function hostMap(names: readonly string[], port: number): HostMap {
  return Object.fromEntries(names.map((name) => [name, { address: '127.0.0.1', port }]));
}

function signersOf(fixtures: Fixtures): LabReady['vendorSigners'] {
  const subjects = new Map<string, string>();
  for (const { productId, signer } of fixtures.shipped) if (signer !== null) subjects.set(productId, signer);
  return [...subjects].map(([product, subject]) => ({ product, subject }));
}

/** The vendors' roots, and the roots of their timestamps and of the lab's authority. */
export function publisherTrust(keys: LabCertificates, fixtures: Fixtures): TrustAnchors {
  return {
    codeSigningRoots: fixtures.trust.codeSigningRoots,
    timestampRoots: [...fixtures.trust.timestampRoots, certificateDer(keys.timestampRoot.certificate)],
  };
}

/** Who trusts the WSUS signing certificate: the site itself and its clients. */
export function wsusTrust(keys: LabCertificates): TrustAnchors {
  return {
    codeSigningRoots: [certificateDer(keys.wsusSigning.certificate)],
    timestampRoots: [certificateDer(keys.timestampRoot.certificate)],
  };
}
