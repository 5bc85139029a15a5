import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const INSTALLED = '/usr/lib/postgresql';

/** Debian keeps the server's programs out of PATH; the newest, or null where none is installed. */
export function findPostgres(): string | null {
  if (!existsSync(INSTALLED)) return null;
  const versions = readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a));
  const folders = versions.map((version) => join(INSTALLED, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

/** Becomes the command, and interrupts it when the input ends: also when the test is killed. */
const UNTIL_INPUT_ENDS = 'exec 3<&0; (cat <&3 >/dev/null; kill -INT $$) & exec "$@" 3<&- </dev/null';

export interface PostgresServer {
  /** A connection string of a new, empty database. */
  newDatabase(): Promise<string>;
  /** As the server's administrator. */
  run(sql: string): Promise<void>;
  stop(): Promise<void>;
}

/** A real server on a unix socket in a folder of its own. It refuses to run as root, so then it is `postgres`. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-'));
  const identity = process.getuid?.() === 0 ? identityOf('postgres') : {};
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid ?? 0);
  const data = join(folder, 'data');
  const options = { cwd: folder, ...identity };
  const init = ['-D', data, '-A', 'trust', '-U', 'patchpress', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(programs, 'initdb'), init, { ...options, stdio: 'ignore' });
  const settings = ['listen_addresses=', 'fsync=off', 'max_connections=60'].flatMap((one) => ['-c', one]);
  const command = [join(programs, 'postgres'), '-D', data, '-k', folder, ...settings];
  const server = spawn('sh', ['-c', UNTIL_INPUT_ENDS, 'sh', ...command], {
    ...options,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('ready to accept connections')) resolve();
    });
    void ended.then(() => reject(new Error(`postgres ended: ${said}`)));
  });
  let made = 0;
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ host: folder, user: 'patchpress', database: 'postgres' });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  return {
    run,
    async newDatabase() {
      made += 1;
      await run(`create database ledger${made}`);
      return `postgres://patchpress@/ledger${made}?host=${encodeURIComponent(folder)}`;
    },
    async stop() {
      server.stdin.end();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

function identityOf(user: string): { readonly uid?: number; readonly gid?: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
