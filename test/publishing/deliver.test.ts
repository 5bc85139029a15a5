import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { PermanentError, RetryableError } from '../../src/core/errors.js';
import type { RevisionRecord, UpdateRecord } from '../../src/core/records.js';
import { wordSetting } from '../../src/core/word.js';
import { createPublished } from '../../src/publishing/configmgr-catalog/published.js';
import type { Bridge, BridgeCall, ListedUpdate } from '../../src/publishing/software-update-point/bridge.js';
import { readSdp } from '../../src/sus/sdp/index.js';
import { type Line, openLine } from './line.js';
import { packageIdOf, updateOf } from './samples.js';

/** An update server that behaves as IPublisher does, in memory. */
interface FakeServer extends Bridge {
  readonly calls: BridgeCall[];
  readonly updates: Map<string, ListedUpdate>;
  /** Called around every change: what it throws breaks the turn. */
  before: (call: BridgeCall) => void;
  after: (call: BridgeCall) => void;
}

function fakeServer(): FakeServer {
  const server: FakeServer = {
    calls: [],
    updates: new Map(),
    before: () => undefined,
    after: () => undefined,
    async call(call: BridgeCall) {
      server.calls.push(call);
      if (call.verb === 'list') {
        const updates = call.packageIds.flatMap((id) => server.updates.get(id) ?? []);
        return { updates } as never;
      }
      server.before(call);
      apply(server.updates, call);
      server.after(call);
      return { update: null } as never;
    },
  };
  return server;
}

function apply(updates: Map<string, ListedUpdate>, call: BridgeCall): void {
  if (!('packageId' in call)) return;
  const known = updates.get(call.packageId);
  if (call.verb === 'expire') {
    assert.ok(known);
    updates.set(call.packageId, { ...known, isExpired: true, revision: known.revision + 1 });
    return;
  }
  assert.equal(
    known === undefined,
    call.verb !== 'revise',
    `${call.verb} of what is ${known ? '' : 'not '}there`,
  );
  assert.ok('sdpBase64' in call, call.verb);
  const { properties } = readSdp(Buffer.from(call.sdpBase64, 'base64'), 'sent');
  updates.set(call.packageId, {
    packageId: call.packageId,
    revision: (known?.revision ?? 0) + 1,
    creationDate: properties.creationDate,
    isLocallyPublished: true,
    isExpired: false,
    isDeclined: false,
    hasContent: call.verb !== 'publish-metadata',
    isMetadataOnly: call.verb === 'publish-metadata',
  });
}

const DIRECT: Partial<UpdateRecord> = { route: 'direct' };

async function open(t: TestContext): Promise<{ line: Line; server: FakeServer }> {
  const server = fakeServer();
  return { server, line: await openLine(t, { bridge: () => server }) };
}

/** Changes a revision as another stage would have left it. */
async function change(
  line: Line,
  built: { readonly packageId: string; readonly revision: number },
  changes: Partial<RevisionRecord>,
): Promise<void> {
  const revision = await line.ledger.revision(built.packageId, built.revision);
  assert.ok(revision);
  await line.ledger.transaction((tx) => tx.putRevision({ ...revision, ...changes }));
}

const verbs = (server: FakeServer): readonly string[] => server.calls.map(({ verb }) => verb);
const at = (line: Line, n: number) => line.ledger.publication('software-update-point', packageIdOf(n));

