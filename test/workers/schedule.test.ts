import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLog } from '../../src/app/logger.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { nextCronTime } from '../../workers/cron.js';
import { createSchedule, type Lead } from '../../workers/schedule.js';

const CHILD = fileURLToPath(new URL('schedule-child.js', import.meta.url));

function ledgerFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'schedule-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'ledger.db');
}

/** A host's schedule; `leads` gets the token of each tick that it leads. */
async function openHost(file: string, leads: (lead: Lead) => void) {
  const ledger = await openLedger({ file });
  const schedule = createSchedule({
    ledger,
    clock: { now: () => new Date() },
    log: silentLog,
    tickMs: 20,
    leaseMs: 2000,
    settleMs: 60_000,
    settle: async () => undefined,
    askDue: async (lead) => {
      leads(lead);
      return 0;
    },
  });
  return { ledger, schedule };
}

const firstCall = <T>() => {
  let call: (value: T) => void = () => undefined;
  const called = new Promise<T>((resolve) => {
    call = resolve;
  });
  return { call, called };
};

test('one of two hosts leads; it gives the lead up when it stops, and its token is void', async (t) => {
  const file = ledgerFile(t);
  const first = firstCall<Lead>();
  const second = firstCall<Lead>();
  const one = await openHost(file, first.call);
  const other = await openHost(file, second.call);
  one.schedule.start();
  const lead = await first.called;
  other.schedule.start();
  assert.equal(
    await one.ledger.takeLease({ name: 'schedule', holder: 'third', leaseMs: 1 }, new Date()),
    null,
    'nobody else leads meanwhile',
  );
  await one.schedule.stop();
  const next = await second.called;
  assert.equal(next.token, lead.token + 1);
  await assert.rejects(
    one.ledger.transaction((tx) => tx.requireLease(lead.name, lead.token)),
    { code: 'ledger.busy' },
  );
  await other.schedule.stop();
  await one.ledger.close();
  await other.ledger.close();
});

test('when the leading process is killed, another host leads after the lease has run out', async (t) => {
  const file = ledgerFile(t);
  const child: ChildProcess = spawn(process.execPath, [CHILD, file], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [lead] = (await once(child, 'message')) as [Lead];
  const taken = firstCall<Lead>();
  const host = await openHost(file, taken.call);
  host.schedule.start();
  child.kill('SIGKILL');
  const next = await taken.called;
  assert.equal(next.token, lead.token + 1);
  await host.schedule.stop();
  await host.ledger.close();
});

test('it settles when it begins to lead, and a fault of the ledger ends nothing', async (t) => {
  const ledger = await openLedger({ file: ledgerFile(t) });
  const done: string[] = [];
  const thirdAsk = firstCall<void>();
  const schedule = createSchedule({
    ledger,
    clock: { now: () => new Date() },
    log: silentLog,
    tickMs: 5,
    leaseMs: 2000,
    settleMs: 60_000,
    settle: async () => {
      done.push('settle');
      if (done.length === 1) throw new Error('the ledger is busy');
    },
    askDue: async () => {
      done.push('ask');
      if (done.length === 5) thirdAsk.call();
      return done.length < 4 ? 250 : 0;
    },
  });
  schedule.start();
  await thirdAsk.called;
  await schedule.stop();
  assert.deepEqual(done.slice(0, 5), ['settle', 'settle', 'ask', 'ask', 'ask']);
  await ledger.close();
});

test('cron in its time zone, over a change of the clock; what is no cron is refused with its text', () => {
  const daily = { cron: '30 3 * * *', timezone: 'Europe/Berlin' };
  const times = ['2026-03-28T00:00:00Z', '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'].map((after) =>
    nextCronTime(daily, new Date(after)).toISOString(),
  );
  assert.deepEqual(times, [
    '2026-03-28T02:30:00.000Z',
    '2026-03-29T01:30:00.000Z',
    '2026-03-30T01:30:00.000Z',
  ]);
  assert.throws(() => nextCronTime({ cron: '61 * * * *', timezone: 'UTC' }, new Date()), {
    code: 'configuration.invalid',
    where: 'schedule: 61 * * * *',
  });
});
