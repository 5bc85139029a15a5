#!/usr/bin/env node
// Some registries lack the packages of platforms other than their own; `npm install` then leaves these optional
// dependencies out of the lockfile and `npm ci` refuses it ("Missing: ... from lock file"). This adds an entry for each.
// Run it after every change of the lockfile.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${path === '' ? '' : `${path}/`}node_modules/${name}`;
    if (lock.packages[`node_modules/${name}`] !== undefined || lock.packages[nested] !== undefined) continue;
    const [os, cpu] = platformOf(name);
    lock.packages[`node_modules/${name}`] = {
      version: version.replace(/^[^0-9]*/, ''),
      ...(os === null ? {} : { os: [os] }),
      ...(cpu === null ? {} : { cpu: [cpu] }),
      optional: true,
    };
    added.push(name);
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(added.length === 0 ? 'the lockfile is complete\n' : `added ${added.join(', ')}\n`);

function platformOf(name) {
  const os = /(darwin|win32|linux|freebsd|android|openbsd|netbsd|sunos|aix)/.exec(name)?.[1] ?? null;
  const cpu = /(arm64|x64|ia32|riscv64|s390x|ppc64|loong64|mips64el|arm)(?![a-z0-9])/.exec(name)?.[1] ?? null;
  return [os, cpu];
}