describe('a delivery', () => {
  test('a hold that was said after the build stops it; a yes lets it go', async (t) => {
    const { line, server } = await open(t);
    const { productId } = updateOf(1);
    const say = (verdict: string, at: string) =>
      line.ledger.transaction((tx) =>
        tx.putSetting(
          wordSetting(productId, null),
          JSON.stringify({ verdict, by: 'ada', at, reason: 'looks odd' }),
        ),
      );
    await say('hold', '2026-01-01T00:00:00.000Z');
    await line.publish(1, DIRECT);
    await line.settle();
    assert.deepEqual(verbs(server), []);
    assert.equal(await at(line, 1), null);
    const [held] = await line.ledger.work({ states: ['held'] });
    assert.equal(held?.code, 'held-by-person');
    assert.match(held?.reason ?? '', /ada holds it: looks odd/);
    await say('approve', '2026-01-02T00:00:00.000Z');
    assert.ok(held);
    await line.ledger.transaction((tx) =>
      tx.enqueue({ ...held, again: 'when-finished' }, new Date('2026-01-02T00:00:00.000Z')),
    );
    await line.settle();
    assert.deepEqual(verbs(server), ['list', 'publish', 'list']);
  });

  test('asks, publishes, asks again, and the update is followed', async (t) => {
    const { line, server } = await open(t);
    await line.publish(1, DIRECT);
    const keys = await line.settle();
    assert.deepEqual(
      keys.map((key) => key.split('/')[0]),
      ['publish', 'deliver', 'follow'],
    );
    assert.deepEqual(verbs(server), ['list', 'publish', 'list']);
    const [, call] = server.calls;
    assert.ok(call?.verb === 'publish');
    const { payloadSha256: sha256 } = updateOf(1);
    assert.deepEqual(call.files, [
      {
        name: 'Product 1.exe',
        sha256,
        sizeBytes: 1001,
        url: `https://patchpress.lab/content/${sha256}/Product%201.exe`,
      },
    ]);
    assert.equal((await at(line, 1))?.state, 'published');
    assert.equal(await line.publication(1), null);
    assert.equal(await line.ledger.latestCatalogRevision('configmgr-catalog'), null);
  });

  test('twice does nothing new', async (t) => {
    const { line, server } = await open(t);
    const built = await line.publish(1, DIRECT);
    await line.settle();
    await line.enqueue({ kind: 'publish', ...built }, true);
    await line.enqueue({ kind: 'deliver', ...built }, true);
    await line.settle();
    assert.deepEqual(verbs(server), ['list', 'publish', 'list']);
  });

  test('a later revision revises', async (t) => {
    const { line, server } = await open(t);
    await line.publish(1, DIRECT);
    await line.settle();
    await line.publish(1, DIRECT);
    await line.settle();
    assert.deepEqual(verbs(server).slice(3), ['list', 'revise', 'list']);
    const publication = await at(line, 1);
    assert.deepEqual([publication?.revision, publication?.state], [2, 'published']);
  });

  test('a cabinet that we signed is handed over as it is, and can be fetched', async (t) => {
    const { line, server } = await open(t);
    const built = await line.build(1, DIRECT);
    const { sha256, sizeBytes } = await line.content.putBuffer(Buffer.from('a signed cabinet'));
    const content = { unsignedSha256: 'aa', signed: { sha256, certificateThumbprint: 'AA' } };
    await change(line, built, { content });
    await line.enqueue({ kind: 'publish', ...built });
    await line.settle();
    const [, call] = server.calls;
    assert.ok(call?.verb === 'publish-signed');
    const name = `${packageIdOf(1)}.cab`;
    const url = `https://patchpress.lab/content/${sha256}/${name}`;
    assert.deepEqual(call.cabinet, { name, sha256, sizeBytes, url });
    const { contentPath } = createPublished(line);
    assert.equal(await contentPath(sha256, name), line.content.pathOf(sha256));
    assert.equal(await contentPath(updateOf(1).payloadSha256, 'Product 1.exe'), null);
  });

  test('a cabinet that is not signed yet is not handed over', async (t) => {
    const { line, server } = await open(t);
    const built = await line.build(1, DIRECT);
    await change(line, built, { content: { unsignedSha256: 'aa', signed: null } });
    await line.enqueue({ kind: 'publish', ...built });
    await line.settle();
    assert.equal((await line.work(`publish/${packageIdOf(1)}/1`))?.code, 'package.invalid');
    assert.deepEqual(server.calls, []);
  });

  test('the last revision expires it, and the site is to learn of it', async (t) => {
    const { line, server } = await open(t);
    await line.publish(1, DIRECT);
    await line.settle();
    const built = await line.build(1, DIRECT);
    const revision = await line.ledger.revision(built.packageId, built.revision);
    const sdp = (await line.content.get(revision?.sdpSha256 ?? '')).toString('utf8');
    const expired = sdp.replace('PublicationState="Published"', 'PublicationState="Expired"');
    assert.notEqual(expired, sdp);
    const { sha256: sdpSha256 } = await line.content.putBuffer(Buffer.from(expired));
    await change(line, built, { sdpSha256, expired: true });
    await line.enqueue({ kind: 'publish', ...built });
    const keys = await line.settle();
    assert.deepEqual(verbs(server).slice(3), ['list', 'expire', 'list']);
    assert.equal((await at(line, 1))?.state, 'expired');
    assert.deepEqual(
      keys.map((key) => key.split('/')[0]),
      ['publish', 'deliver', 'withdraw'],
    );
  });

  test('what it supersedes ends, at whichever target that was', async (t) => {
    const { line } = await open(t);
    await line.publish(1);
    await line.publish(2, DIRECT);
    await line.settle();
    await line.publish(3, { ...DIRECT, supersedes: [packageIdOf(2), packageIdOf(1)] });
    await line.settle();
    const states = [await line.publication(1), await at(line, 2), await at(line, 3)].map((one) => one?.state);
    assert.deepEqual(states, ['superseded', 'superseded', 'published']);
    assert.match((await line.publication(1))?.reason ?? '', new RegExp(packageIdOf(3)));
  });
});

