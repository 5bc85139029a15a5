import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PermanentError } from '../../core/errors.js';
import type { Log } from '../../core/ports.js';
import { socketPathFor } from '../socket-path.js';

const START_TIMEOUT_MS = 15_000;
const TETHERED_END_MS = 5000;

/**
 * Keeps a server tied to this process: the shell waits for the server, and ends it when our end of its standard input
 * is closed, which the kernel does even when we are killed with -9.
 */
const TETHER =
  'exec 3<&0; "$@" </dev/null & child=$!; ' +
  '(cat <&3 >/dev/null; kill -TERM $child 2>/dev/null) & ' +
  'wait $child; exit $?';

export interface ManagedRedis {
  readonly socketPath: string;
  stop(): Promise<void>;
}

/** Redis as a child: append-only file, no eviction, reachable through a private unix socket only. */
export async function startManagedRedis(dataDir: string, log: Log): Promise<ManagedRedis> {
  const program = findRedisServer();
  const folder = join(resolve(dataDir), 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const socketPath = socketPathFor(join(folder, 'redis.sock'));
  // A killed parent's server still ends; one that stays belongs to someone else, and two would ruin its files.
  await waitUntil(async () => !(await answers(socketPath)), TETHERED_END_MS, {
    expected: 'the server of an earlier run to end',
    nextStep: 'end what works on this data folder, or set REDIS_URL',
  });
  let stopping = false;
  let child = spawn('/bin/sh', ['-c', TETHER, 'sh', program, ...redisArguments(folder, socketPath)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own: Ctrl-C on the terminal reaches us, and we end Redis last.
    detached: true,
  });
  const watch = (): void => {
    child.once('exit', (code) => {
      if (stopping) return;
      log.warn({ code }, 'redis ended and is started again');
      setTimeout(() => {
        if (stopping) return;
        child = spawn('/bin/sh', ['-c', TETHER, 'sh', program, ...redisArguments(folder, socketPath)], {
          stdio: ['pipe', 'ignore', 'ignore'],
          detached: true,
        });
        watch();
      }, 500);
    });
  };
  watch();
  await waitUntil(() => answers(socketPath), START_TIMEOUT_MS, {
    expected: `PONG within ${START_TIMEOUT_MS / 1000} seconds`,
    nextStep: 'look whether its folder can be written, or set REDIS_URL',
  });
  return {
    socketPath,
    async stop() {
      stopping = true;
      const ended = new Promise((done) => child.once('exit', done));
      child.stdin?.end();
      await Promise.race([ended, pause(5000, undefined, { ref: false })]);
    },
  };
}

export function findRedisServer(path: string = process.env.PATH ?? ''): string {
  for (const folder of path.split(delimiter)) {
    for (const name of ['redis-server', 'valkey-server']) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new PermanentError('configuration.invalid', 'no Redis server was found', {
    expected: 'redis-server or valkey-server on PATH, or REDIS_URL',
    nextStep: 'apt-get install -y redis-server',
  });
}

function redisArguments(folder: string, socketPath: string): string[] {
  const options = {
    port: '0',
    unixsocket: socketPath,
    unixsocketperm: '700',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolveAnswer) => {
    const socket = createConnection(socketPath);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolveAnswer(answer);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (bytes) => end(bytes.toString().startsWith('+PONG')));
  });
}

async function waitUntil(
  condition: () => Promise<boolean>,
  timeoutMs: number,
  fault: { readonly expected: string; readonly nextStep: string },
): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > until) {
      throw new PermanentError('configuration.invalid', 'the managed Redis cannot be used', fault);
    }
    await pause(25);
  }
}
