import { join } from 'node:path';
import { signCabinet } from '../../signing/authenticode/index.js';
import {
  type CertifiedKey,
  certificateDer,
  subjectOf,
  thumbprintOf,
} from '../../signing/certificates/index.js';
import { type LabCertificates, openLabCertificates, serverIdentity } from './certificates.js';
import { startCloudManagementGateway } from './cloud-management-gateway/index.js';
import type { FaultyHop, HopFault } from './hop-faults.js';
import {
  describeReady,
  GATEWAY,
  hostMap,
  type LabReady,
  publisherTrust,
  SOFTWARE_UPDATE_POINT,
  wsusTrust,
} from './ready.js';
import {
  type SoftwareUpdatePointOptions,
  startSoftwareUpdatePoint,
  type WsusSigning,
} from './software-update-point/index.js';
import { createSurroundings } from './surroundings.js';
import { startTimestampAuthority } from './timestamp-authority/index.js';
import { createTrustedPublishers } from './trusted-publishers.js';
import { createVendorFarm, type FarmFeed } from './vendor-farm/index.js';
import {
  type Fixtures,
  joinFixtures,
  loadFixtures,
  startVendorSite,
  VENDOR_HOSTS,
  type VendorFault,
  type VendorSite,
} from './vendor-site/index.js';

export { type FaultyHop, HOP_FAULTS, type HopFault } from './hop-faults.js';
export type { LabReady } from './ready.js';
export { withContentPublisher } from './trusted-publishers.js';
export type { VendorFault } from './vendor-site/index.js';
export { VENDOR_FAULTS } from './vendor-site/index.js';

export interface LabOptions {
  /** Where keys, the site's state and content live on; survives a kill at any moment. */
  readonly folder: string;
  /** `src/lab/vendor-site/fixtures` of the project. */
  readonly fixturesFolder: string;
  /** Further vendors, and what they ship; absent: none. */
  readonly farm?: { readonly feeds: readonly FarmFeed[]; readonly fixtures: Fixtures };
  /** Where the site finds our catalog: `https://patchpress.lab/...`; the name is that of our content server. */
  readonly catalogUrl: string;
  /** Ids or display names of catalog categories whose content the site publishes without being asked. */
  readonly fullContentCategories?: readonly string[];
  now(): Date;
  /** Told of what went wrong inside a server; answers do not show it. */
  onFault(error: unknown): void;
}

export interface Lab {
  readonly ready: LabReady;
  /** Where our content server listens. */
  setContentServer(place: { readonly address: string; readonly port: number }): void;
  /** Puts our catalog certificate into the site's Trusted Root; DER. */
  trustCatalogCertificate(certificate: Uint8Array): void;
  /** Puts a content certificate of ours into the site's Trusted Root and Trusted Publishers; DER. */
  trustContentCertificate(certificate: Uint8Array): void;
  /** An administrator imports another signing certificate into WSUS; the old one stays trusted. */
  importWsusCertificate(identity: CertifiedKey): void;
  /** What goes wrong at a product's vendor from now on; null: nothing. */
  setFault(productId: string, fault: VendorFault | null): void;
  /** A product's vendor releases its next version, for good; PermanentError `not-found` where it has none. */
  release(productId: string): void;
  /** Products whose next version is released, in this run or in one before. */
  released(): readonly string[];
  /** What goes wrong at a hop from now on; null: nothing. PermanentError `configuration.invalid` for what there is not. */
  setHopFault(hop: FaultyHop, reason: HopFault | null): void;
  /** What a client computer trusts, as long as nothing is wrong with that. */
  clientTrust(): LabReady['clientTrust'];
  /** Requests to the vendor site so far by `host/path`. */
  vendorRequests(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Starts the lab: every part a real server on a free port of the loopback address. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const started: { close(): Promise<void> }[] = [];
  try {
    return await startParts(options, started);
  } catch (error) {
    await closeAll(started);
    throw error;
  }
}

async function startParts(options: LabOptions, started: { close(): Promise<void> }[]): Promise<Lab> {
  const { now } = options;
  const contentHost = new URL(options.catalogUrl).hostname;
  const keys = openLabCertificates(join(options.folder, 'certificates'), hostNames(contentHost), now());
  const own = loadFixtures(options.fixturesFolder);
  const fixtures = options.farm === undefined ? own : joinFixtures([own, options.farm.fixtures]);
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    started.push(part);
    return part;
  };
  const vendors = keep(
    await startVendorSite({
      port: 0,
      identity: serverIdentity(keys.vendorSite),
      fixtures: own,
      stateFile: join(options.folder, 'vendor-site.json'),
    }),
  );
  const farm = options.farm === undefined ? null : keep(await startFarm(options.farm, keys, vendors, now));
  const timestamps = keep(await startTimestampAuthority({ port: 0, identity: keys.timestampAuthority, now }));
  const trust = publisherTrust(keys, fixtures);
  const around = createSurroundings(
    contentHost,
    hostMap(vendors.hosts, vendors.port),
    trust.codeSigningRoots,
  );
  const publishers = createTrustedPublishers(wsusTrust(keys));
  const signing = wsusSigning(keys, timestamps.url, now);
  const site = {
    outbound: { hosts: around.hosts, ca: keys.tlsAuthority.certificate },
    trust: { ...trust, codeSigningRoots: around.roots },
    signing,
    trustedPublishers: publishers,
    faults: around.faults,
  };
  const softwareUpdatePoint = keep(await startSoftwareUpdatePoint(siteOptions(options, keys, site)));
  const gateway = keep(await startGateway(options, keys, softwareUpdatePoint.port));
  const parts = { vendors, farm, timestamps, softwareUpdatePoint, gateway };
  const ready = describeReady(keys, fixtures, parts, now());
  return {
    ready,
    setContentServer: around.setContentServer,
    trustCatalogCertificate: around.trustCatalogCertificate,
    trustContentCertificate: publishers.trust,
    importWsusCertificate(identity) {
      signing.use(identity);
      publishers.trust(certificateDer(identity.certificate));
    },
    setHopFault(hop, reason) {
      around.setFault(hop, reason);
      gateway.setFault(around.faults.gateway);
      if (around.faults.product !== null) softwareUpdatePoint.disableProducts();
    },
    clientTrust: () => clientTrustUnder(ready.clientTrust, around.faults.client),
    setFault: vendors.setFault,
    release: vendors.release,
    released: vendors.released,
    vendorRequests: vendors.requests,
    close: () => closeAll(started),
  };
}