describe('a delivery that breaks off', () => {
  const killed = () => {
    throw new RetryableError('target.unreachable', 'the connection broke');
  };

  test('before the change: it is made once', async (t) => {
    const { line, server } = await open(t);
    server.before = killed;
    await line.publish(1, DIRECT);
    await line.settle();
    assert.equal((await at(line, 1))?.state, 'pending');
    server.before = () => undefined;
    line.wait(5000);
    await line.settle();
    assert.equal((await at(line, 1))?.state, 'published');
    assert.equal(server.updates.get(packageIdOf(1))?.revision, 1);
  });

  test('between the change and the record: it is found done, not done again', async (t) => {
    const { line, server } = await open(t);
    server.after = killed;
    await line.publish(1, DIRECT);
    await line.settle();
    assert.equal((await at(line, 1))?.state, 'pending');
    assert.equal(server.updates.size, 1);
    server.after = () => undefined;
    line.wait(5000);
    await line.settle();
    assert.equal((await at(line, 1))?.state, 'published');
    assert.deepEqual(verbs(server), ['list', 'publish', 'list']);
    assert.match((await line.work(`deliver/${packageIdOf(1)}/1`))?.reason ?? '', /has it already/);
  });

  test('in a revision: the same', async (t) => {
    const { line, server } = await open(t);
    await line.publish(1, DIRECT);
    await line.settle();
    server.after = killed;
    await line.publish(1, DIRECT);
    await line.settle();
    server.after = () => undefined;
    line.wait(5000);
    await line.settle();
    assert.equal(verbs(server).filter((verb) => verb === 'revise').length, 1);
    assert.equal((await at(line, 1))?.state, 'published');
  });

  test('a refusal fails with its reason, and is tried again when someone asks', async (t) => {
    const { line, server } = await open(t);
    server.before = () => {
      throw new PermanentError('target.refused', 'no', { nextStep: 'mend it' });
    };
    const built = await line.publish(1, DIRECT);
    await line.settle();
    const work = await line.work(`deliver/${packageIdOf(1)}/1`);
    assert.deepEqual([work?.state, work?.code, work?.nextStep], ['failed', 'target.refused', 'mend it']);
    assert.equal((await at(line, 1))?.state, 'pending');
    server.before = () => undefined;
    await line.enqueue({ kind: 'deliver', ...built }, true);
    await line.settle();
    assert.equal((await at(line, 1))?.state, 'published');
  });

  test('content that vanishes from the server is no success', async (t) => {
    const { line, server } = await open(t);
    server.after = () => {
      for (const [id, update] of server.updates) server.updates.set(id, { ...update, hasContent: false });
    };
    await line.publish(1, DIRECT);
    await line.settle();
    const work = await line.work(`deliver/${packageIdOf(1)}/1`);
    assert.deepEqual([work?.state, work?.code], ['failed', 'target.refused']);
    assert.match(work?.nextStep ?? '', /shared SUSDB/);
    assert.equal((await at(line, 1))?.state, 'pending');
  });
});

test('without a Software Update Point the update stands pending and says what is missing', async (t) => {
  const line = await openLine(t);
  await line.publish(1, DIRECT);
  await line.settle();
  const work = await line.work(`deliver/${packageIdOf(1)}/1`);
  assert.deepEqual([work?.state, work?.code], ['failed', 'configuration.invalid']);
  assert.match(work?.nextStep ?? '', /docs\/windows-bridge\.md/);
});

test('payload that the content store has lost is told here, not by the far side', async (t) => {
  const { line, server } = await open(t);
  await line.publish(1, { ...DIRECT, payloadSha256: 'ab'.repeat(32) });
  await line.settle();
  const work = await line.work(`publish/${packageIdOf(1)}/1`);
  assert.deepEqual([work?.state, work?.code], ['failed', 'content.missing']);
  assert.match(work?.nextStep ?? '', /repair/);
  assert.deepEqual(server.calls, []);
});

test('one publisher owns a PackageID: what was in the catalog is never delivered', async (t) => {
  const { line, server } = await open(t);
  await line.publish(1);
  await line.settle();
  await line.publish(1, DIRECT);
  await line.settle();
  const work = await line.work(`publish/${packageIdOf(1)}/2`);
  assert.deepEqual([work?.state, work?.code], ['failed', 'package.invalid']);
  assert.deepEqual(server.calls, []);
});

test('only what is wanted at the server can be fetched, by digest and name', async (t) => {
  const { line } = await open(t);
  const { contentPath } = createPublished(line);
  const { payloadSha256: sha256 } = updateOf(1);
  await line.build(1, DIRECT);
  assert.equal(await contentPath(sha256, 'Product 1.exe'), null);
  await line.publish(1, DIRECT);
  await line.step();
  assert.equal(await contentPath(sha256, 'Product 1.exe'), line.content.pathOf(sha256));
  assert.equal(await contentPath(sha256, 'other.exe'), null);
  assert.equal(await contentPath(updateOf(2).payloadSha256, 'Product 2.exe'), null);
  await line.settle();
  assert.equal(await contentPath(sha256, 'Product 1.exe'), line.content.pathOf(sha256));
});
