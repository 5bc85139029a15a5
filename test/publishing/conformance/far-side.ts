import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { z } from 'zod';
import { bufferSource } from '../../../src/core/bytes.js';
import { type Route, TARGET_OF, TARGETS } from '../../../src/core/publication.js';
import { readCatalog, verifyCatalog } from '../../../src/publishing/configmgr-catalog/verify/index.js';
import { type Drift, driftAtServer, driftAtSite, type Recorded } from '../../../src/publishing/drift.js';
import { packageIdOf } from '../samples.js';
import type { World } from './world.js';

const NEVER = new AbortController().signal;

/** The lab's own word of what it keeps. */
const Status = z.object({
  packages: z.array(
    z.object({
      packageId: z.string(),
      fault: z.string().nullable(),
      content: z.object({ path: z.string(), sha256: z.string(), sizeBytes: z.number() }).nullable(),
    }),
  ),
});

/** What the far side has of an update, and what the ledger says of it; asked past the stage. */
export async function readBack({ far, life }: World, route: Route, n: number) {
  const packageId = packageIdOf(n);
  const { updates } = await far.bridge.call({ verb: 'list', packageIds: [packageId] }, NEVER);
  assert.equal(updates.length, 1, 'one publication at the update server');
  const [{ revision, creationDate, isExpired, isDeclined, hasContent } = assert.fail()] = updates;
  const row = await far.siteRow(packageId);
  const publication = await life.line.ledger.publication(TARGET_OF[route], packageId);
  return {
    ledger: [publication?.revision, publication?.state],
    /** `revision` is WSUS's own count: metadata and content of a catalog are one each. */
    server: {
      revision,
      createdAt: isExpired && route === 'direct' ? null : Date.parse(creationDate),
      isExpired,
      isDeclined,
      hasContent,
    },
    site: {
      isExpired: row.IsExpired,
      isSuperseded: row.IsSuperseded,
      isDeployable: row.IsDeployable,
      isProvisioned: row.IsContentProvisioned,
      isMetadataOnly: row.IsMetadataOnlyUpdate,
    },
  };
}

/** Every content file that the far side says it has is there, byte for byte, and nothing of ours is refused. */
export async function requireWholeContent({ far }: World, ids: readonly string[]): Promise<void> {
  const { packages } = Status.parse(await far.get('/lab/status'));
  const wanted = packages.filter(({ packageId }) => ids.includes(packageId));
  assert.equal(wanted.length, ids.length);
  for (const { packageId, fault, content } of wanted) {
    assert.equal(fault, null, packageId);
    if (content === null) continue;
    const file = readFileSync(content.path);
    assert.equal(createHash('sha256').update(file).digest('hex'), content.sha256, packageId);
  }
}

/** What `patchpress drift` compares: all that is recorded, or one update of it. */
export async function findDrift({ far, life }: World, only: number | null = null): Promise<readonly Drift[]> {
  const recorded: Recorded[] = [];
  for (const target of TARGETS) {
    for (const publication of await life.line.ledger.publications(target)) {
      if (only !== null && publication.packageId !== packageIdOf(only)) continue;
      const revision = await life.line.ledger.revision(publication.packageId, publication.revision);
      recorded.push({ publication, revision: revision ?? assert.fail('a publication has its revision') });
    }
  }
  const direct = recorded.filter(({ publication }) => publication.target === 'software-update-point');
  const ids = (of: readonly Recorded[]) => of.map(({ publication }) => publication.packageId);
  const { updates } = await far.bridge.call({ verb: 'list', packageIds: ids(direct) }, NEVER);
  return [...driftAtServer(direct, updates), ...driftAtSite(recorded, await far.site.updates(ids(recorded)))];
}

export async function catalogNumber({ life }: World): Promise<number> {
  return (await life.line.ledger.latestCatalogRevision('configmgr-catalog'))?.number ?? 0;
}

/** What is served is the cabinet that the ledger names. */
export async function requireServedCatalog(world: World): Promise<Buffer> {
  const latest = await world.life.line.ledger.latestCatalogRevision('configmgr-catalog');
  const served = await download(world);
  assert.equal(createHash('sha256').update(served).digest('hex'), latest?.cabSha256);
  return served;
}

/** What is served passes all checks and carries what the ledger says; its revisions are counted without a gap. */
export async function requireConsistentCatalog(world: World): Promise<void> {
  const revisions = await world.life.line.ledger.catalogRevisions('configmgr-catalog');
  assert.deepEqual(
    revisions.map(({ number }) => number),
    revisions.map((_, at) => at + 1),
  );
  const served = bufferSource(await requireServedCatalog(world));
  // That WSUS gets many products is a note, and the test's own wish.
  const { findings } = verifyCatalog(served);
  assert.deepEqual(
    findings.filter(({ level }) => level !== 'note'),
    [],
  );
  const ids = (of: readonly { readonly packageId: string }[]) => of.map(({ packageId }) => packageId);
  assert.deepEqual(ids(readCatalog(served).root).toSorted(), ids(revisions.at(-1)?.members ?? []).toSorted());
}

function download({ far, life }: World): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const { hostname, pathname } = new URL('https://patchpress.lab/catalogs/patchpress.cab');
    const call = request(
      {
        host: '127.0.0.1',
        port: life.catalogPort,
        servername: hostname,
        headers: { host: hostname },
        path: pathname,
        ca: far.lab.ready.tlsCa,
        agent: false,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('end', () => resolve(Buffer.concat(pieces)));
      },
    );
    call.once('error', reject);
    call.end();
  });
}
