import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { createAuthority, issueCertificate } from '../../../signing/certificates/index.js';
import { certificateDer } from '../../../signing/certificates/identity.js';
import { bufferSource } from '../../../src/core/bytes.js';
import { inspectInstaller } from '../../../src/installers/index.js';
import { makeInno } from '../../../src/lab/installers/inno.js';
import type { InstallerFacts } from '../../../src/lab/installers/installer-facts.js';
import { makeMsi } from '../../../src/lab/installers/msi.js';
import { makeNsis } from '../../../src/lab/installers/nsis.js';
import { verifySignature } from '../../../src/trust/index.js';
import { runProgram } from '../../formats/programs.js';

const FIXTURES = 'src/lab/vendor-site/fixtures/installers';
const BUILT = {
  inno: `${FIXTURES}/git-git/2.55.0.5/unsigned/Git-2.55.0.5-64-bit.exe`,
  nsis: `${FIXTURES}/videolan-vlc/3.0.23/unsigned/vlc-3.0.23-win64.exe`,
};

const authority = createAuthority('CN=Test Vendors CA, O=Patchpress Lab');
const vendor = issueCertificate(authority, {
  subject: 'CN=Änderungs & Söhne, O=Patchpress Lab',
  usage: 'codeSigning',
  privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  days: 30,
});

const facts: InstallerFacts = {
  architecture: 'x64',
  productName: 'Größe {x}',
  publisher: 'Änderungs & Söhne',
  version: '3.12.0',
  displayName: 'Größe {x} 3.12.0',
  key: '{AF1E}_is1',
  view: '64',
  upgradeCode: '{47C07A3A-42EF-4213-A85D-8F5A59077C28}',
  build: 'Test.Product/3.12.0',
};

const folder = mkdtempSync(join(tmpdir(), 'lab-installers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MADE = {
  'made.msi': makeMsi(facts, vendor),
  'made-nsis.exe': makeNsis(readFileSync(BUILT.nsis), facts, vendor),
  'made-inno.exe': makeInno(readFileSync(BUILT.inno), facts, vendor),
} as const;
for (const [name, bytes] of Object.entries(MADE)) writeFileSync(join(folder, name), bytes);
writeFileSync(join(folder, 'ca.pem'), authority.certificate);

describe("the lab's own installers", () => {
  for (const [name, bytes] of Object.entries(MADE)) {
    test(`${name} is signed by its vendor, and one turned bit ends that`, async (t) => {
      const anchors = { codeSigningRoots: [certificateDer(authority.certificate)], timestampRoots: [] };
      const verify = (of: Buffer) => verifySignature(bufferSource(of), anchors, new Date());
      const report = await verify(bytes);
      assert.equal(report.status, 'valid', JSON.stringify(report));
      assert.equal(
        report.status === 'valid' && report.signer.subject,
        'CN=Änderungs & Söhne, O=Patchpress Lab',
      );
      const other = Buffer.from(bytes);
      other.writeUInt8(other.readUInt8(other.length >> 2) ^ 1, other.length >> 2);
      assert.notEqual((await verify(other)).status, 'valid');
      mustPass(t, 'osslsigncode', ['verify', '-CAfile', 'ca.pem', '-in', name]);
    });
  }

  test('the tables of an MSI prove its row', () => {
    const { arp, ...inspection } = inspectInstaller(bufferSource(MADE['made.msi']));
    assert.deepEqual(
      [
        inspection.technology,
        inspection.architecture,
        inspection.scope,
        inspection.version,
        inspection.upgradeCode,
      ],
      ['msi', 'x64', 'machine', '3.12.0', facts.upgradeCode],
    );
    assert.deepEqual(arp, [
      {
        view: '64',
        key: inspection.productCode,
        displayName: facts.displayName,
        displayVersion: '3.12.0',
        publisher: facts.publisher,
        windowsInstaller: true,
        source: 'msi-tables',
      },
    ]);
  });

  test('an MSI is one to programs that are not ours', (t) => {
    const tables = mustPass(t, 'msiinfo', ['tables', 'made.msi']);
    if (tables !== null) assert.match(tables, /^InstallExecuteSequence$/m);
    const property = mustPass(t, 'msiinfo', ['export', 'made.msi', 'Property']);
    if (property !== null) assert.match(property, /^ProductVersion\t3\.12\.0\r?$/m);
    const file = mustPass(t, 'msiinfo', ['export', 'made.msi', 'File']);
    if (file !== null) assert.match(file, /^AboutFile\tProgram\tabout\.txt\t\d+\t\t\t\t1\r?$/m);
    const summary = mustPass(t, 'msiinfo', ['suminfo', 'made.msi']);
    if (summary !== null) assert.match(summary, /x64;1033/);
    mustPass(t, '7z', ['t', 'made.msi']);
  });

  test('the header of an Inno Setup proves its row', (t) => {
    const { arp, ...inspection } = inspectInstaller(bufferSource(MADE['made-inno.exe']));
    assert.deepEqual(
      [inspection.architecture, inspection.scope, inspection.version],
      ['x64', 'machine', '3.12.0'],
    );
    assert.deepEqual(arp, [
      {
        view: '64',
        key: '{AF1E}_is1',
        displayName: facts.displayName,
        displayVersion: '3.12.0',
        publisher: facts.publisher,
        windowsInstaller: false,
        source: 'inno-header',
      },
    ]);
    const listed = mustPass(t, 'innoextract', ['--list', '--show-password', 'made-inno.exe']);
    if (listed !== null) assert.match(listed, /Größe/);
    mustPass(t, 'innoextract', ['--test', 'made-inno.exe']);
  });

  test('an NSIS says in its version resource what it installs', (t) => {
    const inspection = inspectInstaller(bufferSource(MADE['made-nsis.exe']));
    assert.deepEqual(
      [inspection.technology, inspection.productName, inspection.publisher, inspection.version],
      ['nullsoft', facts.productName, facts.publisher, '3.12.0.0'],
    );
    mustPass(t, '7z', ['t', 'made-nsis.exe']);
  });
});

/** What the program says; null where it is not installed. */
function mustPass(t: TestContext, program: string, words: readonly string[]): string | null {
  const run = runProgram(program, words, folder);
  if (run === null) t.diagnostic(`${program} is not installed: its check is skipped`);
  else assert.equal(run.status, 0, `${program}: ${run.output}`);
  return run?.output ?? null;
}
