import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { silentLog } from '../../src/app/logger.js';
import { PermanentError, RetryableError } from '../../src/core/errors.js';
import type { Ledger } from '../../src/core/ports.js';
import type { Stage, StageName, StageResult } from '../../src/core/stage.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createStageRunner, type Turn } from '../../workers/runner.js';

const T0 = new Date('2026-01-01T00:00:00.000Z');
type Run = Stage<{ n: number }>['run'];

function fakeStage(name: StageName, run: Run): Stage<{ n: number }> {
  return {
    name,
    parse(data) {
      const n = (data as { n?: unknown }).n;
      if (typeof n !== 'number')
        throw new PermanentError('payload.invalid', 'no number', { found: typeof n });
      return { n };
    },
    key: ({ n }) => `${name}/${n}`,
    subject: ({ n }) => ({ product: `p${n}`, version: '1', variant: null }),
    run,
  };
}

async function setUp(run: Run, input: unknown = { n: 1 }) {
  const ledger: Ledger = await openLedger({ file: ':memory:' });
  const turns: Turn[] = [];
  const stages = new Map<StageName, Stage<{ n: number }>>([
    ['feeds', fakeStage('feeds', run)],
    ['releases', fakeStage('releases', async () => ({ outcome: 'advanced', next: [] }))],
  ]);
  let now = T0;
  const runner = createStageRunner({
    ledger,
    clock: { now: () => now },
    log: silentLog,
    stages,
    settings: { leaseMs: 5000, maxAttempts: 3, backoffMs: 1000 },
    onTurn: (turn) => turns.push(turn),
  });
  await ledger.transaction((tx) =>
    tx.enqueue({ stage: 'feeds', input, key: 'feeds/1', product: 'p1', version: null, variant: null }, T0),
  );
  await ledger.clearDelivered((await ledger.undelivered(9)).map((row) => row.id));
  const work = async () => (await ledger.work())[0];
  return {
    ledger,
    turns,
    work,
    turn: async (at = T0, signal = new AbortController().signal) => {
      now = at;
      return runner.runWork((await work())?.id ?? 0, signal);
    },
  };
}

test('the end of the process stops a turn that runs, and forgets one that has ended', async () => {
  const processEnd = new AbortController();
  let heard: unknown = null;
  const { turn } = await setUp(async (_input, { signal }) => {
    assert.equal(getEventListeners(processEnd.signal, 'abort').length, 1);
    processEnd.abort('the end');
    heard = signal.reason;
    return { outcome: 'advanced', next: [] };
  });
  await turn(T0, processEnd.signal);
  assert.equal(heard, 'the end');
  assert.equal(getEventListeners(processEnd.signal, 'abort').length, 0);
});

test('an advanced turn writes effects, next work and its outbox row together', async () => {
  const { ledger, work, turn } = await setUp(async (_input, context) => {
    context.record((tx) => tx.putSetting('seen', 'yes'));
    return { outcome: 'advanced', next: [{ stage: 'releases', input: { n: 7 } }], summary: 'one release' };
  });
  assert.equal(await turn(), 'ran');
  assert.equal((await work())?.state, 'done');
  assert.equal(await ledger.setting('seen'), 'yes');
  const next = (await ledger.work()).find((row) => row.stage === 'releases');
  assert.deepEqual([next?.key, next?.product, next?.state], ['releases/7', 'p7', 'ready']);
  assert.deepEqual(
    (await ledger.undelivered(9)).map((row) => row.stage),
    ['releases'],
  );
  assert.equal(await turn(), 'not-mine', 'finished work is not run again');
});

test('a retryable fault is tried again later, and in the end failed; its effects never stand', async () => {
  const { ledger, work, turn } = await setUp(async (_input, context) => {
    context.record((tx) => tx.putSetting('half', 'yes'));
    throw new RetryableError('feed.unreachable', 'no answer', { nextStep: 'wait' });
  });
  await turn();
  assert.deepEqual(
    [(await work())?.state, (await work())?.attempt, (await work())?.code],
    ['ready', 1, 'feed.unreachable'],
  );
  assert.equal((await ledger.undelivered(9))[0]?.notBefore, '2026-01-01T00:00:01.000Z');
  await turn();
  await turn();
  assert.deepEqual(
    [(await work())?.state, (await work())?.attempt, (await work())?.nextStep],
    ['failed', 3, 'wait'],
  );
  assert.equal(await ledger.setting('half'), null);
});

