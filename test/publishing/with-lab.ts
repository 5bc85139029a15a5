import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createAttestor, createAttestorKey } from '../../signing/attestation.js';
import { createSignerClient } from '../../signing/client.js';
import { startSigner } from '../../signing/server.js';
import { openBridge } from '../../src/app/demo/bridge.js';
import { silentLog } from '../../src/app/logger.js';
import { bufferSource } from '../../src/core/bytes.js';
import type { InstallerRecord, UpdateRecord } from '../../src/core/records.js';
import { type LabReady, startLab } from '../../src/lab/index.js';
import { loadFixtures } from '../../src/lab/vendor-site/index.js';
import { answerJob } from '../../src/lab/windows-bridge/answer.js';
import { createPublished } from '../../src/publishing/configmgr-catalog/published.js';
import { startCatalogServer } from '../../src/publishing/configmgr-catalog/server.js';
import {
  createBridgeCmdlets,
  createBridgeTransport,
} from '../../src/publishing/configuration-manager/by-bridge.js';
import { createSiteRest } from '../../src/publishing/configuration-manager/rest.js';
import { createAdminServiceSite } from '../../src/publishing/configuration-manager/site.js';
import { type Bridge, BridgeAnswer, RESULTS } from '../../src/publishing/software-update-point/bridge.js';
import { faultOf } from '../../src/publishing/software-update-point/faults.js';
import { verifySignature } from '../../src/trust/index.js';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { borrowKeys } from '../demo/run.js';
import { temporaryFolder } from '../formats/programs.js';
import { FIXTURES_FOLDER } from '../lab/fixtures.js';
import { type LineOptions, openLine } from './line.js';
import { installerOf } from './samples.js';

const now = () => new Date();

/** Stands between the stage and what is remote to it. */
export type Between = <T extends object>(name: 'signer' | 'site' | 'bridge', port: T) => T;

/**
 * The stage against the lab's update services: signer process, timestamp authority, our own server, a vendor's signed file.
 * Of the bridge its executable is left out, the calls behind it are the lab's.
 */
export async function openWithLab(
  t: TestContext,
  options: { readonly between?: Between } & Pick<LineOptions, 'document' | 'contentWishFor'> = {},
) {
  const { between = (_, port) => port, document = (sdp) => sdp, contentWishFor = () => 'full' } = options;
  const folder = temporaryFolder(t);
  const contentDir = join(folder, 'content');
  mkdirSync(contentDir);
  borrowKeys(folder);
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
    keyFile: join(folder, 'private', 'catalog.pem'),
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
  const { baseUrl, token } = ready.softwareUpdatePoint;
  const [fixture] = loadFixtures(FIXTURES_FOLDER).shipped;
  assert.ok(fixture);
  const file = loadFixtures(FIXTURES_FOLDER).read(fixture);
  const signature = await verifySignature(bufferSource(file), ready.trust, now());
  const bridge = bridgeTo(ready);
  /** As of a site that is reached through the bridge alone. */
  const siteOverBridge = createAdminServiceSite({
    baseUrl,
    token: null,
    transport: createBridgeTransport(bridge),
    cmdlets: createBridgeCmdlets(bridge),
    isLab: false,
  });
  const attestor = createAttestor(attestorKey.privateKey);
  const line = await openLine(t, {
    contentDir,
    attestor,
    document,
    contentWishFor,
    installer: (update: UpdateRecord, n: number): InstallerRecord => ({
      ...installerOf(update, n),
      sha256: fixture.sha256,
      sha1: createHash('sha1').update(file).digest('hex'),
      sizeBytes: file.length,
      fileName: fixture.fileName,
      signature,
    }),
    site: () => between('site', createAdminServiceSite({ baseUrl, token, transport, isLab: true })),
    bridge: () => between('bridge', bridge),
    signer: () =>
      between('signer', createSignerClient({ socketPath, attestorPrivateKey: attestorKey.privateKey })),
  });
  await line.content.putBuffer(file);
  const server = await startCatalogServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: ready.contentServer,
    catalogName: 'patchpress',
    ...createPublished(line),
    log: silentLog,
  });
  t.after(() => server.close());
  lab.setContentServer({ address: '127.0.0.1', port: server.port });
  const siteRow = async (packageId: string): Promise<Record<string, unknown>> => {
    const query = `$filter=${encodeURIComponent(`CI_UniqueID eq '${packageId}'`)}`;
    const headers = { authorization: `Bearer ${token}` };
    const url = `${baseUrl}/AdminService/wmi/SMS_SoftwareUpdate?${query}`;
    const { body } = await transport.send('GET', url, headers, null);
    return JSON.parse(body.toString('utf8')).value[0];
  };
  /** Over the bridge, whose executable is run for each call. */
  const rest = createSiteRest({
    baseUrl,
    token: null,
    transport: createBridgeTransport(openBridge(folder, ready)),
  });
  return { lab, line, signer, attestor, bridge, siteOverBridge, rest, file, siteRow, sha256: fixture.sha256 };
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