/** The stand-ins answer for what is theirs, the vendor site for what else their hosts have. */
function startFarm(
  { feeds, fixtures }: NonNullable<LabOptions['farm']>,
  keys: LabCertificates,
  vendors: VendorSite,
  now: () => Date,
) {
  const files = new Map(fixtures.shipped.map((fixture) => [new URL(fixture.url).href, fixture]));
  return createVendorFarm({
    feeds,
    authority: keys.tlsAuthority,
    installerAt(url) {
      const fixture = files.get(new URL(url).href);
      return fixture === undefined ? null : fixtures.read(fixture);
    },
    fileHosts: [...files.keys()].map((url) => new URL(url).hostname),
    otherwise: vendors.answer,
    now,
  });
}

/** Without the client setting for third-party updates a computer never gets the WSUS signing certificate. */
export function clientTrustUnder(
  trust: LabReady['clientTrust'],
  fault: HopFault<'client'> | null,
): LabReady['clientTrust'] {
  if (fault !== 'untrusted') return trust;
  return { anchors: { ...trust.anchors, codeSigningRoots: [] }, trustedPublishers: [] };
}

function hostNames(contentServer: string) {
  return {
    vendors: VENDOR_HOSTS,
    contentServer,
    softwareUpdatePoint: SOFTWARE_UPDATE_POINT,
    gateway: GATEWAY,
  };
}

/** The last that was started ends first. */
async function closeAll(started: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const part of [...started].reverse()) await part.close();
}

/** What WSUS signs with, until it is told to use another certificate. */
function wsusSigning(
  keys: LabCertificates,
  timestampUrl: string,
  now: () => Date,
): WsusSigning & { use(identity: CertifiedKey): void } {
  const { timestampRoots } = wsusTrust(keys);
  let identity: CertifiedKey = keys.wsusSigning;
  const der = () => certificateDer(identity.certificate);
  return {
    get subject() {
      return subjectOf(der());
    },
    get thumbprint() {
      return thumbprintOf(der());
    },
    get trust() {
      return { codeSigningRoots: [der()], timestampRoots };
    },
    use(next) {
      identity = next;
    },
    sign: (unsignedPath, signedPath) =>
      signCabinet({
        unsignedPath,
        signedPath,
        identity,
        timestamp: { urls: [timestampUrl], roots: timestampRoots, now },
      }),
  };
}

const DISTRIBUTED = 'cloud-management-gateway';

function siteOptions(
  options: LabOptions,
  keys: LabCertificates,
  site: Pick<SoftwareUpdatePointOptions, 'outbound' | 'trust' | 'signing' | 'trustedPublishers' | 'faults'>,
): SoftwareUpdatePointOptions {
  return {
    ...site,
    folder: join(options.folder, 'software-update-point'),
    distributionFolder: join(options.folder, DISTRIBUTED),
    port: 0,
    hostName: SOFTWARE_UPDATE_POINT,
    identity: serverIdentity(keys.softwareUpdatePoint),
    controlToken: keys.controlToken,
    bridgeToken: keys.bridgeToken,
    catalogUrl: options.catalogUrl,
    fullContentCategories: options.fullContentCategories ?? [],
    now: options.now,
    onFault: options.onFault,
  };
}

function startGateway(options: LabOptions, keys: LabCertificates, softwareUpdatePointPort: number) {
  return startCloudManagementGateway({
    port: 0,
    identity: serverIdentity(keys.gateway),
    name: GATEWAY,
    clientCa: keys.clientAuthority.certificate,
    softwareUpdatePoint: {
      address: '127.0.0.1',
      port: softwareUpdatePointPort,
      name: SOFTWARE_UPDATE_POINT,
      ca: keys.tlsAuthority.certificate,
    },
    contentFolder: join(options.folder, DISTRIBUTED),
    now: options.now,
  });
}
