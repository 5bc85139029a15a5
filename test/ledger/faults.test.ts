import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guarded, isBusy, isFull } from '../../src/ledger/faults.js';

function fault(code: string, message = '', more: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

test('what a database says is full, busy, or neither', () => {
  const cases: readonly [Error, 'full' | 'busy' | 'neither'][] = [
    [fault('SQLITE_FULL', 'database or disk is full'), 'full'],
    [fault('SQLITE_IOERR_WRITE', 'disk I/O error'), 'full'],
    [fault('53100', 'could not extend file'), 'full'],
    [fault('ENOSPC'), 'full'],
    [fault('SQLITE_BUSY', 'database is locked'), 'busy'],
    [fault('SQLITE_BUSY_SNAPSHOT'), 'busy'],
    [fault('40001', 'could not serialize access'), 'busy'],
    [fault('40P01', 'deadlock detected'), 'busy'],
    [fault('57P01', 'terminating connection due to administrator command'), 'busy'],
    [fault('53300', 'too many clients'), 'busy'],
    [fault('08006'), 'busy'],
    [fault('ECONNREFUSED'), 'busy'],
    [fault('ENOENT', 'connect ENOENT /run/x', { syscall: 'connect' }), 'busy'],
    [new Error('Connection terminated unexpectedly'), 'busy'],
    [new Error('timeout exceeded when trying to connect'), 'busy'],
    [fault('ENOENT', 'open x', { syscall: 'open' }), 'neither'],
    [fault('23505', 'duplicate key value: 40001'), 'neither'],
    [fault('SQLITE_CONSTRAINT_PRIMARYKEY', 'database is locked is part of a key'), 'neither'],
    [fault('28P01', 'password authentication failed'), 'neither'],
    [new Error('a body failed: disk is full of errors'), 'neither'],
  ];
  for (const [error, expected] of cases) {
    const found = isFull(error) ? 'full' : isBusy(error) ? 'busy' : 'neither';
    assert.equal(found, expected, `${(error as { code?: string }).code} ${error.message}`);
  }
});

test('a busy database is asked again, a full one is told at once, another fault passes as it is', async () => {
  let tries = 0;
  const answer = await guarded(async () => {
    tries += 1;
    if (tries < 4) throw fault('40001');
    return 'done';
  });
  assert.deepEqual([answer, tries], ['done', 4]);
  const full = fault('SQLITE_FULL', 'database or disk is full');
  await assert.rejects(
    guarded(async () => Promise.reject(full)),
    { code: 'storage.full', found: 'SQLITE_FULL database or disk is full', cause: full },
  );
  const other = fault('23505');
  await assert.rejects(
    guarded(async () => Promise.reject(other)),
    (error) => error === other,
  );
});