test('what is recorded anyway stands also when the turn throws, under the same token', async () => {
  const { ledger, work, turn } = await setUp(async (_input, context) => {
    context.record((tx) => tx.putSetting('half', 'yes'));
    context.recordAnyway((tx) => tx.putSetting('why', 'no answer'));
    if (context.attempt < 1) throw new RetryableError('feed.unreachable', 'no answer');
    context.recordAnyway((tx) => tx.putSetting('why', 'it came'));
    return { outcome: 'advanced', next: [] };
  });
  await turn();
  assert.equal((await work())?.state, 'ready');
  assert.deepEqual([await ledger.setting('half'), await ledger.setting('why')], [null, 'no answer']);
  await turn();
  assert.equal((await work())?.state, 'done');
  assert.deepEqual([await ledger.setting('half'), await ledger.setting('why')], ['yes', 'it came']);
});

test('Retry-After wins over a shorter back-off', async () => {
  const { ledger, turn } = await setUp(async () => {
    throw new RetryableError('feed.busy', '429', { retryAfterMs: 60_000 });
  });
  await turn();
  assert.equal((await ledger.undelivered(9))[0]?.notBefore, '2026-01-01T00:01:00.000Z');
});

test('permanent faults, bad payloads and bugs fail at once with their code', async () => {
  const permanent = await setUp(async () => {
    throw new PermanentError('feed.malformed', 'HTML', { expected: 'JSON', found: '<html>' });
  });
  await permanent.turn();
  assert.equal((await permanent.work())?.reason, 'feed.malformed: HTML; expected: JSON; found: <html>');
  const bug = await setUp(async () => {
    throw new TypeError('x is not a function');
  });
  await bug.turn();
  assert.deepEqual([(await bug.work())?.state, (await bug.work())?.code], ['failed', 'internal']);
  const payload = await setUp(async () => ({ outcome: 'advanced', next: [] }), { n: 'one' });
  await payload.turn();
  assert.deepEqual(
    [(await payload.work())?.state, (await payload.work())?.code],
    ['failed', 'payload.invalid'],
  );
});

test('held work waits for a person, waiting work for its time', async () => {
  const held = await setUp(async () => ({
    outcome: 'held',
    code: 'signer-changed',
    reason: 'was A',
    nextStep: 'ask',
  }));
  await held.turn();
  assert.deepEqual([(await held.work())?.state, (await held.work())?.code], ['held', 'signer-changed']);
  assert.equal((await held.ledger.undelivered(9)).length, 0);

  const until = new Date('2026-01-01T00:05:00.000Z');
  const waiting = await setUp(async (_input, context): Promise<StageResult> => {
    context.record((tx) => tx.putSetting('read back', 'yes'));
    return { outcome: 'waiting', until, reason: 'the site has not synchronised' };
  });
  await waiting.turn();
  assert.equal((await waiting.work())?.state, 'waiting');
  assert.equal((await waiting.ledger.undelivered(9))[0]?.notBefore, until.toISOString());
  assert.equal(await waiting.ledger.setting('read back'), 'yes', 'what was recorded while waiting stands');
});

test('an effect that is refused fails the work and leaves nothing of the turn', async () => {
  const { ledger, work, turn } = await setUp(async (_input, context) => {
    context.record((tx) => tx.putSetting('first', 'yes'));
    context.record(async () => {
      throw new PermanentError('installer.mismatch', 'other bytes');
    });
    return { outcome: 'advanced', next: [] };
  });
  await turn();
  assert.deepEqual([(await work())?.state, (await work())?.code], ['failed', 'installer.mismatch']);
  assert.equal(await ledger.setting('first'), null);
});

test('a worker that lost its lease to another writes nothing', async () => {
  const { ledger, turns, work, turn } = await setUp(async (_input, context) => {
    // Another worker takes the work while this one is stopped past its lease.
    const id = (await work())?.id ?? 0;
    assert.ok(await ledger.take(id, 5000, new Date('2026-01-01T01:00:00.000Z')));
    context.record((tx) => tx.putSetting('twice', 'yes'));
    return { outcome: 'advanced', next: [] };
  });
  await turn();
  assert.equal(await ledger.setting('twice'), null);
  assert.equal((await work())?.state, 'running');
  assert.equal(turns.length, 0);
});
