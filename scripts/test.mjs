#!/usr/bin/env node
// `npm test [part of a path...]`: installs what is missing, compiles, and runs the tests with Node's own runner.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
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
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
  { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, NODE_ENV: 'test' } },
);
process.exit(status ?? 1);
