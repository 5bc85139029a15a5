#!/usr/bin/env node
// The `patchpress` command: the compiled program if there is one, else built first.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bootstrap.mjs';

const main = 'src/app/mains/cli.js';
if (existsSync(join(ROOT, 'dist', main))) {
  process.setSourceMapsEnabled(true);
  await import(`../dist/${main}`);
} else {
  process.argv.splice(2, 0, main);
  await import('./run.mjs');
}
