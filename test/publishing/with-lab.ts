import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createAttestor, createAttestorKey } from '../../signing/attestation.js';
import { createSignerClient } from '../../signing/client.js';
import { startSigner } from '../../signing/server.js';
import { openBridge } from '../../src/app/demo/bridge.js';
import { silentLog } from '../../src/app/logger.js';
import { createContentStore } from '../../src/content/store.js';
import { bufferSource } from '../../src/core/bytes.js';
import type { Site } from '../../src/core/ports.js';
import type { InstallerRecord, UpdateRecord } from '../../src/core/records.js';
import { type LabReady, startLab } from '../../src/lab/index.js';
import { loadFixtures } from '../../src/lab/vendor-site/index.js';
import { answerJob } from '../../src/lab/windows-bridge/answer.js';
import { createPublished } from '../../src/publishing/configmgr-catalog/published.js';
import { type CatalogServer, startCatalogServer } from '../../src/publishing/configmgr-catalog/server.js';
import {
  createBridgeCmdlets,
  createBridgeTransport,
} from '../../src/publishing/configuration-manager/by-bridge.js';
import { createDeploymentCmdlets } from '../../src/publishing/configuration-manager/deployment/cmdlets.js';
import { createDeployments } from '../../src/publishing/configuration-manager/deployment/index.js';
import type { DeploymentPlan } from '../../src/publishing/configuration-manager/deployment/plan.js';
import { createSiteRest } from '../../src/publishing/configuration-manager/rest.js';
import { createAdminServiceSite } from '../../src/publishing/configuration-manager/site.js';
import { type Bridge, BridgeAnswer, RESULTS } from '../../src/publishing/software-update-point/bridge.js';
import { faultOf } from '../../src/publishing/software-update-point/faults.js';
import { verifySignature } from '../../src/trust/index.js';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { temporaryFolder } from '../formats/programs.js';
import { FIXTURES_FOLDER } from '../lab/fixtures.js';
import { type Line, type LineOptions, openLine } from './line.js';
import { installerOf } from './samples.js';

const now = () => new Date();
const KEY_FOLDERS = [join('lab', 'certificates'), join('signer', 'private')];

/** Stands between the stage and what is remote to it. */
export type Between = <T extends object>(name: 'signer' | 'site' | 'bridge' | 'deployment', port: T) => T;

export interface WithLabOptions
  extends Pick<LineOptions, 'document' | 'contentWishFor' | 'promoteAtFor' | 'mirror'> {
  readonly between?: Between;
  /** The site is asked over the bridge alone, under its Windows account. */
  readonly isSiteOverBridge?: boolean;
  /** Absent: the lab's automatic deployment rule brings updates to the gateway. */
  readonly deployment?: DeploymentPlan;
}

/**
 * The stage against the lab's update services: signer process, timestamp authority, our own server, a vendor's signed file.
 * Of the bridge its executable is left out, the calls behind it are the lab's.
 */
export async function openWithLab(t: TestContext, options: WithLabOptions = {}) {
  const far = await openFarSide(t);
  const line = await openLine(t, lineAgainst(far, options));
  const server = await serveCatalog(far, line);
  t.after(() => server.close());
  return { ...far, line };
}

/**
 * What goes on when the publisher ends: the lab, the signer, and the files of the publisher's own data folder. `keysOf`: a
 * folder whose keys are taken, for they take seconds to make.
 */
