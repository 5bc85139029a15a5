#!/usr/bin/env node
// `npm test [part of a path...]`: installs what is missing, compiles, and runs the tests with Node's own runner.
// PATCHPRESS_LONG=1 runs those too that take a minute of their own; so does naming them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, installPackages, ROOT, requireNode, requireRedis } from './bootstrap.mjs';

requireNode();
installPackages();
build();
requireRedis();

const wanted = process.argv.slice(2);
const tests = join(ROOT, 'dist', 'test');
const found = readdirSync(tests, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
  .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word.replace(/\.ts$/, '.js'))))
  .sort();
/** Whole demos that are killed, troubled, swept or larger: behaviour that the others show once, shown at every place. */
const LONG = [
  'demo/second-release',
  'demo/stand-ins',
  'demo/step-kill',
  'demo/troubled',
  'publishing/conformance',
];
const isLong = (file) => LONG.some((part) => file.includes(join('test', ...part.split('/'))));
const isAll = process.env.PATCHPRESS_LONG === '1' || wanted.length > 0;
const files = isAll ? found : found.filter((file) => !isLong(file));
if (!isAll) process.stdout.write(`Left out, PATCHPRESS_LONG=1 runs them: ${LONG.join(', ')}\n`);
if (files.length === 0) {
  process.stderr.write(`no test file matches ${wanted.join(' ')}\n`);
  process.exit(1);
}
/** Tests that share nothing but the processor: those of a folder run in one process, whose start costs more than they do. */
const PURE = [
  'config',
  'core',
  'feeds',
  'formats',
  'installers',
  'packages',
  'releases',
  'sus',
  'text',
  'trust',
];
const groups = mkdtempSync(join(tmpdir(), 'patchpress-tests-'));
const folderOf = (file) => relative(tests, join(ROOT, file)).split(sep)[0];
const together = PURE.flatMap((folder) => {
  const imports = files
    .filter((file) => folderOf(file) === folder)
    .map((file) => pathToFileURL(join(ROOT, file)));
  if (imports.length === 0) return [];
  const group = join(groups, `${folder}.test.mjs`);
  writeFileSync(group, imports.map((url) => `import '${url.href}';\n`).join(''));
  return [group];
});
const alone = files.filter((file) => !PURE.includes(folderOf(file)));
/** Keys that one process of the tests makes are taken by the others (`test/shared-keys.ts`). */
const keys = mkdtempSync(join(tmpdir(), 'patchpress-test-keys-'));
const preload = `--import=${pathToFileURL(join(tests, 'shared-keys.js'))}`;
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=2', '--test-reporter=spec', ...alone, ...together],
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
for (const folder of [keys, groups]) rmSync(folder, { recursive: true, force: true });
process.exit(status ?? 1);
