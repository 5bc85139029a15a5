#!/usr/bin/env node
// `npm test [part of a path...]`: installs what is missing, compiles, and runs the tests with Node's own runner.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, installPackages, ROOT, requireNode, requireRedis } from './bootstrap.mjs';

requireNode();
installPackages();
build();
requireRedis();

const wanted = process.argv.slice(2);
const tests = join(ROOT, 'dist', 'test');
const files = readdirSync(tests, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
  .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word.replace(/\.ts$/, '.js'))))
  .sort();
if (files.length === 0) {
  process.stderr.write(`no test file matches ${wanted.join(' ')}\n`);
  process.exit(1);
}
/** Keys that one process of the tests makes are taken by the others (`test/shared-keys.ts`). */
const keys = mkdtempSync(join(tmpdir(), 'patchpress-test-keys-'));
const preload = `--import=${pathToFileURL(join(tests, 'shared-keys.js'))}`;
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
  {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'test',
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${preload}`,
      PATCHPRESS_TEST_KEYS: keys,
    },
  },
);
rmSync(keys, { recursive: true, force: true });
process.exit(status ?? 1);
