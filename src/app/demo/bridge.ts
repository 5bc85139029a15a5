import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabReady } from '../../lab/index.js';
import type { Bridge } from '../../publishing/software-update-point/bridge.js';
import { createCommandBridge } from '../../publishing/software-update-point/command-bridge.js';
import { replaceFile } from '../keys.js';

const TIMEOUT_MS = 120_000;
const FAR_SIDE = fileURLToPath(new URL('../../lab/windows-bridge/main.js', import.meta.url));

/** The bridge to the lab's update server: the stand-in for the script on Windows, run for each job as ssh would be. */
export function openBridge(dataDir: string, lab: LabReady): Bridge {
  const folder = join(dataDir, 'lab-access');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'windows-bridge.json');
  const { baseUrl, bridgeToken: token, token: siteToken, port } = lab.softwareUpdatePoint;
  const server = {
    host: new URL(baseUrl).hostname,
    address: '127.0.0.1',
    port,
    ca: lab.tlsCa,
    token,
    siteToken,
  };
  replaceFile(file, JSON.stringify(server));
  return createCommandBridge({ command: [process.execPath, FAR_SIDE, file], timeoutMs: TIMEOUT_MS });
}
