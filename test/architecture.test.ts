import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** The import table of ARCHITECTURE.md. Everyone imports `core`; only `app` imports everyone; nobody imports `app`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/text': ['src/core'],
  'src/formats': ['src/core'],
  'src/trust': ['src/core', 'src/formats'],
  'src/sus': ['src/core', 'src/text'],
  'src/feeds': ['src/core', 'src/text', 'src/formats'],
  'src/releases': ['src/core', 'src/text', 'src/formats'],
  'src/installers': ['src/core', 'src/text', 'src/formats'],
  'src/packages': ['src/core', 'src/text', 'src/formats', 'src/sus'],
  'src/publishing': ['src/core', 'src/text', 'src/formats', 'src/sus'],
  'src/verification': ['src/core', 'src/text', 'src/formats', 'src/sus'],
  signing: ['src/core', 'src/formats', 'src/trust'],
  'src/net': ['src/core'],
  'src/ledger': ['src/core'],
  'src/dashboard': ['src/core', 'src/text', 'src/operations'],
  'src/content': ['src/core', 'src/text'],
  'src/config': ['src/core', 'src/text'],
  'src/operations': ['src/core'],
  'src/lab': ['src/core', 'src/text', 'src/formats', 'src/sus', 'src/trust', 'signing'],
  workers: ['src/core'],
};

const SOLE_IMPORTER: Readonly<Record<string, readonly string[]>> = {
  semver: ['src/core'],
  'fast-xml-parser': ['src/text'],
  xmlbuilder2: ['src/text'],
  yaml: ['src/text'],
  parse5: ['src/text'],
  re2js: ['src/text'],
  asn1js: ['src/trust'],
  'node-forge': ['signing'],
  got: ['src/net'],
  aws4fetch: ['src/net'],
  'ipaddr.js': ['src/net'],
  kysely: ['src/ledger'],
  libsql: ['src/ledger', 'src/lab'],
  pg: ['src/ledger'],
  fastify: ['src/dashboard'],
  bullmq: ['workers'],
  'cron-parser': ['workers'],
  ioredis: ['workers'],
  pino: ['src/app'],
  commander: ['src/app'],
};

const sources = ['src', 'signing', 'workers'].flatMap((top) =>
  readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
);

function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^'\n]+)'/g)].map((match) => match[1] ?? '');
}

function folderOf(file: string): string {
  const parts = file.split('/');
  return parts[0] === 'src' ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

const edges = sources.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  return importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => ({
      file,
      target: normalize(join(dirname(file), name)).replace(/\.js$/, '.ts'),
      // Types are erased: they make no circle at run time.
      typeOnly: new RegExp(`(import|export) type [^;]*from '${name.replaceAll('.', '\\.')}'`).test(text),
    }));
});

test('every folder imports only what the table allows', () => {
  const wrong = edges.filter(({ file, target }) => {
    const from = folderOf(file);
    const to = folderOf(target);
    return from !== to && from !== 'src/app' && !(MAY_IMPORT[from] ?? []).includes(to);
  });
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} -> ${target}`),
    [],
  );
});

test('every folder with code is in the table', () => {
  const folders = new Set(sources.map(folderOf));
  folders.delete('src/app');
  assert.deepEqual(
    [...folders].filter((folder) => MAY_IMPORT[folder] === undefined),
    [],
  );
});

test('each package has its importer', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    for (const name of importsOf(file)) {
      if (name.startsWith('.') || name.startsWith('node:')) continue;
      const scoped = name.startsWith('@')
        ? name.split('/').slice(0, 2).join('/')
        : (name.split('/')[0] ?? '');
      const owners = scoped.startsWith('@fastify/') ? ['src/dashboard'] : SOLE_IMPORTER[scoped];
      const free = scoped === 'zod';
      if (!free && !(owners ?? []).includes(folderOf(file))) wrong.push(`${file} imports ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('core uses no module of Node but hashing in identity.ts', () => {
  const wrong = sources
    .filter((file) => file.startsWith('src/core/'))
    .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
    .filter(({ name }) => name.startsWith('node:'))
    .filter(({ file, name }) => !(file === 'src/core/identity.ts' && name === 'node:crypto'))
    // Types of Node are no I/O.
    .filter(
      ({ file, name }) => !new RegExp(`import type [^;]* from '${name}'`).test(readFileSync(file, 'utf8')),
    );
  assert.deepEqual(wrong, []);
});

test('files do not import each other in circles', () => {
  const next = new Map<string, string[]>();
  for (const { file, target, typeOnly } of edges)
    if (!typeOnly) next.set(file, [...(next.get(file) ?? []), target]);
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of sources) walk(file, []);
  assert.deepEqual(circles, []);
});
