import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { runDemo, temporaryFolder } from './run.js';

/** The last of them is the first that nothing is wrong with. */
const SEVEN = ['--products', '7'];

describe('faults of the outside', () => {
  const dataDir = temporaryFolder('demo-faults');
  const definitions = temporaryFolder('definitions');
  after(() => {
    for (const folder of [dataDir, definitions]) rmSync(folder, { recursive: true, force: true });
  });

  test('each gets its own message and state, the others go on, and the exit code tells', async () => {
    mkdirSync(join(definitions, 'keepassxcteam'));
    const shipped = readFileSync('catalogs/products/keepassxcteam/keepassxc.json', 'utf8');
    writeFileSync(
      join(definitions, 'keepassxcteam', 'keepassxc.json'),
      shipped.replace('"versionScheme"', '"versionSheme"'),
    );
    const faults = ['OpenJS.NodeJS=feed-html', 'Notepad++.Notepad++=wrong-digest'];
    const words = [...SEVEN, ...faults.flatMap((fault) => ['--fault', fault]), '--products-dir', definitions];
    const { code, report, stdout } = await runDemo(dataDir, { words });
    assert.equal(code, 1);
    assert.ok(report);
    const trouble = (product: string) => report.trouble.filter((one) => one.product === product);
    const [node] = trouble('OpenJS.NodeJS');
    assert.equal(node?.state, 'failed');
    assert.equal(node?.code, 'feed.malformed');
    assert.match(node?.reason ?? '', /a web page/);
    for (const one of trouble('Notepad++.Notepad++')) {
      assert.equal(one.state, 'held');
      assert.equal(one.code, 'digest-mismatch');
      assert.match(one.reason ?? '', /sha256 expected [0-9a-f]{64}, found [0-9a-f]{64}/);
      assert.ok(one.nextStep);
    }
    assert.ok(trouble('Notepad++.Notepad++').length > 0);
    assert.equal(report.definitionFaults.length, 1);
    assert.match(report.definitionFaults[0]?.message ?? '', /versionSheme/);
    assert.match(stdout, /set aside/);
    const verified = report.updates.filter(({ state }) => state === 'verified');
    assert.ok(verified.some(({ product }) => product === 'PuTTY.PuTTY'));
    for (const product of ['OpenJS.NodeJS', 'Notepad++.Notepad++', 'KeePassXCTeam.KeePassXC']) {
      assert.ok(!report.updates.some((update) => update.product === product), product);
    }
  });

  test('when the causes are mended the next run carries on by itself', async () => {
    const { code, report, stdout, stderr } = await runDemo(dataDir, { words: SEVEN });
    assert.equal(code, 0, `${stdout}${stderr.slice(-4000)}`);
    assert.deepEqual(report?.trouble, []);
    assert.ok(report?.updates.some(({ product }) => product === 'Notepad++.Notepad++'));
    assert.ok(report?.updates.some(({ product }) => product === 'OpenJS.NodeJS'));
    assert.ok(report?.updates.some(({ product }) => product === 'KeePassXCTeam.KeePassXC'));
  });
});