export async function openFarSide(t: TestContext, keysOf?: string) {
  const folder = temporaryFolder(t);
  const contentDir = join(folder, 'content');
  mkdirSync(contentDir);
  if (keysOf !== undefined)
    for (const keys of KEY_FOLDERS) cpSync(join(keysOf, keys), join(folder, keys), { recursive: true });
  const lab = await startLab({
    folder: join(folder, 'lab'),
    fixturesFolder: FIXTURES_FOLDER,
    catalogUrl: 'https://patchpress.lab/catalogs/patchpress.cab',
    now,
    onFault: (error) => t.diagnostic(String(error)),
  });
  t.after(() => lab.close());
  const { ready } = lab;
  const attestorKey = createAttestorKey();
  const socketPath = join(folder, 's', 's.sock');
  const signer = await startSigner({
    socketPath,
    contentDir,
    keyFile: join(folder, 'signer', 'private', 'catalog.pem'),
    contentKeyFile: join(folder, 'signer', 'private', 'content.pem'),
    createIfMissing: true,
    attestorPublicKey: attestorKey.publicKey,
    timestampUrls: [ready.timestampUrl],
    timestampRoots: ready.trust.timestampRoots,
    publisherName: 'Patchpress Test',
    now,
  });
  t.after(() => signer.close());
  const transport = createHttpsTransport({
    ca: ready.tlsCa,
    client: null,
    hosts: ready.hosts,
    timeoutMs: 20_000,
  });
  t.after(() => transport.close());
  const [fixture] = loadFixtures(FIXTURES_FOLDER).shipped;
  assert.ok(fixture);
  const file = loadFixtures(FIXTURES_FOLDER).read(fixture);
  await createContentStore(contentDir).putBuffer(file);
  const signature = await verifySignature(bufferSource(file), ready.trust, now());
  const { baseUrl, token } = ready.softwareUpdatePoint;
  const executable = openBridge(folder, ready);
  const signerClient = createSignerClient({ socketPath, attestorPrivateKey: attestorKey.privateKey });
  return {
    folder,
    contentDir,
    lab,
    signer,
    signerClient,
    attestor: createAttestor(attestorKey.privateKey),
    bridge: bridgeTo(ready),
    file,
    sha256: fixture.sha256,
    site: createAdminServiceSite({ baseUrl, token, transport, isLab: true }),
    installer: (update: UpdateRecord, n: number): InstallerRecord => ({
      ...installerOf(update, n),
      sha256: fixture.sha256,
      sha1: createHash('sha1').update(file).digest('hex'),
      sizeBytes: file.length,
      fileName: fixture.fileName,
      signature,
    }),
    /** The lab's REST interface, asked past the stage. */
    async get(path: string): Promise<unknown> {
      const headers = { authorization: `Bearer ${token}` };
      const { body } = await transport.send('GET', `${baseUrl}${path}`, headers, null);
      return JSON.parse(body.toString('utf8'));
    },
    async siteRow(packageId: string): Promise<Record<string, unknown>> {
      const query = `$filter=${encodeURIComponent(`CI_UniqueID eq '${packageId}'`)}`;
      const { value } = (await this.get(`/AdminService/wmi/SMS_SoftwareUpdate?${query}`)) as {
        value: Record<string, unknown>[];
      };
      return value[0] ?? assert.fail(`the site has no ${packageId}`);
    },
    siteRest: createSiteRest({ baseUrl, token, transport }),
    /** The bridge as it is: its executable is run for each call. */
    executable,
    rest: createSiteRest({ baseUrl, token: null, transport: createBridgeTransport(executable) }),
  };
}

export type FarSide = Awaited<ReturnType<typeof openFarSide>>;

/** What a line needs to work against the far side. */
export function lineAgainst(far: FarSide, options: WithLabOptions): LineOptions {
  const { between = (_, port) => port, document = (sdp) => sdp, contentWishFor = () => 'full' } = options;
  const { contentDir, attestor, installer } = far;
  const { deployment } = options;
  const bridge = between('bridge', far.bridge);
  const site = options.isSiteOverBridge ? siteOver(far.bridge, far.lab.ready) : far.site;
  return {
    contentDir,
    attestor,
    document,
    contentWishFor,
    ...(options.promoteAtFor === undefined ? {} : { promoteAtFor: options.promoteAtFor }),
    ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
    installer,
    site: () => between('site', site),
    bridge: () => bridge,
    ...(deployment && {
      deployments: () =>
        createDeployments(
          far.siteRest,
          between('deployment', createDeploymentCmdlets(far.bridge)),
          deployment,
        ),
    }),
    signer: () => between('signer', far.signerClient),
  };
}

/** As of a site that is reached through the bridge alone. */
function siteOver(bridge: Bridge, { softwareUpdatePoint: { baseUrl } }: LabReady): Site {
  return createAdminServiceSite({
    baseUrl,
    token: null,
    transport: createBridgeTransport(bridge),
    cmdlets: createBridgeCmdlets(bridge),
    isLab: false,
  });
}

/** Our own catalog and content server; the lab is told where it is. */
export async function serveCatalog({ lab }: FarSide, line: Line): Promise<CatalogServer> {
  const server = await startCatalogServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: lab.ready.contentServer,
    catalogName: 'patchpress',
    ...createPublished(line),
    log: silentLog,
  });
  lab.setContentServer({ address: '127.0.0.1', port: server.port });
  return server;
}

/** What the stand-in's executable does, without a process for each call. */
function bridgeTo({ softwareUpdatePoint, tlsCa }: LabReady): Bridge {
  const { baseUrl, bridgeToken: token, token: siteToken, port } = softwareUpdatePoint;
  const access = { host: new URL(baseUrl).hostname, address: '127.0.0.1', port, ca: tlsCa, token, siteToken };
  return {
    async call({ verb, ...members }) {
      const told = await answerJob(access, verb, members);
      const answer = BridgeAnswer.parse({ protocol: 1, jobId: '', ...told });
      if (!answer.ok) throw faultOf(answer.error, verb);
      return RESULTS[verb].parse(answer.result) as never;
    },
  };
}
