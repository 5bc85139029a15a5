import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CertifiedKey, certificateDer } from '../../../signing/certificates/index.js';
import { loadCatalog } from '../../config/catalog.js';
import { loadPolicy } from '../../config/policy.js';
import { projectPath } from '../../config/settings.js';
import type { Policy } from '../../core/decide.js';
import { PermanentError } from '../../core/errors.js';
import type { Clock, Log, ProductCatalog } from '../../core/ports.js';
import { type FaultyHop, type HopFault, type LabReady, withContentPublisher } from '../../lab/index.js';
import { type Fixtures, joinFixtures, loadFixtures } from '../../lab/vendor-site/index.js';
import { createAdminServiceSite } from '../../publishing/configuration-manager/site.js';
import type { Bridge } from '../../publishing/software-update-point/bridge.js';
import { createHttpsTransport } from '../../verification/transport.js';
import { type NodeChild, startNodeChild } from '../children/node-child.js';
import { productsFrom } from '../configure.js';
import { type Foundation, openFoundation } from '../foundation.js';
import { type AttestationKey, openAttestationKey } from '../keys.js';
import { createLog } from '../logger.js';
import type { LabConfiguration, LabMessage } from '../mains/lab.js';
import { createService, type Service } from '../service.js';
import { type SignerReady, signerSocket, startSignerChild } from '../signer.js';
import type { DemoArguments } from './arguments.js';
import { openBridge } from './bridge.js';
import { openCanary } from './canary.js';
import { type Farm, makeFarm } from './farm.js';
import { productsOfLab } from './products.js';
import type { Progress } from './progress.js';
import { readServedContent } from './served.js';

const CATALOG_HOST = 'patchpress.lab';
const POLICY = 'catalogs/demo-policy.yaml';
const FIXTURES = 'src/lab/vendor-site/fixtures';
const SITE_TIMEOUT_MS = 120_000;
const SITE_POLL_MS = 1000;
const MAX_INSTALLER_BYTES = 2_000_000_000;
/** The lab's hosts are one process that nobody has to be polite to. */
const LAB_LIMITS = { concurrency: 4, requestsPerSecond: Number.POSITIVE_INFINITY };

export interface Demo {
  readonly foundation: Foundation;
  readonly service: Service;
  readonly products: ProductCatalog;
  readonly lab: LabReady;
  readonly signer: SignerReady;
  readonly dataDir: string;
  readonly log: Log;
  readonly catalogUrl: string;
  /** What the software update point serves, read from it. */
  servedContent(): ReturnType<typeof readServedContent>;
  /** PackageIDs that a client behind the gateway is told of. */
  toldToClients(): Promise<ReadonlySet<string>>;
  readonly fixtures: Fixtures;
  /** The way to publish to the update server. */
  readonly bridge: Bridge;
  /** Whether products beyond those of the committed fixtures take part. */
  readonly hasStandIns: boolean;
  /** What goes wrong at a hop from now on; null: nothing. */
  setHopFault(hop: FaultyHop, fault: HopFault | null): Promise<void>;
  /** WSUS signs with this certificate from now on, and the site has given it to the clients. */
  importWsusCertificate(identity: CertifiedKey): Promise<void>;
  /** The vendor of the product releases the next version. */
  release(productId: string): Promise<void>;
  /** Throws when the lab has ended: nothing would ever come to rest. */
  requireAlive(): void;
  close(): Promise<void>;
}

const clock: Clock = { now: () => new Date() };

