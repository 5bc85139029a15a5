import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { preflightParts } from '../../../src/app/preflight-parts.js';
import { openPreflight } from '../../../src/app/preflight-sources.js';
import { decodeSettings } from '../../../src/config/settings.js';
import { openLedger } from '../../../src/ledger/ledger.js';
import { CONDITIONS, type PreflightRow, runPreflight } from '../../../src/verification/preflight/index.js';
import { temporaryFolder } from '../../formats/programs.js';
import { makeAuthority } from '../../lab/certificates.js';

const MAIN = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));
/** Nothing listens there. */
const NOWHERE = 'https://127.0.0.1:9';

const AREAS: Readonly<Record<string, readonly string[]>> = {
  publisher: ['settings-files', 'timestamp-authority', 'content-server', 'scan-size'],
  server: ['sup-tls', 'sup-role'],
  site: ['admin-service', 'product-enabled', 'sup-allows-cmg'],
  gateway: ['cmg-certificate', 'cmg-client-certificate', 'cmg-client-token', 'cmg-content-file'],
};
/** All that need nobody on the Internet. */
const LOCAL = Object.values(AREAS).flat();

const told = (rows: readonly PreflightRow[]) => new Map(rows.map((row) => [row.id, row]));

async function rowsWith(t: TestContext, settings: object): Promise<ReadonlyMap<string, PreflightRow>> {
  const folder = temporaryFolder(t);
  const ledger = await openLedger({ file: join(folder, 'ledger.db') });
  t.after(() => ledger.close());
  const parts = preflightParts(decodeSettings(settings, 'patchpress.yaml', {}), folder, ledger);
  t.after(() => parts.close());
  const conditions = CONDITIONS.filter(({ id }) => LOCAL.includes(id));
  return told(await runPreflight(conditions, openPreflight(parts), 20_000));
}

test('a call that the parser refuses is 2: 1 says that a condition failed', () => {
  const ran = spawnSync(process.execPath, [MAIN, 'preflight', '--only'], { encoding: 'utf8' });
  assert.deepEqual([ran.status, ran.stdout], [2, '']);
  assert.match(ran.stderr, /--only/);
});

test('preflight tells of files that are not there in rows, and exits with 1', (t) => {
  const folder = temporaryFolder(t);
  const missing = join(folder, 'missing.token');
  const config = join(folder, 'patchpress.yaml');
  const settings = {
    dataDir: folder,
    trust: { codeSigningRootsFile: missing },
    site: { adminServiceUrl: NOWHERE, tokenFile: missing },
  };
  writeFileSync(config, JSON.stringify(settings));
  const ran = spawnSync(process.execPath, [MAIN, 'preflight', '--json', '--only', ...LOCAL], {
    env: { ...process.env, PATCHPRESS_CONFIG: config },
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(ran.status, 1, ran.stderr);
  const rows = told((JSON.parse(ran.stdout) as { rows: PreflightRow[] }).rows);
  assert.deepEqual([...rows.keys()].sort(), [...LOCAL].sort());
  assert.match(
    rows.get('settings-files')?.found ?? '',
    /^trust\.codeSigningRootsFile: ENOENT.*; site\.tokenFile: ENOENT/,
  );
  const site = rows.get('admin-service');
  assert.match(site?.found ?? '', /site\.tokenFile: .*missing\.token; found: ENOENT/);
  assert.match(site?.fix ?? '', /^correct site\.tokenFile in the settings/);
  assert.equal(rows.get('scan-size')?.state, 'ok');
});

describe('a file that the settings name and that cannot be used is a row of its area alone', () => {
  const garbage = (t: TestContext) => {
    const file = join(temporaryFolder(t), 'garbage.pem');
    writeFileSync(file, 'no certificate');
    return file;
  };
  /** The member, settings with it, and the rows that name it. */
  const cases: readonly (readonly [string, (file: string) => object, readonly string[]])[] = [
    [
      'trust.timestampRootsFile',
      (timestampRootsFile) => ({ trust: { timestampRootsFile } }),
      ['timestamp-authority'],
    ],
    [
      'softwareUpdatePoint.caFile',
      (caFile) => ({ softwareUpdatePoint: { command: ['nothing'], url: NOWHERE, caFile } }),
      ['sup-tls'],
    ],
    [
      'site.caFile',
      (caFile) => ({ site: { adminServiceUrl: NOWHERE, tokenFile: 'package.json', caFile } }),
      ['admin-service', 'product-enabled', 'sup-allows-cmg'],
    ],
    ['gateway.caFile', (caFile) => ({ gateway: { url: NOWHERE, caFile } }), AREAS.gateway ?? []],
    [
      'gateway.clientCertificateFile',
      (file) => ({ gateway: { url: NOWHERE, clientCertificateFile: file, clientKeyFile: file } }),
      ['cmg-client-certificate'],
    ],
  ];
  for (const [member, settings, concerned] of cases) {
    test(member, async (t) => {
      const rows = await rowsWith(t, settings(garbage(t)));
      const naming = [...rows.values()].filter(({ found }) => found.includes(`where: ${member}: `));
      assert.deepEqual(naming.map(({ id }) => id).sort(), [...concerned].sort());
      for (const { state, fix } of naming) {
        assert.equal(state, 'failed');
        assert.ok(fix?.startsWith(`correct ${member}`), fix ?? '');
      }
      assert.equal(rows.size, LOCAL.length);
    });
  }

  test('gateway.tokenFile, missing; the other way is still gone', async (t) => {
    const folder = temporaryFolder(t);
    const { certificate, key } = makeAuthority('Client');
    const [clientCertificateFile, clientKeyFile] = [join(folder, 'client.pem'), join(folder, 'client.key')];
    writeFileSync(clientCertificateFile, certificate);
    writeFileSync(clientKeyFile, key);
    const gateway = { url: NOWHERE, clientCertificateFile, clientKeyFile, tokenFile: join(folder, 'token') };
    const rows = await rowsWith(t, { gateway });
    assert.match(rows.get('cmg-client-token')?.found ?? '', /gateway\.tokenFile: .*ENOENT/);
    assert.match(rows.get('cmg-client-certificate')?.found ?? '', /cmg\.unreachable/);
  });

  test('the key of another certificate', async (t) => {
    const folder = temporaryFolder(t);
    const [clientCertificateFile, clientKeyFile] = [join(folder, 'client.pem'), join(folder, 'client.key')];
    writeFileSync(clientCertificateFile, makeAuthority('One').certificate);
    writeFileSync(clientKeyFile, makeAuthority('Other').key);
    const rows = await rowsWith(t, { gateway: { url: NOWHERE, clientCertificateFile, clientKeyFile } });
    const row = rows.get('cmg-client-certificate');
    assert.match(row?.found ?? '', /certificate and key of the client do not fit/);
    assert.match(row?.fix ?? '', /gateway\.clientKeyFile/);
  });
});
