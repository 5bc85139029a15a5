import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createSelfSignedCodeSigning } from '../../../signing/certificates/index.js';
import { temporaryFolder } from '../../formats/programs.js';

const CLI = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));

function cab(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'cab', ...words], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('a folder becomes a cabinet, is signed, verified, and comes out as it went in', (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  mkdirSync(at('in/V2'), { recursive: true });
  writeFileSync(at('in/a.txt'), 'plain text');
  writeFileSync(at('in/V2/b.sdp'), Buffer.alloc(70_000, 7));
  const { key, certificate } = createSelfSignedCodeSigning({ subject: 'CN=Test', now: new Date() });
  writeFileSync(at('key.pem'), `${key}${certificate}`, { mode: 0o600 });
  writeFileSync(at('root.pem'), certificate);

  const created = JSON.parse(cab('create', '--out', at('x.cab'), at('in'), '--json').stdout);
  assert.deepEqual(created.members, ['V2\\b.sdp', 'a.txt']);
  const again = cab('create', '--out', at('x.cab'), at('in'));
  assert.deepEqual([again.status, /is there already/.test(again.stderr)], [2, true]);
  assert.equal(cab('verify', at('x.cab')).status, 1);

  const signing = ['--out', at('y.cab'), '--key', at('key.pem')];
  assert.match(cab('sign', at('x.cab'), ...signing).stderr, /no timestamp authority is named/);
  assert.equal(cab('sign', at('x.cab'), ...signing, '--no-timestamp').status, 0);
  const verified = cab('verify', at('y.cab'), '--trust', at('root.pem'), '--json');
  assert.equal(verified.status, 0);
  assert.equal(JSON.parse(verified.stdout).signature.signer.subject, 'CN=Test');

  assert.equal(cab('extract', at('y.cab'), '--out', at('out')).status, 0);
  assert.equal(readFileSync(at('out/a.txt'), 'utf8'), 'plain text');
  assert.deepEqual(readFileSync(at('out/V2/b.sdp')), Buffer.alloc(70_000, 7));

  const damaged = readFileSync(at('y.cab'));
  damaged.writeUInt8(damaged.readUInt8(200) ^ 1, 200);
  writeFileSync(at('z.cab'), damaged);
  const refused = cab('verify', at('z.cab'), '--trust', at('root.pem'), '--json');
  assert.equal(refused.status, 1);
  assert.equal(JSON.parse(refused.stdout).isGood, false);
});

test('a member that would leave the folder stops the extraction before the first file', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'a.txt'), 'a');
  writeFileSync(join(folder, 'in', 'bb.txt'), 'b');
  cab('create', '--out', join(folder, 'x.cab'), join(folder, 'in'));
  const bytes = readFileSync(join(folder, 'x.cab'));
  bytes.write('../.xy', bytes.indexOf('bb.txt'), 'latin1');
  writeFileSync(join(folder, 'x.cab'), bytes);
  const { status, stderr } = cab('extract', join(folder, 'x.cab'), '--out', join(folder, 'out'));
  assert.equal(status, 2);
  assert.match(stderr, /leaves its folder/);
  assert.throws(() => readFileSync(join(folder, 'out', 'a.txt')));
});
