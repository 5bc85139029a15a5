// Brings a bare clone to a state in which it runs: npm packages, the compiled program, a Redis server.
// It has no dependencies itself and installs only what is missing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const LEAST_NODE = [20, 19];

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  stop(`Node.js ${process.versions.node} is too old: ${LEAST_NODE.join('.')} or newer is needed.`);
}

/** `npm ci`, when the lockfile is not the one that node_modules was made from. */
export function installPackages() {
  const marker = join(ROOT, 'node_modules', '.patchpress-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  say('Installing npm packages (npm ci) ...');
  run('npm', ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    failure: 'npm ci failed: see its message above; it needs the npm registry.',
  });
  writeFileSync(marker, wanted);
}

export function build() {
  run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json'], {
    failure: 'The program does not compile: see the compiler above.',
  });
}

/** A Redis server on PATH; installed with apt where that is possible, else the one line that does it. */
export function requireRedis() {
  if (process.env.REDIS_URL || onPath('redis-server') || onPath('valkey-server')) return;
  const line = 'apt-get install -y redis-server';
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const canInstall =
    onPath('apt-get') &&
    (sudo.length === 0 || spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0);
  if (!canInstall) {
    stop(
      `No Redis server was found (redis-server or valkey-server). Install one, as root: ${line}\nOr set REDIS_URL.`,
    );
  }
  say(`Installing a Redis server (${line}) ...`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...words) =>
    spawnSync([...sudo, 'apt-get'][0], [...sudo, 'apt-get', ...words].slice(1), {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    }).status === 0;
  const installed =
    apt('install', '-y', '-qq', '--no-install-recommends', 'redis-server') ||
    (apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', 'redis-server'));
  if (!installed || !onPath('redis-server'))
    stop(`The Redis server could not be installed. As root: ${line}`);
}

export function onPath(program) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
    }
  }
  return false;
}

function run(program, words, { failure }) {
  const { status } = spawnSync(program, words, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) stop(failure);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function stop(text) {
  say(text);
  process.exit(1);
}