/** The lab, the signer and the service, each in its process, on one data folder. */
export async function setUp(args: DemoArguments, progress: Progress): Promise<Demo> {
  const dataDir = resolve(args.dataDir);
  if (args.fresh) rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const closing: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    return { ...(await open(args, dataDir, closing, progress)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  args: DemoArguments,
  dataDir: string,
  closing: (() => Promise<void> | void)[],
  progress: Progress,
): Promise<Omit<Demo, 'close'>> {
  const log = createLog({ level: 'info', file: join(dataDir, 'patchpress.log') });
  const foundation = await openFoundation({
    dataDir,
    redisUrl: process.env.REDIS_URL || null,
    databaseUrl: process.env.DATABASE_URL || null,
    siteId: 'lab',
    lock: true,
    log,
  });
  closing.push(() => foundation.close());
  const attestationKey = openAttestationKey(dataDir);
  const catalog = loadCatalog(projectPath('catalogs/patchpress.catalog.json'));
  const catalogUrl = `https://${CATALOG_HOST}/catalogs/${catalog.name}.cab`;
  const own = loadFixtures(projectPath(FIXTURES));
  const { definitions, farm } = openDefinitions(args, dataDir, own, progress);
  const labChild = await startNodeChild<LabReady>('lab', {
    folder: join(dataDir, 'lab'),
    fixturesFolder: projectPath(FIXTURES),
    catalogUrl,
    ...(farm && { farm: { folder: farm.folder, products: farm.products } }),
  } satisfies LabConfiguration);
  closing.push(() => labChild.stop());
  let labEnded = false;
  labChild.onUnexpectedEnd(() => {
    labEnded = true;
  });
  progress.step('vendor site, timestamp authority, software update point and gateway are up');
  const signer = await startSigner(dataDir, labChild.ready, attestationKey);
  closing.push(() => signer.stop());
  progress.step(`the signer signs as ${signer.ready.subject}`);
  const tell = (message: LabMessage): Promise<void> => labChild.send(message);
  await tell({ kind: 'catalog-certificate', der: signer.ready.der });
  const lab = await withOurContent(labChild.ready, signer.ready, tell);
  for (const { product, mode } of args.faults) {
    await tell({ kind: 'fault', product, fault: mode });
    progress.step(`${product} misbehaves: ${mode}`);
  }
  const site = openSite(lab);
  closing.push(() => site.transport.close());
  const fixtures = farm === null ? own : joinFixtures([own, farm.fixtures]);
  const canary = openCanary(lab, fixtures, clock);
  closing.push(() => canary.close());
  const setHopFault: Demo['setHopFault'] = async (hop, fault) => {
    await tell({ kind: 'hop-fault', hop, fault });
    if (hop === 'client') canary.setFault(fault as HopFault<'client'> | null);
  };
  for (const { hop, fault } of args.hopFaults) {
    await setHopFault(hop, fault);
    progress.step(`the hop ${hop} fails: ${fault}`);
  }
  const products = productsOfLab(definitions, only(own, args.only), args.products, farm?.products);
  const bridge = openBridge(dataDir, lab);
  const service = await createService({
    foundation,
    clock,
    log,
    products,
    catalog,
    policy: acceptingVendors(loadPolicy(projectPath(args.policyFile ?? POLICY)), lab, farm),
    trust: lab.trust,
    outside: { hosts: lab.hosts, ca: lab.tlsCa, perHost: LAB_LIMITS },
    attestationKey,
    signerSocket: signerSocket(dataDir),
    contentBaseUrl: `https://${CATALOG_HOST}`,
    mirror: null,
    contentServer: { listen: { host: '127.0.0.1', port: 0 }, tls: lab.contentServer },
    site: site.site,
    enableProducts: true,
    enableClassifications: true,
    deploymentRules: null,
    deployments: null,
    bridge,
    canary: canary.canary,
    schedule: null,
    onlyHost: !process.env.REDIS_URL,
    retries: { maxAttempts: 6, backoffMs: 1000, longestBackoffMs: 60_000 },
    maxInstallerBytes: MAX_INSTALLER_BYTES,
    flushIntervalMs: 0,
    pollMs: args.pollMs ?? SITE_POLL_MS,
    onTurn: (turn) => progress.turn(turn),
  });
  closing.push(() => service.close());
  const port = service.contentServer?.port ?? 0;
  await tell({ kind: 'content-server', address: '127.0.0.1', port });
  progress.step(`catalog and content are served on port ${port}`);
  const servedContent = () => readServedContent(site.transport, lab.softwareUpdatePoint);
  return {
    foundation,
    service,
    products,
    lab,
    signer: signer.ready,
    dataDir,
    log,
    catalogUrl,
    fixtures,
    bridge,
    hasStandIns: farm !== null,
    servedContent,
    toldToClients: canary.told,
    setHopFault,
    async importWsusCertificate(identity) {
      await tell({ kind: 'wsus-certificate', identity });
      canary.trustPublisher(certificateDer(identity.certificate));
    },
    release: (product) => tell({ kind: 'release', product }),
    requireAlive() {
      if (!labEnded) return;
      throw new PermanentError('internal', 'the lab has ended', {
        nextStep: 'its own message is above; run the demo again',
      });
    },
  };
}

function only(fixtures: Fixtures, ids: DemoArguments['only']): Fixtures {
  if (ids === undefined) return fixtures;
  return { ...fixtures, shipped: fixtures.shipped.filter(({ productId }) => ids.includes(productId)) };
}

/** All definitions are read only for vendors beyond those of the fixtures: null where there are as many as are wanted. */
function openDefinitions(
  { products, productsDir }: DemoArguments,
  dataDir: string,
  own: Fixtures,
  progress: Progress,
): { readonly definitions: ProductCatalog; readonly farm: Farm | null } {
  const folders = productsDir === null ? [] : [resolve(productsDir)];
  const ids = [...new Set(own.shipped.map(({ productId }) => productId))];
  const count = (products ?? 0) - ids.length;
  if (count <= 0) return { definitions: productsFrom(folders, ids), farm: null };
  const definitions = productsFrom(folders);
  const farm = makeFarm(dataDir, definitions, own, count);
  progress.step(`${farm.products.length} vendors have stand-ins, and their installers are made`);
  return { definitions, farm };
}

/** Each stand-in's own certificate, for its own product, as the policy names those of the other vendors. */
function acceptingVendors(policy: Policy, { vendorSigners }: LabReady, farm: Farm | null): Policy {
  const ids = new Set(farm?.products.map(({ id }) => id));
  const signers = vendorSigners
    .filter(({ product }) => ids.has(product))
    .map(({ product, subject }) => ({ product, subject: { equalTo: subject }, accept: true as const }));
  return { ...policy, signers: [...policy.signers, ...signers] };
}

function startSigner(dataDir: string, lab: LabReady, key: AttestationKey): Promise<NodeChild<SignerReady>> {
  return startSignerChild({
    socketPath: signerSocket(dataDir),
    contentDir: join(dataDir, 'content'),
    keyFile: join(dataDir, 'signer', 'private', 'catalog.pem'),
    contentKeyFile: join(dataDir, 'signer', 'private', 'content.pem'),
    createIfMissing: true,
    attestorPublicKey: key.publicKey,
    timestampUrls: [lab.timestampUrl],
    timestampRoots: lab.trust.timestampRoots,
    publisherName: 'Patchpress Lab',
  });
}

/** As an administrator does for `signed-cab`: the content certificate becomes a trusted publisher of server and clients. */
async function withOurContent(
  lab: LabReady,
  { content }: SignerReady,
  tell: (message: LabMessage) => Promise<void>,
): Promise<LabReady> {
  if (content === null) return lab;
  await tell({ kind: 'content-certificate', der: content.der });
  return withContentPublisher(lab, content.der);
}

function openSite({ softwareUpdatePoint, hosts, tlsCa }: LabReady) {
  const transport = createHttpsTransport({ ca: tlsCa, client: null, hosts, timeoutMs: SITE_TIMEOUT_MS });
  const { baseUrl, token } = softwareUpdatePoint;
  return { transport, site: createAdminServiceSite({ baseUrl, token, transport, isLab: true }) };
}
