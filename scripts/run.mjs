#!/usr/bin/env node
// Starts one of the mains from a bare clone: `node scripts/run.mjs src/app/mains/demo.js [words...]`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, installPackages, ROOT, requireNode, requireRedis } from './bootstrap.mjs';

const [main, ...words] = process.argv.slice(2);
requireNode();
installPackages();
build();
if (main !== 'src/app/mains/cli.js') requireRedis();

const file = join(ROOT, 'dist', main);
process.argv = [process.execPath, file, ...words];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(file).href);
