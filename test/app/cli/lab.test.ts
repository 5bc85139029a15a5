import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lab-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ID = '00000000-0000-4000-8000-000000000001';
const DOCUMENT = `<Update xmlns="http://schemas.microsoft.com/msus/2002/12/Update"><UpdateIdentity UpdateID="${ID}" RevisionNumber="1"/><Properties UpdateType="Software" ExplicitlyDeployable="true" DefaultPropertiesLanguage="en"/><LocalizedPropertiesCollection><LocalizedProperties><Language>en</Language><Title>One</Title></LocalizedProperties></LocalizedPropertiesCollection><ApplicabilityRules><IsInstalled><True xmlns="http://schemas.microsoft.com/msus/2002/12/LogicalApplicabilityRules"/></IsInstalled></ApplicabilityRules></Update>`;
const MACHINE = {
  os: { version: '10.0.22631', productType: 1, suiteMask: 0, architecture: 'x64', language: 'en' },
};

function run(words: readonly string[]) {
  return spawn(process.execPath, ['--enable-source-maps', CLI, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function answerOf(
  words: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = run(words);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece) => {
    stdout += String(piece);
  });
  child.stderr.on('data', (piece) => {
    stderr += String(piece);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

test('a folder of documents is served, scanned over TLS, and what the computer reported is listed', async () => {
  const documents = join(folder, 'documents');
  const data = join(folder, 'data');
  writeFileSync(join(folder, 'machine.json'), JSON.stringify(MACHINE));
  mkdirSync(documents);
  writeFileSync(join(documents, `${ID}.update.xml`), DOCUMENT);
  const lab = run(['lab', 'start', '--sup', '--import', documents, '--data', data, '--port', '0', '--json']);
  const ended = new Promise<number | null>((resolve) => lab.once('close', resolve));
  try {
    const lines = createInterface({ input: lab.stdout });
    const first = await new Promise<string>((resolve) => lines.once('line', resolve));
    const told = JSON.parse(first) as { baseUrl: string; ca: string; served: unknown };
    assert.deepEqual(told.served, { categories: 0, software: 1, drivers: 0 });
    const via = ['--via', told.baseUrl, '--ca', told.ca, '--machine', join(folder, 'machine.json')];
    const scan = await answerOf(['client', 'scan', ...via, '--name', 'one.lab', '--json']);
    assert.equal(scan.code, 0, scan.stderr);
    // While it runs.
    const status = await answerOf(['lab', 'sup', 'status', '--data', data, '--json']);
    const { computers } = JSON.parse(status.stdout) as {
      computers: { dnsName: string; states: Record<string, string> }[];
    };
    assert.deepEqual(
      computers.map(({ dnsName, states }) => [dnsName, states]),
      [['one.lab', { [ID]: 'Installed' }]],
    );
  } finally {
    lab.kill('SIGTERM');
  }
  assert.equal(await ended, 0);
});

test('a folder that never served, and one that is not there, are told with exit code 2', async () => {
  const status = await answerOf(['lab', 'sup', 'status', '--data', join(folder, 'nowhere')]);
  assert.deepEqual([status.code, /no Software Update Point has run/.test(status.stderr)], [2, true]);
  const start = await answerOf(['lab', 'start', '--sup', '--port', '0', '--import', join(folder, 'nowhere')]);
  assert.deepEqual([start.code, /no such folder of documents/.test(start.stderr)], [2, true]);
});

test('an option of the other form of the command is refused, not passed over', async () => {
  const { code, stderr } = await answerOf(['lab', 'start', '--import', folder]);
  assert.deepEqual([code, /--import <dir>; expected: --sup with it/.test(stderr)], [2, true]);
});
