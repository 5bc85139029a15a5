import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RetryableError } from '../../../src/core/errors.js';
import { openLedger } from '../../../src/ledger/ledger.js';
import { type ActsDeps, performAct, settleActs } from '../../../src/publishing/software-update-point/acts.js';
import type { Bridge, ListedUpdate } from '../../../src/publishing/software-update-point/bridge.js';
import { cleanServer } from '../../../src/publishing/software-update-point/clean.js';
import { planLifecycle } from '../../../src/publishing/software-update-point/lifecycle.js';
import { packageIdOf, updateOf } from '../samples.js';

const LONG_AGO = '2026-01-01T00:00:00.000Z';
const NOW = '2026-11-28T10:00:00.000Z';
const NEVER = new AbortController().signal;
const ID = packageIdOf(1);
const ORDER = { actor: 'me', reason: 'room' };
const RULE = { keep: 0, graceDays: 30 };
/** An update of ours as the server lists it. */
const LISTED: ListedUpdate = {
  packageId: ID,
  revision: 1,
  creationDate: LONG_AGO,
  isLocallyPublished: true,
  isExpired: false,
  isDeclined: false,
  hasContent: true,
  isMetadataOnly: false,
};

/** A superseded update of ours, and a server that does what it is told, as far as `answer` lets it. */
async function open(t: TestContext, answer: () => Promise<void>) {
  const ledger = await openLedger({ file: ':memory:' });
  t.after(() => ledger.close());
  await ledger.transaction(async (tx) => {
    await tx.putUpdate(updateOf(1, { route: 'direct' }));
    await tx.putPublication({
      packageId: ID,
      revision: 1,
      target: 'software-update-point',
      state: 'superseded',
      catalogRevision: null,
      reason: null,
      proof: null,
      clients: null,
      startedAt: LONG_AGO,
      changedAt: LONG_AGO,
    });
  });
  const server = { updates: [LISTED], auditAtCall: [] as readonly string[] };
  const audit = async () => (await ledger.audit([ID])).map(({ actor, action }) => `${actor}: ${action}`);
  const bridge: Bridge = {
    async call({ verb }) {
      if (verb === 'list' || verb === 'list-local') return { updates: server.updates } as never;
      server.auditAtCall = await audit();
      server.updates = verb === 'delete' ? [] : [{ ...LISTED, isDeclined: true }];
      await answer();
      return { update: server.updates[0] ?? null } as never;
    },
  };
  const deps: ActsDeps = { bridge, ledger, clock: { now: () => new Date(NOW) } };
  const decline = planLifecycle('decline', ID, LISTED, { isOurs: true });
  const publication = async () => {
    const { state, reason, changedAt } = (await ledger.publication('software-update-point', ID)) ?? {};
    return { state, reason, changedAt };
  };
  return { ledger, server, deps, decline, audit, publication };
}

test('what begins is in the audit before the server is asked, and what came of it afterwards', async (t) => {
  const { server, deps, decline, audit, publication } = await open(t, async () => undefined);
  assert.equal((await performAct(deps, decline, null, ORDER, NEVER))?.isDeclined, true);
  assert.deepEqual(server.auditAtCall, ['me: begin to decline']);
  assert.deepEqual(await audit(), ['me: begin to decline', 'me: decline']);
  assert.deepEqual(await publication(), {
    state: 'superseded',
    reason: 'declined at the server by me: room',
    changedAt: NOW,
  });
});

test('a bridge that dies after the server did it: it is settled, and the grace begins then', async (t) => {
  const died = new RetryableError('target.unreachable', 'the bridge ended', { found: 'SIGKILL' });
  const { ledger, deps, decline, audit, publication, server } = await open(t, async () => {
    throw died;
  });
  await assert.rejects(performAct(deps, decline, null, ORDER, NEVER), died);
  assert.deepEqual(await audit(), ['me: begin to decline', 'me: fail to decline']);
  const [, failed] = await ledger.audit([ID]);
  assert.match(failed?.detail ?? '', /the bridge ended.*SIGKILL/);
  assert.equal((await publication()).changedAt, LONG_AGO);

  const steps = await cleanServer(deps, RULE, { actor: 'schedule', reason: 'clean' }, NEVER);
  assert.deepEqual(steps, [], 'declined long ago by the ledger, a moment ago by the server');
  assert.deepEqual((await audit()).slice(2), ['me: decline']);
  assert.equal((await publication()).changedAt, NOW);
  assert.equal(server.updates.length, 1);
});

test('a process that is killed while the server works leaves its intent; nothing is made up of it', async (t) => {
  const { deps, decline, audit, publication, server } = await open(t, () => new Promise(() => undefined));
  const done = new Promise<void>((resolve) => {
    const { bridge } = deps;
    const told: Bridge = {
      call: (call, signal) => {
        const answer = bridge.call(call, signal);
        if (call.verb === 'decline') setImmediate(resolve);
        return answer;
      },
    };
    void performAct({ ...deps, bridge: told }, decline, null, ORDER, NEVER);
  });
  await done;
  assert.deepEqual(await audit(), ['me: begin to decline']);

  server.updates = [LISTED];
  await settleActs(deps, [ID], NEVER);
  assert.deepEqual(await audit(), ['me: begin to decline'], 'the server does not show it');
  server.updates = [{ ...LISTED, isDeclined: true }];
  await settleActs(deps, [ID], NEVER);
  await settleActs(deps, [ID], NEVER);
  assert.deepEqual(await audit(), ['me: begin to decline', 'me: decline']);
  assert.equal((await publication()).reason, 'declined at the server by me: room');
});
