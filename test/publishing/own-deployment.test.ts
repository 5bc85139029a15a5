import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { RetryableError } from '../../src/core/errors.js';
import type { Machine } from '../../src/core/machine.js';
import { createDeploymentCmdlets } from '../../src/publishing/configuration-manager/deployment/cmdlets.js';
import { verifyFileSignature } from '../../src/trust/index.js';
import { createUpdateClient, type UpdateClient } from '../../src/verification/client.js';
import { createComplianceCanary } from '../../src/verification/compliance/canary.js';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { POLL_MS } from './line.js';
import { putExpired } from './put-expired.js';
import { packageIdOf, updateOf } from './samples.js';
import { type Between, openWithLab } from './with-lab.js';

const COLLECTION = 'LAB00012';
const PLAN = {
  updateGroup: 'Patchpress',
  package: { name: 'Third party', sourcePath: '\\\\lab\\updates\\patchpress' },
  distributionPointGroup: 'Gateway',
  collection: COLLECTION,
  purpose: 'required',
  deadlineHours: 24,
} as const;

/** Each cmdlet of a deployment that changes something ends its turn once, after it has done so, as a killed process would. */
function breakAfterEach(): { readonly between: Between; readonly changes: string[] } {
  const changes: string[] = [];
  const between: Between = (name, port) =>
    name !== 'deployment'
      ? port
      : new Proxy(port, {
          get(target, key) {
            const run = Reflect.get(target, key);
            if (typeof run !== 'function' || key === 'updateGroup') return run;
            return async (...args: readonly unknown[]) => {
              const isFirst = !changes.includes(String(key));
              changes.push(String(key));
              const answer = await Reflect.apply(run, target, args);
              if (isFirst) throw new RetryableError('target.unreachable', `broken after ${String(key)}`);
              return answer;
            };
          },
        });
  return { between, changes };
}

async function openWorld(t: TestContext) {
  const { between, changes } = breakAfterEach();
  const world = await openWithLab(t, { between, deployment: PLAN });
  world.lab.trustCatalogCertificate(world.signer.certificate.der);
  // Nothing but our own deployment brings content to the gateway.
  world.lab.setHopFault('distribution', 'not-distributed');
  const cmdlets = createDeploymentCmdlets(world.bridge);
  const members = async () => (await cmdlets.updateGroup(PLAN.updateGroup))?.ciIds ?? [];
  const ciIdOf = async (n: number) => (await world.siteRow(packageIdOf(n))).CI_ID;
  return { ...world, changes, members, ciIdOf };
}
type World = Awaited<ReturnType<typeof openWorld>>;

/** Publishes, and goes on after each turn that broke. */
async function distribute({ line, sha256 }: World, n: number, supersedes: readonly string[] = []) {
  const built = await line.publish(n, { payloadSha256: sha256, supersedes: [...supersedes] });
  for (let turn = 0; turn < 8; turn += 1) {
    await line.settle();
    if ((await line.publication(n))?.state === 'distributed') break;
    line.wait(POLL_MS);
    await line.enqueue({ kind: 'follow', ...built }, true);
  }
  assert.equal((await line.publication(n))?.state, 'distributed');
  return built;
}

function machine(n: number, version: string): Machine {
  const key = `HKLM\\SOFTWARE\\Contoso\\Product ${n}`;
  return {
    os: {
      version: '10.0.22631.1',
      productType: 1,
      suiteMask: 256,
      architecture: 'x64',
      language: 'en-US',
      muiLanguages: [],
    },
    registry: { '64': { [key]: { Version: { type: 'REG_SZ', value: version } } }, '32': {} },
    files: [],
    msi: { products: [], patches: [] },
    wmi: [],
    processors: 4,
  };
}

/** A computer behind the gateway; whatever it installs brings the product to the version of the update. */
function openComputer(t: TestContext, { lab }: World, n: number): UpdateClient {
  const { ready } = lab;
  const transport = createHttpsTransport({
    ca: ready.tlsCa,
    client: ready.clients.older,
    hosts: ready.hosts,
    timeoutMs: 20_000,
  });
  t.after(() => transport.close());
  return createUpdateClient({
    transport,
    base: ready.gateway.base,
    computer: { clientId: randomUUID(), dnsName: 'older.lab' },
    trust: lab.clientTrust(),
    verifySignature: async (path, anchors) => verifyFileSignature(path, anchors, new Date()),
    run: async () => ({ machine: machine(n, '1.2.3.4'), exitCode: 0 }),
    clock: { now: () => new Date() },
    newId: randomUUID,
  });
}

test('our own deployment brings an update to clients, whichever step breaks, and compliance proves it', async (t) => {
  const world = await openWorld(t);
  const { line, changes, members, ciIdOf, siteRest } = world;

  const first = await distribute(world, 1);
  assert.deepEqual(changes, ['saveUpdate', 'distributePackage', 'addToUpdateGroup', 'deployUpdateGroup']);
  assert.deepEqual(await members(), [await ciIdOf(1)]);
  await line.enqueue({ kind: 'follow', ...first }, true);
  await line.settle();
  assert.equal(changes.length, 4, 'twice is once');

  const canary = createComplianceCanary({
    site: siteRest,
    collectionId: COLLECTION,
    clock: { now: () => line.now() },
  });
  const update = { ...updateOf(1), revision: 1 };
  const computer = openComputer(t, world, 1);
  await computer.scan(machine(1, '1.0.0.0'));
  const before = await canary.verify(update, null);
  assert.ok('reason' in before && before.mostRequired);
  assert.match(before.reason, /of 1 computers in LAB00012 1 need it and 0 have it/);
  const installed = await computer.install(update.packageId, machine(1, '1.0.0.0'));
  assert.equal(installed.outcome, 'succeeded');
  await computer.scan(installed.machine);
  const after = await canary.verify(update, before.mostRequired);
  assert.ok('summary' in after);
  assert.match(after.summary, /0 need it and 1 have it/);

  // The next one takes its place in the group, once clients can have it; the package and the deployment stand.
  await distribute(world, 2, [packageIdOf(1)]);
  assert.deepEqual(changes.slice(4), ['saveUpdate', 'addToUpdateGroup', 'removeFromUpdateGroup']);
  assert.deepEqual(await members(), [await ciIdOf(2)]);

  await putExpired(world, updateOf(2, { payloadSha256: world.sha256, supersedes: [packageIdOf(1)] }));
  await line.settle();
  line.wait(POLL_MS);
  await line.settle();
  const atLast = await createDeploymentCmdlets(world.executable).updateGroup(PLAN.updateGroup);
  assert.deepEqual(atLast?.ciIds, []);
  assert.equal((await line.work(`withdraw/${packageIdOf(2)}/2`))?.state, 'done');
});
