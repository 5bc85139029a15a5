import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isLocked, lockDataDir } from '../../src/app/data-lock.js';
import { socketPathFor } from '../../src/app/socket-path.js';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
after(() => rmSync(folder, { recursive: true }));

const LOCK = new URL('../../src/app/data-lock.js', import.meta.url).href;

/** A process that takes the lock, says so, and waits to be killed. */
function startHolder(dataDir: string) {
  const program = `
    const { lockDataDir } = await import(${JSON.stringify(LOCK)});
    try { lockDataDir(${JSON.stringify(dataDir)}); console.log('held'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.code + ' ' + error.found); }`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function firstLine(child: ReturnType<typeof startHolder>): Promise<string> {
  const [piece] = await once(child.stdout, 'data');
  return String(piece).trim();
}

test('one process holds a data folder, and a killed one holds it no more', async () => {
  const dataDir = join(folder, 'one');
  assert.equal(isLocked(dataDir), false);
  const holder = startHolder(dataDir);
  assert.equal(await firstLine(holder), 'held');
  assert.equal(isLocked(dataDir), true);
  assert.throws(() => lockDataDir(dataDir), {
    code: 'configuration.invalid',
    where: dataDir,
    found: `process ${holder.pid} works on it`,
  });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.equal(isLocked(dataDir), false);
  const lock = lockDataDir(dataDir);
  assert.equal(isLocked(dataDir), true);
  lock.release();
});

test('of several that start at once on what a killed one left, exactly one holds it', async () => {
  const dataDir = join(folder, 'many');
  const killed = startHolder(dataDir);
  await firstLine(killed);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const children = Array.from({ length: 4 }, () => startHolder(dataDir));
  const answers = await Promise.all(children.map(firstLine));
  for (const child of children) child.kill('SIGKILL');
  assert.deepEqual(answers.filter((answer) => answer === 'held').length, 1, answers.join(' | '));
  for (const answer of answers) assert.match(answer, /^(held|configuration\.invalid process )/);
});

test('a folder that is not ours is refused with what to do', (t) => {
  if (process.getuid?.() === 0) return t.skip('root may write everywhere');
  assert.throws(() => lockDataDir('/proc/patchpress'), { code: 'configuration.invalid' });
});

test('a socket keeps its place while that is short enough, and has the same short one else', () => {
  assert.equal(socketPathFor('/run/patchpress/s.sock'), '/run/patchpress/s.sock');
  const long = join(folder, 'd'.repeat(120), 's.sock');
  const short = socketPathFor(long);
  assert.ok(Buffer.byteLength(short) <= 100);
  assert.equal(socketPathFor(long), short);
  assert.notEqual(socketPathFor(`${long}2`), short);
});
