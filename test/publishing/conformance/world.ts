import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { signContent } from '../../../signing/content.js';
import { createContentStore } from '../../../src/content/store.js';
import type { ContentWish } from '../../../src/core/publication.js';
import type { RevisionContent } from '../../../src/core/records.js';
import { writeCabinet } from '../../../src/formats/cab/index.js';
import { openLedger } from '../../../src/ledger/ledger.js';
import { type Line, openLine, POLL_MS, T0 } from '../line.js';
import { packageIdOf } from '../samples.js';
import { type FarSide, lineAgainst, openFarSide, serveCatalog, type WithLabOptions } from '../with-lab.js';
import { type Breaker, createBreaker } from './breaker.js';

/** One life of the publisher on its data folder: ledger, stage, runner, syncs and servers, opened anew. */
export interface Life {
  readonly line: Line;
  readonly breaker: Breaker;
  readonly catalogPort: number;
}

export interface World {
  readonly far: FarSide;
  readonly life: Life;
  /** A cabinet of the payload that our content certificate signed, for whichever update. */
  readonly signedCab: RevisionContent;
  /** What the policy says of what is published from now on. */
  contentWish: ContentWish;
  /** The life that is ends, if it has not already, and another begins as the service does. */
  reopen(changes?: Pick<WithLabOptions, 'isSiteOverBridge'>): Promise<void>;
}

export async function openWorld(t: TestContext, keysOf?: string): Promise<World> {
  const far = await openFarSide(t, keysOf);
  far.lab.trustCatalogCertificate(far.signer.certificate.der);
  far.lab.trustContentCertificate(far.signer.contentCertificate?.der ?? Buffer.alloc(0));
  const wishes: WithLabOptions = {
    contentWishFor: () => world.contentWish,
    // A product of its own each: the site has to be told of every one.
    document: (sdp, n) => sdp.replace('Patchpress Updates', `Patchpress Updates ${n}`),
  };
  let options = wishes;
  let life = await beginLife(t, far, options, T0);
  t.after(() => life.end());
  const world: World = {
    far,
    contentWish: 'full',
    signedCab: await signPayload(far),
    get life() {
      return life;
    },
    async reopen(changes = {}) {
      options = { ...options, ...changes };
      await life.end();
      life = await beginLife(t, far, options, life.line.now());
    },
  };
  return world;
}

async function beginLife(t: TestContext, far: FarSide, changes: WithLabOptions, startAt: Date) {
  const breaker = createBreaker();
  const ledger = await openLedger({ file: join(far.folder, 'ledger.db') });
  const options = lineAgainst(far, { ...changes, between: breaker.between });
  const line = await openLine(t, { ...options, ledger: breaker.commits(ledger), startAt });
  const server = await serveCatalog(far, line);
  // As the reconciler does when the only host starts.
  await ledger.requeue('all-and-leased', startAt);
  return {
    line,
    breaker,
    catalogPort: server.port,
    async end() {
      await server.close();
      await ledger.close();
      breaker.release();
    },
  };
}

/** Until nothing is due, also later. */
export async function rest({ line }: Life): Promise<void> {
  await line.settle();
  line.wait(POLL_MS);
  await line.settle();
}

async function signPayload({ contentDir, attestor, signerClient, file, sha256 }: FarSide) {
  const content = createContentStore(contentDir);
  const path = content.temporaryPath();
  const modified = '2026-11-20T00:00:00Z';
  writeCabinet([{ name: 'payload', modified, content: { bytes: file } }], path, { signatureReserve: true });
  const { sha256: unsignedSha256 } = await content.putFile(path);
  const digest = '00'.repeat(32);
  const statement = { packageId: packageIdOf(0), revision: 1, sdpSha256: digest, proofSha256: digest };
  const attestation = attestor.attest({ ...statement, payloadSha256: sha256, decisionId: packageIdOf(0) });
  const deps = { content, signer: signerClient };
  const signed = await signContent(deps, { unsignedSha256, signed: null }, attestation);
  if (signed === undefined) throw new Error('no content was signed');
  return signed;
}
