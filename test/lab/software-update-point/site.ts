import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OriginFile, SoftwareDistributionPackage } from '../../../src/core/update.js';
import { readCabinet, writeCabinet } from '../../../src/formats/cab/index.js';
import { withFileSource } from '../../../src/formats/file-source.js';
import {
  issueClientToken,
  startCloudManagementGateway,
} from '../../../src/lab/cloud-management-gateway/index.js';
import { noHopFaults } from '../../../src/lab/hop-faults.js';
import { listen, RequestRefused, send } from '../../../src/lab/software-update-point/http.js';
import { startSoftwareUpdatePoint } from '../../../src/lab/software-update-point/index.js';
import { SMC } from '../../../src/sus/namespaces.js';
import { PACKAGE_NAMESPACES, packageElement, writeSdp } from '../../../src/sus/sdp/index.js';
import { element, writeXml } from '../../../src/text/xml/index.js';
import { createHttpsTransport } from '../../../src/verification/transport.js';
import { AUTHORITY, CODE_SIGNING, type Issued, issue, run } from '../../trust/pki.js';
import { makeAuthority, makeIdentity } from '../certificates.js';

const TOKEN = 'a token for tests';
const BRIDGE_TOKEN = 'another token for tests';
const MODIFIED = '2026-11-24T10:00:00Z';
const CATEGORY = '99999999-9999-4999-8999-999999999999';

/** Code signing certificates of everyone who signs here; none has a timestamp. */
export interface Signers {
  readonly catalog: Issued;
  readonly otherCatalog: Issued;
  readonly vendor: Issued;
  readonly otherVendor: Issued;
  readonly wsus: Issued;
  /** Ours, for content that we sign; server and clients trust it as a publisher. */
  readonly content: Issued;
  readonly root: Issued;
}

function makeSigners(folder: string): Signers {
  const root = issue(folder, { name: 'root', subject: '/CN=Code Root', extensions: AUTHORITY }, null);
  const signer = (name: string, issuer: Issued | null) =>
    issue(folder, { name, subject: `/CN=${name}`, extensions: CODE_SIGNING, key: 'rsa', days: 30 }, issuer);
  return {
    root,
    catalog: signer('catalog', root),
    otherCatalog: signer('other-catalog', root),
    vendor: signer('vendor', root),
    otherVendor: signer('other-vendor', root),
    wsus: signer('wsus', null),
    content: signer('content', null),
  };
}

/** Signs with a program that no one here wrote. */
export function sign(folder: string, by: Issued, from: string, to: string): void {
  rmSync(join(folder, to), { force: true });
  const keys = ['-certs', by.certificate, '-key', by.key];
  run(folder, 'osslsigncode', ['sign', '-h', 'sha256', ...keys, '-in', from, '-out', to]);
}

/** osslsigncode makes its own place for a signature and takes no cabinet that has one. */
function withoutReserve(from: string, to: string): void {
  withFileSource(from, (source) => {
    const members = [...readCabinet(source, { maxDecodedBytes: 1 << 24 }).extractAll(1 << 24)];
    writeCabinet(
      members.map(({ member, bytes }) => ({ name: member.name, modified: MODIFIED, content: { bytes } })),
      to,
      { signatureReserve: false },
    );
  });
}

