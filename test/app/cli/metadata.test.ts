import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseXml, withoutLayout } from '../../../src/text/xml/index.js';
import { absent, ordered, SAMPLES } from '../../sus/samples.js';

const CLI = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'patchpress-metadata-'));

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
  return { status, stderr, json: () => JSON.parse(stdout) };
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const UNINSTALL = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

function machine(name: string, registry: Readonly<Record<string, unknown>>): string {
  const os = {
    version: '10.0.22631.0',
    productType: 1,
    suiteMask: 0,
    architecture: 'x64',
    language: 'en-US',
  };
  return file(
    name,
    JSON.stringify({ os: { ...os, muiLanguages: [] }, registry: { '64': registry, '32': {} } }),
  );
}

function player(version: string) {
  const text = (value: string) => ({ type: 'REG_SZ', value });
  return {
    DisplayName: text(`Contoso Player ${version} (x64)`),
    Publisher: text('Contoso Ltd'),
    DisplayVersion: text(version),
  };
}

describe('patchpress evaluate', { skip: absent }, () => {
  const sdp = `${SAMPLES}/sdp/synthetic/exe-arp-loop-both-views.sdp`;
  const states = [
    ['nothing', {}, 'notApplicable'],
    ['older', { [`${UNINSTALL}\\player`]: player('4.19.9') }, 'required'],
    ['same', { [`${UNINSTALL}\\player`]: player('4.20.0') }, 'installed'],
    [
      'in the other view',
      { 'HKLM\\Software\\wow6432node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\p': player('1.0') },
      'required',
    ],
  ] as const;
  for (const [name, registry, state] of states) {
    test(name, () => {
      const answer = run('evaluate', sdp, '--machine', machine(`${name}.json`, registry), '--json').json();
      assert.deepEqual(
        [answer.packageId, answer.state, answer.isInstalled, answer.isInstallable],
        ['00000002-5a5a-4a00-8000-000000000000', state, state === 'installed', state === 'required'],
      );
      assert.equal(answer.trace.isInstallable.kind, 'And');
    });
  }

  test('a machine at fault is named, with the member', () => {
    const broken = file('broken.json', '{"os": {"version": "10.0.1.0", "architecture": "mips"}}');
    const { status, stderr } = run('evaluate', sdp, '--machine', broken);
    assert.equal(status, 2);
    assert.match(stderr, /broken\.json at os\.architecture/);
  });
});

describe('patchpress sdp', { skip: absent }, () => {
  const sdp = `${SAMPLES}/sdp/synthetic/msi-major-upgrade-x64.sdp`;

  const withSha256 = `${SAMPLES}/sdp/synthetic/sha256-additional-digest-uninstall.sdp`;

  test('show reads it as it is', () => {
    const pkg = run('sdp', 'show', sdp, '--json').json();
    assert.equal(pkg.localizedProperties[0].title, 'Contoso Notes 12.4.1 (MSI-x64)');
    assert.equal(pkg.installableItems[0].handler.kind, 'MsiInstallerData');
  });

  test('validate: none of a sound one; of another content its digest, size and name', () => {
    const sound = run('sdp', 'validate', withSha256, '--json');
    assert.deepEqual([sound.status, sound.json().findings], [0, []]);
    const content = file('notes-12.4.1-x64.msi', 'another file');
    const other = run('sdp', 'validate', sdp, '--content', content, '--json');
    assert.equal(other.status, 1);
    const rules = other.json().findings.map(({ rule }: { rule: string }) => rule);
    assert.deepEqual(rules.slice(-2), ['file-size', 'file-digest']);
  });
});

test("validate: what only our catalogs refuse counts with --publish; the schema's answer always", {
  skip: absent,
}, () => {
  const folder = `${SAMPLES}/sdp/hp-2019`;
  const [name] = readdirSync(folder).filter((one) => one.endsWith('.sdp'));
  const foreign = `${folder}/${name}`;
  const answer = run('sdp', 'validate', foreign, '--json');
  assert.deepEqual([answer.status, answer.json().isValid], [0, true]);
  const levels = answer.json().findings.map(({ level }: { level: string }) => level);
  assert.deepEqual([...new Set(levels)], ['catalog']);
  assert.equal(run('sdp', 'validate', foreign, '--publish', '--json').status, 1);

  const odd = file('odd.sdp', readFileSync(foreign, 'utf8').replace(' PackageID=', ' Odd="1" PackageID='));
  const broken = run('sdp', 'validate', odd, '--json');
  assert.equal(broken.status, 1);
  const { level, path, rule, found } = broken.json().findings[0];
  assert.deepEqual([level, path, rule, found], ['schema', 'Properties/@Odd', 'schema-attribute', '1']);
});

describe('patchpress sus', { skip: absent }, () => {
  test('a package with all server properties: the update, and what clients are told', () => {
    const name = `${SAMPLES}/sus/synthetic/msp-patch`;
    const told = run('sus', 'translate', '--usp', `${name}.usp.xml`, '--json').json();
    const expected = parseXml(readFileSync(`${name}.update.xml`));
    assert.deepEqual(ordered(withoutLayout(parseXml(told.update))), ordered(withoutLayout(expected)));
    assert.equal(told.extended, readFileSync(`${name}.extended.xml`, 'utf8'));
    assert.deepEqual(Object.keys(told.localized), ['en']);
  });

  test('two items are a bundle of two updates, each with its file', () => {
    const sdp = `${SAMPLES}/sdp/synthetic/localized-per-language-items.sdp`;
    const [first, second] = [file('de.cab', 'a'), file('ja.cab', 'bb')];
    const args = ['--file', first, '--file', second, '--revision', '3', '--json'];
    const { core, extended, children } = run('sus', 'translate', sdp, ...args).json();
    assert.match(
      core,
      /<BundledUpdates><AtLeastOne><UpdateIdentity UpdateID="[^"]+1" RevisionNumber="3" \/>/,
    );
    assert.doesNotMatch(extended, /<Files>/);
    assert.equal(children.length, 2);
    assert.match(children[1].extended, /<File [^>]*Size="2"/);
    assert.match(
      children[0].core,
      /^<UpdateIdentity UpdateID="00000009-5a5a-4a00-8000-000000000001" RevisionNumber="3" \/>/,
    );
  });

  test('as many files as items, or none', () => {
    const sdp = `${SAMPLES}/sdp/synthetic/localized-per-language-items.sdp`;
    const { status, stderr } = run('sus', 'translate', sdp, '--file', file('one.cab', 'a'));
    assert.equal(status, 2);
    assert.match(stderr, /--file 2 times/);
  });

  test('any update document has its fragments', () => {
    const name = `${SAMPLES}/wusp/fragments/bundle-ccb78947-r200`;
    const told = run('sus', 'fragments', `${name}.update.xml`, '--json').json();
    assert.equal(told.core, readFileSync(`${name}.core.xml`, 'utf8'));
    assert.equal(told.localized.en, readFileSync(`${name}.localized-en.xml`, 'utf8'));
  });
});
