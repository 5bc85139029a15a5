import { startUpdateServices } from '../../src/lab/software-update-point/imported/index.js';

/** What the server has used since it listened. */
export interface ServerUsage {
  readonly cpuSeconds: number;
  readonly maxRssMiB: number;
}

/** The server in a process of its own: tells its port, then what it has used whenever it is asked. */
async function main(): Promise<void> {
  const [importFolder = '', folder = ''] = process.argv.slice(2);
  const services = await startUpdateServices({
    folder,
    importFolder,
    approvals: new Map(),
    hostName: 'localhost',
    port: 0,
    identity: null,
    now: () => new Date(),
    onFault: (error) => process.stderr.write(`${String(error)}\n`),
  });
  const before = process.cpuUsage();
  process.on('message', () => {
    const { user, system } = process.cpuUsage(before);
    const maxRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
    process.send?.({ cpuSeconds: (user + system) / 1e6, maxRssMiB } satisfies ServerUsage);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(services.port);
}

await main();