/** A publisher's web server, a site and a gateway on the loopback address, and the folder they work in. */
export async function openSite() {
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-site-'));
  const signers = makeSigners(folder);
  const tls = makeAuthority('Test Servers');
  const clients = makeAuthority('Test Clients');
  const hosts: Record<string, { address: string; port: number }> = {};
  const files = new Map<string, Buffer>();
  const publisher = await listen(
    async (request, response) => {
      const body = files.get(request.url ?? '');
      if (body === undefined) throw new RequestRefused(404, 'no such file');
      const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
      if (request.headers['if-none-match'] === etag) send(response, { status: 304, headers: {}, body: '' });
      else send(response, { status: 200, headers: { etag }, body });
    },
    makeIdentity('publisher', { hosts: ['patchpress.lab'] }, tls),
    0,
  );
  hosts['patchpress.lab'] = { address: '127.0.0.1', port: publisher.port };
  const faults: unknown[] = [];
  const hopFaults = noHopFaults();
  const wsusTrust = { codeSigningRoots: [signers.wsus.der], timestampRoots: [] };
  const start = () =>
    startSoftwareUpdatePoint({
      folder: join(folder, 'sup'),
      distributionFolder: join(folder, 'cmg'),
      port: 0,
      hostName: 'sup.lab',
      identity: makeIdentity('sup', { hosts: ['sup.lab'] }, tls),
      controlToken: TOKEN,
      bridgeToken: BRIDGE_TOKEN,
      trustedPublishers: {
        anchors: { codeSigningRoots: [signers.wsus.der, signers.content.der], timestampRoots: [] },
        thumbprints: [signers.wsus.thumbprint, signers.content.thumbprint],
      },
      catalogUrl: 'https://patchpress.lab/catalog.cab',
      outbound: { hosts, ca: tls.certificate },
      trust: { codeSigningRoots: [signers.root.der], timestampRoots: [] },
      fullContentCategories: [],
      faults: hopFaults,
      signing: {
        subject: 'CN=wsus',
        thumbprint: signers.wsus.thumbprint,
        sign: async (from, to) => {
          withoutReserve(from, join(folder, 'plain.cab'));
          sign(folder, signers.wsus, 'plain.cab', to);
        },
        trust: wsusTrust,
      },
      now: () => new Date(),
      onFault: (error) => faults.push(error),
    });
  mkdirSync(join(folder, 'cmg'), { recursive: true });
  const sup = await start();
  hosts['sup.lab'] = { address: '127.0.0.1', port: sup.port };
  const gateway = await startCloudManagementGateway({
    port: 0,
    identity: makeIdentity('cmg', { hosts: ['cmg.lab', 'localhost'] }, tls),
    name: 'cmg.lab',
    clientCa: clients.certificate,
    softwareUpdatePoint: { address: '127.0.0.1', port: sup.port, name: 'sup.lab', ca: tls.certificate },
    contentFolder: join(folder, 'cmg'),
    now: () => new Date(),
  });
  hosts['cmg.lab'] = { address: '127.0.0.1', port: gateway.port };
  const device = makeIdentity('device', { usage: 'clientAuth' }, clients);
  const site = createHttpsTransport({ ca: tls.certificate, client: null, hosts, timeoutMs: 20_000 });
  const transport = createHttpsTransport({ ca: tls.certificate, client: device, hosts, timeoutMs: 20_000 });
  const control = async (method: 'GET' | 'POST', path: string, body: unknown = {}) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const text = method === 'GET' ? null : JSON.stringify(body);
    const answer = await site.send(method, `https://sup.lab${path}`, headers, text);
    return { status: answer.status, value: JSON.parse(answer.body.toString('utf8')) };
  };
  return {
    folder,
    signers,
    files,
    faults,
    hopFaults,
    wsusTrust,
    transport,
    device,
    tlsCa: tls.certificate,
    base: `https://cmg.lab${gateway.proxyPath}`,
    localBase: `https://localhost:${gateway.port}${gateway.proxyPath}`,
    localTokenBase: `https://localhost:${gateway.port}${gateway.tokenPath}`,
    token: issueClientToken(clients, {
      computer: 'device.lab',
      gateway: 'cmg.lab',
      expiresAt: new Date(Date.now() + 3_600_000),
    }),
    /** What a bridge is told of the server. */
    bridgeServer: {
      host: 'sup.lab',
      address: '127.0.0.1',
      port: sup.port,
      ca: tls.certificate,
      token: BRIDGE_TOKEN,
      siteToken: TOKEN,
    },
    status: async () => (await control('GET', '/lab/status')).value,
    /** One run of the sync agent. */
    syncCatalog: () => control('POST', '/AdminService/wmi/SMS_ISVCatalogs.SyncCatalogs'),
    syncSite: () => control('POST', '/AdminService/wmi/SMS_SoftwareUpdate.SyncNow'),
    /** What the site knows of vendors and products, by name. */
    products: async () => (await control('GET', '/AdminService/wmi/SMS_UpdateCategoryInstance')).value.value,
    enable: (categoryInstanceId: number) => control('POST', '/lab/enable-category', { categoryInstanceId }),
    syncStatus: async () => (await control('GET', '/AdminService/wmi/SMS_SUPSyncStatus')).value.value[0],
    publish: (packageId: string) => control('POST', '/lab/publish-content', { packageId }),
    approve: (thumbprint: string) => control('POST', '/lab/approve-catalog-certificate', { thumbprint }),
    row: async (packageId: string) => {
      const filter = encodeURIComponent(`CI_UniqueID eq '${packageId}'`);
      return (await control('GET', `/AdminService/wmi/SMS_SoftwareUpdate?$filter=${filter}`)).value.value[0];
    },
    /** Puts a file of the vendor's on the publisher's server, signed unless it is not to be. */
    offer(name: string, unsigned: string, by: Issued | null): OriginFile {
      if (by !== null) sign(folder, by, unsigned, name);
      const bytes = readFileSync(join(folder, by === null ? unsigned : name));
      files.set(`/content/${name}`, bytes);
      return originFile(name, bytes);
    },
    /** Makes a v3 catalog of the packages, signs it and puts it on the publisher's server. */
    publishCatalog(
      packages: readonly SoftwareDistributionPackage[],
      by: Issued,
      certificates: readonly Issued[],
    ) {
      const path = join(folder, 'unsigned-catalog.cab');
      writeCabinet(catalogMembers(packages, certificates), path, { signatureReserve: false });
      sign(folder, by, path, 'catalog.cab');
      files.set('/catalog.cab', readFileSync(join(folder, 'catalog.cab')));
    },
    async close() {
      site.close();
      transport.close();
      await gateway.close();
      await sup.close();
      await publisher.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type TestSite = Awaited<ReturnType<typeof openSite>>;

function originFile(fileName: string, bytes: Buffer): OriginFile {
  return {
    digest: createHash('sha1').update(bytes).digest('base64'),
    fileName,
    sizeBytes: bytes.length,
    modified: '2026-11-20T10:00:00Z',
    originUri: `https://patchpress.lab/content/${fileName}`,
    sha256: createHash('sha256').update(bytes).digest('base64'),
  };
}

function catalogMembers(packages: readonly SoftwareDistributionPackage[], certificates: readonly Issued[]) {
  const member = (name: string, content: string | Buffer) => ({
    name,
    modified: MODIFIED,
    content: { bytes: Buffer.from(content) },
  });
  const ids = packages.map((pkg) => pkg.properties.packageId);
  const dates = packages.map(({ properties }) => [properties.packageId, properties.creationDate] as const);
  const root = {
    ...element(
      SMC,
      'SystemsManagementCatalog',
      {},
      packages.map((pkg) => packageElement(pkg, 'smc')),
    ),
    declarations: [SMC, ...PACKAGE_NAMESPACES],
  };
  const category = { DisplayName: 'Everything', Id: CATEGORY, Members: ids, ParentId: '' };
  return [
    member('catalog.xml', writeXml(root, { declaration: true })),
    ...certificates.map(({ der, thumbprint }) => member(`ContentCertificates\\${thumbprint}.cer`, der)),
    ...packages.map((pkg) => member(`V2\\${pkg.properties.packageId}.sdp`, writeSdp(pkg))),
    member('V2\\update_manifest.json', JSON.stringify(Object.fromEntries(dates))),
    member('V3\\update_categories.json', JSON.stringify([CATEGORY])),
    member(`V3\\${CATEGORY}.json`, JSON.stringify(category)),
  ];
}
