#!/usr/bin/env node
// The `patchpress` command. In a checkout it is compiled first, so that it is never older than its source.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bootstrap.mjs';

const main = 'src/app/mains/cli.js';
if (existsSync(join(ROOT, 'tsconfig.json'))) {
  process.argv.splice(2, 0, main);
  await import('./run.mjs');
} else {
  process.setSourceMapsEnabled(true);
  await import(`../dist/${main}`);
}
