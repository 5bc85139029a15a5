import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openLedger } from '../../src/ledger/ledger.js';
import { concurrencyContract } from './concurrency.js';
import { ledgerContract } from './contract.js';
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.js';

const programs = findPostgres();

if (programs === null) {
  test('postgres: the ledger contract', { skip: 'SKIPPED: postgresql is not installed' }, () => undefined);
} else {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres(programs);
  });
  after(() => server.stop());

  ledgerContract('postgres', async () => openLedger({ databaseUrl: await server.newDatabase() }));

  concurrencyContract('postgres', async () => {
    const databaseUrl = await server.newDatabase();
    // At once: the second waits for the first one's migration.
    const open = () => openLedger({ databaseUrl });
    return Promise.all([open(), open()]);
  });

  test('postgres: connections that the server ends are replaced, also in a transaction', async () => {
    const ledger = await openLedger({ databaseUrl: await server.newDatabase() });
    await ledger.transaction((tx) => tx.putSetting('a', '1'));
    const end =
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'patchpress'";
    await server.run(end);
    assert.equal(await ledger.setting('a'), '1');
    let runs = 0;
    await ledger.transaction(async (tx) => {
      runs += 1;
      await tx.putSetting('b', `${runs}`);
      if (runs === 1) await server.run(end);
      await tx.putSetting('c', `${runs}`);
    });
    assert.deepEqual([await ledger.setting('b'), await ledger.setting('c')], ['2', '2']);
    await ledger.close();
  });

  test('postgres: a database that does not exist is a fault with its reason', async () => {
    const databaseUrl = (await server.newDatabase()).replace(/ledger\d+/, 'nowhere');
    await assert.rejects(openLedger({ databaseUrl }), {
      code: 'configuration.invalid',
      where: 'DATABASE_URL',
      found: /database "nowhere" does not exist/,
    });
  });
}
